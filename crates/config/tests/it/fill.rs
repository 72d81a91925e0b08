//! Placeholders for keys that are missing: where they are put, that they change nothing, and that they are put once.

use sternway_config::fill::{Kind, Put, Sheet};

use super::formats::{Beside, SAMPLES, told};

fn kind(name: &str) -> Kind<'_> {
    Kind { name, path: "x", part: None }
}

/// The file with placeholders for these keys, in this order; keys that are refused, with why.
fn filled_as(kind: Kind<'_>, file: &str, text: &str, keys: &[&str], order: &[&str]) -> (String, Vec<String>) {
    let files = Beside::of(&[(kind.path, text), (file, text)]);
    let order: Vec<String> = order.iter().map(ToString::to_string).collect();
    let mut sheet = Sheet::of(file, text.as_bytes(), &files).unwrap();
    let mut refused = Vec::new();
    for key in keys {
        match sheet.add(kind, key, &order) {
            Ok(Put::Written) => {}
            Ok(Put::There(line)) => refused.push(format!("{key} is there: {line}")),
            Err(why) => refused.push(format!("{key}: {why}")),
        }
    }
    let new = sheet.bytes();
    for placeholder in sheet.written() {
        let lines: Vec<&str> = std::str::from_utf8(&new).unwrap().lines().collect();
        let from = placeholder.line as usize - 1;
        assert_eq!(lines[from..from + placeholder.text.len()], placeholder.text, "{placeholder:?}");
    }
    // A second time nothing is written.
    let files = Beside::of(&[(kind.path, std::str::from_utf8(&new).unwrap())]);
    let mut again = Sheet::of(file, &new, &files).unwrap();
    for key in keys {
        let put = again.add(kind, key, &order);
        assert!(!matches!(put, Ok(Put::Written)), "{key} twice in\n{}", String::from_utf8_lossy(&again.bytes()));
    }
    assert_eq!(again.bytes(), new);
    (String::from_utf8(new).unwrap(), refused)
}

#[track_caller]
fn fills(name: &str, text: &str, keys: &[&str], order: &[&str], expected: &str) {
    let (new, refused) = filled_as(kind(name), "x", text, keys, order);
    assert_eq!((new.as_str(), refused), (expected, Vec::new()), "{name}");
}

#[track_caller]
fn refuses(name: &str, text: &str, key: &str, why: &str) {
    let (new, refused) = filled_as(kind(name), "x", text, &[key], &[]);
    assert_eq!((new.as_str(), refused), (text, vec![format!("{key}: {why}")]), "{name}");
}

#[test]
fn a_variable_stands_beside_its_neighbours_of_the_other_environments_file() {
    let order = &["A", "MAIL_HOST", "MAIL_PORT", "MAIL_USER", "Z"];
    fills(
        "dotenv",
        "A=1\n\n# mail\nMAIL_HOST=x\n\nZ=2\n",
        &["MAIL_PORT"],
        order,
        "A=1\n\n# mail\nMAIL_HOST=x\n# MAIL_PORT=\n\nZ=2\n",
    );
    // Several, in whatever order they are found.
    let expected = "A=1\nMAIL_HOST=x\n# MAIL_PORT=\n# MAIL_USER=\nZ=2\n";
    fills("dotenv", "A=1\nMAIL_HOST=x\nZ=2\n", &["MAIL_PORT", "MAIL_USER"], order, expected);
    // Before what follows, when nothing that comes before it is there; not between that and its comment.
    fills("dotenv", "X=1\n# the last\nZ=2\n", &["MAIL_PORT"], order, "X=1\n# MAIL_PORT=\n# the last\nZ=2\n");
    // Values of several lines stay whole, also where they look like comments.
    let long = "A=\"1\n# not a comment\n\n# nor this\"\nZ=2\n";
    fills("dotenv-php", long, &["MAIL_PORT"], order, &long.replace("Z=2", "# MAIL_PORT=\nZ=2"));
    fills(
        "dotenv-node",
        "export A=1\r\nexport Z=2\r\n",
        &["MAIL_PORT"],
        order,
        "export A=1\r\n# export MAIL_PORT=\r\nexport Z=2\r\n",
    );
    // Without another environment that has it: beside those that begin as it does, else at the end.
    fills("dotenv", "MAIL_HOST=x\nZ=2\n", &["MAIL_PORT"], &[], "MAIL_HOST=x\n# MAIL_PORT=\nZ=2\n");
    fills("dotenv-docker", "A=1\nZ=2", &["MAIL_PORT"], &[], "A=1\nZ=2\n# MAIL_PORT=");
    fills("dotenv", "", &["MAIL_PORT"], order, "# MAIL_PORT=\n");
    for name in ["dotenv-compose", "dotenv-symfony", "dotenv-python", "dotenv-ruby"] {
        fills(name, "A=1\nZ=2\n", &["MAIL_PORT"], order, "A=1\n# MAIL_PORT=\nZ=2\n");
    }
}

#[test]
fn what_somebody_has_taken_out_by_a_comment_is_there() {
    for text in ["A=1\n#KEY=old\n", "A=1\n ## export KEY = \"old\"\n", "# KEY=\nA=1\n"] {
        let (new, there) = filled_as(kind("dotenv"), "x", text, &["KEY"], &[]);
        assert_eq!((new.as_str(), there.len()), (text, 1), "{there:?}");
    }
    fills(
        "dotenv",
        "A=1\n# KEY is for later\n# KEYS=1\n",
        &["KEY"],
        &["A", "KEY"],
        "A=1\n# KEY=\n# KEY is for later\n# KEYS=1\n",
    );
}

#[test]
fn yaml_has_it_in_its_map_or_with_the_maps_that_are_missing() {
    let text = "app:\n  name: x\n  redis:\n    host: h\n    tls:\n      ca: c\nlog: info\n";
    let order = &["app.name", "app.redis.host", "app.redis.port", "app.redis.tls.ca", "app.zone", "log"];
    fills(
        "yaml",
        text,
        &["app.redis.port", "app.zone"],
        order,
        "app:\n  name: x\n  redis:\n    host: h\n    # port:\n    tls:\n      ca: c\n  # zone:\nlog: info\n",
    );
    let order = &["app.name", "mail.smtp.host", "mail.smtp.port", "log"];
    fills(
        "yaml",
        "app:\n  name: x\nlog: info\n",
        &["mail.smtp.host", "mail.smtp.port"],
        order,
        "app:\n  name: x\n# mail:\n#   smtp:\n#     host:\n#     port:\nlog: info\n",
    );
    // A block of text is not cut in two.
    let block = "a:\n  t: |\n    # text\n    more\n\n  u: 1\n";
    fills("yaml", block, &["a.tt"], &["a.t", "a.tt", "a.u"], &block.replace("more\n", "more\n  # tt:\n"));
    refuses("yaml", "a: {b: 1, c: 2}\n", "a.d", "no place was found where it would be read");
    let spring = Kind { name: "spring", path: "application.yml", part: None };
    let text = "spring:\n  data:\n    redis:\n      host: h\n";
    let order = &["spring.data.redis.host", "spring.data.redis.max-active"];
    let (new, _) = filled_as(spring, "application.yml", text, &["spring.data.redis.max-active"], order);
    assert_eq!(new, "spring:\n  data:\n    redis:\n      host: h\n      # max-active:\n");
}

#[test]
fn compose_and_kubernetes_have_it_in_the_environment_of_the_service() {
    let compose = Kind { name: "compose", path: "x", part: Some("web") };
    let text = "services:\n  web:\n    environment:\n      A: \"1\"\n      C: x\n  api:\n    environment:\n      - A=1\n      - C=3\n";
    let (new, _) = filled_as(compose, "x", text, &["B"], &["A", "B", "C"]);
    assert_eq!(new, text.replace("      C: x", "      # B:\n      C: x"));
    let (new, _) = filled_as(Kind { part: Some("api"), ..compose }, "x", text, &["B"], &["A", "B", "C"]);
    assert_eq!(new, text.replace("      - C=3", "      # - B=\n      - C=3"));
    let kubernetes = Kind { name: "kubernetes", path: "x", part: Some("web") };
    let text = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          env:\n            - name: A\n              value: \"1\"\n            - name: C\n              value: x\n          image: i\n";
    let (new, refused) = filled_as(kubernetes, "x", text, &["B"], &["A", "B", "C"]);
    let with = "            # - name: B\n            #   value:\n            - name: C";
    assert_eq!((new, refused), (text.replace("            - name: C", with), Vec::new()));
    let map = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  A: \"1\"\n---\nkind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec:\n  containers:\n    - name: web\n      envFrom: [{configMapRef: {name: c}}]\n";
    let (new, refused) = filled_as(kubernetes, "x", map, &["B"], &["A", "B"]);
    assert_eq!((new, refused), (map.replace("  A: \"1\"\n", "  A: \"1\"\n  # B:\n"), Vec::new()));
}

#[test]
fn sections_of_ini_and_tables_of_toml() {
    let order = &["debug", "db.host", "db.port", "mail.host", "mail.port"];
    fills(
        "ini",
        "debug = 1\n[db]\nhost = x\n\n[log]\nlevel = 1\n",
        &["db.port"],
        order,
        "debug = 1\n[db]\nhost = x\n; port =\n\n[log]\nlevel = 1\n",
    );
    fills(
        "ini",
        "debug = 1\n[db]\nhost = x\n",
        &["mail.host", "mail.port"],
        order,
        "debug = 1\n[db]\nhost = x\n; [mail]\n; host =\n; port =\n",
    );
    fills(
        "toml",
        "debug = 1\n[db]\nhost = \"x\"\n[log]\nlevel = 1\n",
        &["db.port"],
        order,
        "debug = 1\n[db]\nhost = \"x\"\n# port =\n[log]\nlevel = 1\n",
    );
    fills(
        "toml",
        "[db]\nhost = \"x\"\n",
        &["mail.host", "mail.port"],
        order,
        "[db]\nhost = \"x\"\n# [mail]\n# host =\n# port =\n",
    );
    let order = &["session.save_handler", "session.save_path"];
    fills(
        "php-ini",
        "[PHP]\nsession.save_handler = redis\n",
        &["session.save_path"],
        order,
        "[PHP]\nsession.save_handler = redis\n; session.save_path =\n",
    );
    let order = &["a.b", "a.c", "a.d"];
    fills("properties", "a.b=1\na.d : x\\\n  y\n", &["a.c"], order, "a.b=1\n# a.c=\na.d : x\\\n  y\n");
}

#[test]
fn php_has_it_in_its_array_or_as_its_other_constants_and_variables() {
    let order = &["driver", "redis.host", "redis.port", "redis.db"];
    let text = "<?php\nreturn [\n    'driver' => 'redis',\n    'redis' => [\n        'host' => env('H'),\n        'db' => 1\n    ],\n];\n";
    fills("php", text, &["redis.port"], order, &text.replace("        'db'", "        // 'port' => ,\n        'db'"));
    // An entry without a comma at its end can only be preceded.
    let order = &["driver", "redis.host", "redis.db", "redis.zone"];
    fills("php", text, &["redis.zone"], order, &text.replace("        'db'", "        // 'zone' => ,\n        'db'"));
    let order = &["A", "B", "C"];
    let wp = "<?php\ndefine( 'A', 'x' );\n\n/* stop editing */\ndefine( 'C', 1 );\n";
    fills("wp-config", wp, &["B"], order, &wp.replace("'x' );\n", "'x' );\n// define( 'B',  );\n"));
    fills(
        "php",
        "<?php\nconst A = 1;\nconst C = 2;\n",
        &["B"],
        order,
        "<?php\nconst A = 1;\n// const B = ;\nconst C = 2;\n",
    );
    let order = &["config.db.host", "config.db.port"];
    let text = "<?php\n$config['db']['host'] = 'x';\n";
    fills("php", text, &["config.db.port"], order, &format!("{text}// $config['db']['port'] = ;\n"));
    refuses("php", "<?php\nreturn ['a' => 1];\n", "b", "no place was found where it would be read");
}

#[test]
fn json_with_comments_and_xml() {
    refuses("json", "{\"a\": 1}\n", "b", "JSON has no comments");
    let text = "{\n  \"A\": 1,\n  \"Redis\": {\n    \"Host\": \"x\"\n  }\n}\n";
    let with = "    // \"Port\": ,\n    \"Host\"";
    fills(
        "appsettings",
        text,
        &["Redis:Port"],
        &["A", "Redis:Host", "Redis:Port"],
        &text.replace("    \"Host\"", with),
    );
    fills("json5", text, &["Redis.Port"], &["A", "Redis.Host", "Redis.Port"], &text.replace("    \"Host\"", with));
    let nested = "  // \"Mail\": { \"Host\":  },\n  \"A\"";
    fills("appsettings", text, &["Mail:Host"], &["Mail:Host", "A"], &text.replace("  \"A\"", nested));
    let text = "<configuration>\n  <appSettings>\n    <add key=\"A\" value=\"1\" />\n  </appSettings>\n  <connectionStrings>\n    <add name=\"Db\" connectionString=\"x\" />\n  </connectionStrings>\n</configuration>\n";
    let with = "value=\"1\" />\n    <!-- <add key=\"B\" value=\"\" /> -->\n";
    fills(
        "web-config",
        text,
        &["appSettings:B"],
        &["appSettings:A", "appSettings:B"],
        &text.replace("value=\"1\" />\n", with),
    );
    let with = "connectionString=\"x\" />\n    <!-- <add name=\"Log\" connectionString=\"\" /> -->\n";
    let order = &["ConnectionStrings:Db", "ConnectionStrings:Log"];
    fills("web-config", text, &["ConnectionStrings:Log"], order, &text.replace("connectionString=\"x\" />\n", with));
    let text = "<r>\n  <a>1</a>\n  <c>2</c>\n</r>\n";
    fills("xml", text, &["r.b"], &["r.a", "r.b", "r.c"], &text.replace("  <c>", "  <!-- <b></b> -->\n  <c>"));
}

#[test]
fn units_and_servers() {
    let order = &["A", "B", "C"];
    let unit = "[Service]\nEnvironment=A=1\nEnvironment=C=3\nExecStart=/bin/x\n";
    fills("systemd", unit, &["B"], order, &unit.replace("Environment=C", "# Environment=B=\nEnvironment=C"));
    let nginx = "server {\n  location / {\n    fastcgi_param A 1;\n    fastcgi_param C 3;\n  }\n}\n";
    fills(
        "nginx",
        nginx,
        &["B"],
        order,
        &nginx.replace("    fastcgi_param C", "    # fastcgi_param B ;\n    fastcgi_param C"),
    );
    let apache = "<VirtualHost *>\n  SetEnv A 1\n</VirtualHost>\n";
    fills("apache", apache, &["B"], order, &apache.replace("A 1\n", "A 1\n  # SetEnv B\n"));
    refuses("systemd", "[Service]\nExecStart=/bin/x\n", "B", "no place was found where it would be read");
    refuses("files", "", "B", "each value is a file of its own there");
    refuses("command", "A=1\n", "B", "a command prints it");
}

#[test]
fn names_that_would_end_the_comment_are_not_written() {
    for (name, text, key) in [
        ("dotenv", "A=1\n", "B\nC=1"),
        ("php", "<?php\nreturn [\n  'a' => 1,\n];\n", "b?>x"),
        ("php", "<?php\nreturn [\n  'a' => 1,\n];\n", "b' => 1, 'c"),
        ("xml", "<r>\n  <a>1</a>\n</r>\n", "r.b--x"),
        ("yaml", "a: 1\n", "b: [1"),
    ] {
        refuses(name, text, key, "its name cannot be written plainly");
    }
}

/// Whatever is asked for in whatever file, it reads as before, and a second time nothing is written.
#[test]
fn no_sample_reads_otherwise_afterwards() {
    for (name, text) in SAMPLES {
        let files = Beside::of(&[("x", text)]);
        let read = |bytes: &[u8]| told(super::formats::read_with(name, bytes, None, &Beside::default()));
        for key in ["NEW", "A", "a.new", "a.b.c", "C.x", "x:y", "0", "services.web", "ConnectionStrings:New"] {
            let mut sheet = Sheet::of("x", text.as_bytes(), &files).unwrap();
            let put = sheet.add(kind(name), key, &["A".to_owned(), key.to_owned(), "B".to_owned()]);
            assert_eq!(read(&sheet.bytes()), read(text.as_bytes()), "{name} {key} {put:?}");
            assert_eq!(sheet.bytes() != text.as_bytes(), put == Ok(Put::Written), "{name} {key}");
            let written = sheet.written();
            assert!(written.iter().flat_map(|one| &one.text).all(|line| !line.contains("hidden")), "{written:?}");
        }
    }
}

mod writing {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use sternway_config::fill::write::{inside, replace};

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_with_its_mode_and_its_attributes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.env");
        fs::write(&file, "A=1\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let kept = rustix::fs::setxattr(&file, "user.note", b"mine", rustix::fs::XattrFlags::empty()).is_ok();
        symlink("a.env", folder.path().join("link.env")).unwrap();
        let path = inside(folder.path(), "link.env").unwrap();
        replace(&path, b"A=1\n", b"A=1\n# B=\n").unwrap();
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode(&file)), ("A=1\n# B=\n", 0o640));
        assert!(fs::symlink_metadata(folder.path().join("link.env")).unwrap().is_symlink());
        if kept {
            let mut value = [0; 16];
            let length = rustix::fs::getxattr(&file, "user.note", &mut value).unwrap();
            assert_eq!(&value[..length], b"mine");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn what_cannot_or_must_not_be_replaced_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (project, outside) = (folder.path().join("project"), folder.path().join("outside.env"));
        fs::create_dir(&project).unwrap();
        fs::write(&outside, "A=1\n").unwrap();
        symlink(&outside, project.join("link.env")).unwrap();
        symlink(folder.path(), project.join("folder")).unwrap();
        for file in ["link.env", "../outside.env", "folder/outside.env"] {
            assert_eq!(inside(&project, file).unwrap_err().to_string(), "it leads out of the project", "{file}");
        }
        let file = project.join("a.env");
        let refused = |before: &[u8]| {
            let why = replace(&file, before, b"B=2\n").unwrap_err().to_string();
            assert_eq!(fs::read_to_string(&file).unwrap(), "A=1\n");
            assert_eq!(fs::read_dir(&project).unwrap().count(), 3 + usize::from(project.join("b.env").exists()));
            why
        };
        fs::write(&file, "A=1\n").unwrap();
        assert_eq!(refused(b"A=0\n"), "it was changed meanwhile: type it again");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(refused(b"A=1\n"), "it is read-only");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&file, project.join("b.env")).unwrap();
        assert!(refused(b"A=1\n").contains("hard links"));
    }
}
