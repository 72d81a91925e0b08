//! Brokers, caches, mail, HTTP.

use sternway_config::stores::{Dialect, Remark};

use super::{read, table};

#[test]
fn amqp_without_a_path_is_the_root_and_with_a_bare_slash_the_empty_vhost() {
    table(
        Dialect::Amqp,
        &[
            ("amqp://h", "h:~5672 vhost=~/ user=~guest pass=~guest tls=~Off"),
            ("amqp://h/", "h:~5672 vhost= user=~guest pass=~guest tls=~Off"),
            ("amqp://h/%2f", "h:~5672 vhost=/ user=~guest pass=~guest tls=~Off"),
            ("amqp://u:p%2B+@h:10000/v%2Fw", "h:10000 vhost=v/w user=u pass=p++ tls=~Off"),
            ("amqp://u@h", "h:~5672 vhost=~/ user=u tls=~Off"),
            ("amqps://[::1]/v", "::1:~5671 vhost=v user=~guest pass=~guest tls=On"),
            ("amqps://h?verify=verify_none&heartbeat=5", "h:~5671 vhost=~/ user=~guest pass=~guest tls=Unverified"),
            ("amqp://", "~localhost:~5672 vhost=~/ user=~guest pass=~guest tls=~Off"),
            ("amqp://h/a/b", "!%2f"),
        ],
    );
    assert!(read(Dialect::Amqp, "amqp://h/").remarks.contains(&Remark::EmptyVhost));
}

#[test]
fn memcached() {
    table(
        Dialect::Memcached,
        &[
            ("a,b:11212", "a:~11211,b:11212 tls=~Off"),
            ("memcached://u:p@a:1,b:2", "a:1,b:2 user=u pass=p tls=~Off"),
            ("/run/m.sock", "socket /run/m.sock tls=~Off"),
            ("", "!server"),
        ],
    );
    table(
        Dialect::PhpMemcached,
        &[
            ("a:11211,b:11211", "a:11211,b:11211 prefix=? tls=~Off"),
            ("PERSISTENT=pool a:11211:2", "a:11211 prefix=? tls=~Off weight:a:11211=2"),
            ("tcp://a:11211?persistent=1, tcp://b:11211", "a:11211,b:11211 tls=~Off"),
        ],
    );
}

#[test]
fn mail() {
    table(
        Dialect::SymfonyMailer,
        &[
            ("smtp://u:p%40@mail", "mail:~25 user=u pass=p@ tls=~Prefer"),
            ("smtps://mail", "mail:~465 tls=On"),
            ("smtp://mail:587?verify_peer=0&require_tls=true", "mail:587 tls=Unverified"),
            ("smtp://mail?auto_tls=false", "mail:~25 tls=Off"),
            ("mailgun+smtp://KEY:WORD@default", "? group=mailgun+smtp user=KEY pass=WORD"),
            ("failover(smtp://a smtp://b)", "?"),
        ],
    );
    table(
        Dialect::Nodemailer,
        &[("smtp://mail", "mail:~587 tls=~Prefer"), ("smtp://mail?secure=true", "mail:~465 tls=On")],
    );
    table(Dialect::Smtp, &[("smtp://mail", "mail:? tls=~Prefer"), ("imap://mail", "!scheme")]);
}

#[test]
fn http() {
    table(
        Dialect::Http,
        &[
            ("https://API.example.com/v1/", "api.example.com:~443 path=/v1/ tls=On"),
            ("http://u:p@h:8080", "h:8080 path=~/ user=u pass=p tls=Off"),
            ("http://h/?key=v", "h:~80 path=/ tls=Off unread:key:v"),
            ("http://", "!empty"),
            ("http://h h/", "!character"),
        ],
    );
}
