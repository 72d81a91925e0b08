//! nginx configuration.

use sternway_config::formats::format;
use sternway_config::source::{Input, Read};

use crate::formats::{Beside, found, places, read, told};

/// What the file, the first one, says with the others beside it.
fn nginx(part: Option<&str>, files: &[(&str, &str)]) -> Read {
    let beside = Beside::of(&files[1..]);
    let (file, text) = files[0];
    (format("nginx").unwrap().read)(&Input { bytes: text.as_bytes(), file, part, files: &beside })
}

#[test]
fn values_are_unquoted_as_nginx_does() {
    for (text, expected) in [
        ("fastcgi_param A b;", "A=b"),
        ("fastcgi_param A \"b c\";fastcgi_param B 'd \"e\"';", "A=b c B=d \"e\""),
        ("fastcgi_param A b\\ c\\\"d;", "A=b\\ c\"d"),
        ("fastcgi_param A \"a\\nb\\\\c\\d\";", "A=a|b\\c\\d"),
        ("# c;\nfastcgi_param A b#c; # d\n", "A=b#c"),
        ("fastcgi_param A $host; fastcgi_param B x${host}y;", "A=? B=?"),
        ("fastcgi_param A ''; fastcgi_param B '' if_not_empty;", "A="),
        ("fastcgi_param QUERY_STRING $query_string; fastcgi_param HTTPS on;", "HTTPS=on"),
        ("env A=b; env C; uwsgi_param D e;", "A=b C=? D=e"),
        ("proxy_set_header A b; fastcgi_param B c;", "B=c"),
        ("fastcgi_param PHP_VALUE \"a.b=c\nd=\\\"e f\\\"\";", "a.b=c d=e f"),
        ("fastcgi_param A;", "S0201 1:1"),
        ("fastcgi_param A 'b", "S0201 1:17"),
        ("fastcgi_param A 'b'c;", "S0201 1:20"),
        ("fastcgi_param A b", "S0201 1:18"),
        ("server {", "S0201 1:9"),
    ] {
        assert_eq!(told(read("nginx", text)), expected, "{text}");
    }
    assert_eq!(places(&read("nginx", "http {\n  fastcgi_param A b;\n}")), ["A 2:3"]);
    assert_eq!(found(&read("nginx", "fastcgi_param A b; fastcgi_param A c;")), ["warning s0203 1:1"]);
}

const SITES: &str = r"
env TZ=UTC;
http {
  fastcgi_param OUTER 1;
  server { listen 80; return 301 https://$host; }
  server {
    server_name shop.example www.shop.example;
    location / { try_files $uri /index.php; }
    location ~ \.php$ { include fastcgi_params; fastcgi_param REDIS cache; fastcgi_pass unix:/run/php.sock; }
  }
  server {
    server_name api.example;
    location /v1 { fastcgi_pass unix:/run/php.sock; }
  }
}
";

#[test]
fn a_level_with_parameters_of_its_own_inherits_none() {
    let shop = "REDIS=cache TZ=UTC";
    let files = [("conf/nginx.conf", SITES)];
    for part in ["shop.example", "www.shop.example", "~ \\.php$", "shop.example ~ \\.php$"] {
        assert_eq!(told(nginx(Some(part), &files)), shop, "{part}");
    }
    for part in ["api.example", "/v1", "api.example/v1"] {
        assert_eq!(told(nginx(Some(part), &files)), "OUTER=1 TZ=UTC", "{part}");
    }
    let read = nginx(None, &files);
    assert_eq!(found(&read), ["note s0201 9:25", "error s0245 0:0"]);
    assert!(read.findings[1].message.contains("`api.example/v1`, `shop.example ~ \\.php$`"));
    assert_eq!(told(nginx(Some("none"), &files)), "S0201 9:25, S0245 0:0");
}

#[test]
fn included_files_are_read() {
    let main = "http { include sites-enabled/*; include mime.types; }";
    let site = "server { location / { include snippets/app.conf; fastcgi_pass x; fastcgi_param B 2; } }";
    let files = [
        ("etc/nginx/nginx.conf", main),
        ("etc/nginx/sites-enabled/shop", site),
        ("etc/nginx/snippets/app.conf", "fastcgi_param A 1;"),
    ];
    assert_eq!(told(nginx(None, &files)), "A=1 B=2");
    assert_eq!(nginx(None, &files).assignments[0].place.file, "etc/nginx/snippets/app.conf");
    // A site alone, with what lies in the folder above it.
    let alone = [("x/sites/shop", site), ("x/snippets/app.conf", "fastcgi_param A 3;")];
    assert_eq!(told(nginx(None, &alone)), "A=3 B=2");
    assert_eq!(found(&nginx(None, &alone[..1])), ["warning s0201 1:23"]);
    let round = [("a", "include b;"), ("b", "include b;")];
    assert_eq!(found(&nginx(None, &round)), ["error s0201 1:1"]);
}
