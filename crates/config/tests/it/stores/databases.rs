//! SQL databases and MongoDB.

use sternway_config::stores::{Dialect, Remark, Surroundings};

use super::{facts, read, table};

#[test]
fn libpq_key_words() {
    table(
        Dialect::Libpq,
        &[
            ("host=db user=app dbname=shop", "db:~5432 db=shop user=app tls=~Prefer"),
            ("host = db user='a b\\'c' password = p\\ w", "db:~5432 db=~a b'c user=a b'c pass=p w tls=~Prefer"),
            ("host=a,b port=1,2 user=u", "a:1,b:2 db=~u user=u tls=~Prefer"),
            ("host=a,b port=1 user=u", "a:1,b:1 db=~u user=u tls=~Prefer"),
            ("host=a,b,c port=1,2 user=u", "!as many ports"),
            ("host=/run/pg user=u port=5433", "socket /run/pg/.s.PGSQL.5433 db=~u user=u tls=~Off"),
            ("hostaddr=10.0.0.1 host=db user=u sslmode=require", "10.0.0.1:~5432 db=~u user=u tls=Unverified"),
            ("user=u", "~the default socket 5432 db=~u user=u tls=~Off"),
            ("dbname=shop", "~the default socket 5432 db=shop user=? tls=~Off"),
            ("", "~the default socket 5432 db=? user=? tls=~Off"),
            (
                "host=db user=u connect_timeout=3 options='-c search_path=x'",
                "db:~5432 db=~u user=u tls=~Prefer options:-c search_path=x",
            ),
            ("host=db uzer=u", "!key word that libpq does not know"),
            ("host", "!not followed by ="),
            ("user='x", "!does not end"),
            ("host=db user=u sslmode=sometimes", "!sslmode"),
        ],
    );
    assert!(read(Dialect::Libpq, "hostaddr=10.0.0.1 host=db").remarks.contains(&Remark::HostaddrDecides));
}

#[test]
fn libpq_fills_in_from_service_then_variables_then_defaults() {
    let service = "# services\n[other]\nhost=wrong\n[shop]\nhost=db.internal\nport=6432\nuser=svc\nsslmode=verify-full\n\n[shop]\nhost=second\n";
    let variables =
        [("PGHOST", "env-host"), ("PGDATABASE", "env-db"), ("PGUSER", "env-user"), ("PGPASSWORD", "env-pass")];
    let around = Surroundings { variables: &variables, pg_service: Some(service) };
    let with = |text: &str| Dialect::Libpq.parse_in(text, &around).map(|made| facts(&made)).unwrap();
    assert_eq!(with("service=shop user=me"), "db.internal:6432 db=~env-db user=me pass=~env-pass tls=VerifyFull");
    assert_eq!(
        with("postgresql://?service=shop"),
        "db.internal:6432 db=~env-db user=svc pass=~env-pass tls=VerifyFull"
    );
    assert_eq!(with("host=other"), "other:~5432 db=~env-db user=~env-user pass=~env-pass tls=~Prefer");
    assert_eq!(with(""), "~env-host:~5432 db=~env-db user=~env-user pass=~env-pass tls=~Prefer");
    let missing = Dialect::Libpq.parse_in("service=nowhere dbname=shop", &around).unwrap();
    assert_eq!(facts(&missing), "? db=shop user=? pass=? tls=?");
    assert!(missing.remarks.contains(&Remark::ServiceUnknown));
    let without = Dialect::Libpq.parse("service=shop").unwrap();
    assert!(without.endpoints.is_unknown());
}

#[test]
fn libpq_takes_hosts_in_order_unless_it_looks_for_the_primary() {
    use sternway_config::stores::{Component, Verdict};
    let order = super::compared(Dialect::Libpq, "postgresql://u@a,b/d", "postgresql://u@b,a/d");
    assert_eq!((order.verdict, order.differences), (Verdict::Different, vec![Component::Order]));
    let primary = super::compared(
        Dialect::Libpq,
        "postgresql://u@a,b/d?target_session_attrs=primary",
        "postgresql://u@b,a/d?target_session_attrs=primary",
    );
    assert_eq!(primary.verdict, Verdict::Equivalent);
}

#[test]
fn pdo() {
    table(
        Dialect::Pdo,
        &[
            ("mysql:host=db;port=3307;dbname=shop;charset=utf8mb4", "db:3307 db=shop charset:utf8mb4"),
            ("mysql:host=db;dbname=a;;b", "db:~3306 db=a;b"),
            ("mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=shop", "socket /run/mysqld/mysqld.sock db=shop"),
            ("mysql:dbname=shop", "~the default socket db=shop"),
            ("pgsql:host=db;port=5433;dbname=shop;user=u;password=p", "db:5433 db=shop user=u pass=p tls=~Prefer"),
            ("pgsql:host=db;dbname=shop", "db:~5432 db=shop tls=~Prefer"),
            ("pgsql:host=db", "db:~5432 db=? tls=~Prefer"),
            ("sqlite:/var/lib/shop.db", "file /var/lib/shop.db"),
            ("sqlite::memory:", "memory"),
            ("sqlsrv:Server=db,1434;Database=shop;Encrypt=yes", "db:1434 db=shop tls=VerifyFull"),
            ("odbc:x", "!driver"),
        ],
    );
}

#[test]
fn localhost_is_the_socket_for_pdos_mysql() {
    table(Dialect::Pdo, &[("mysql:host=localhost;port=3307;dbname=d", "the default socket db=d")]);
    assert!(read(Dialect::Pdo, "mysql:host=localhost;port=3307").remarks.contains(&Remark::LocalhostIsSocket));
    assert!(read(Dialect::MysqlUrl, "mysql://localhost/d").remarks.contains(&Remark::LocalhostMayBeSocket));
}

#[test]
fn mysql_urls_and_go() {
    table(
        Dialect::MysqlUrl,
        &[
            ("mysql://u:p%2F%40@db/shop", "db:~3306 db=shop user=u pass=p/@"),
            ("mysql2://u@db:3307/shop?ssl-mode=VERIFY_CA&pool=5", "db:3307 db=shop user=u tls=VerifyCa"),
            ("mysql+pymysql://u:a+b@db/shop?charset=utf8mb4", "db:~3306 db=shop user=u pass=a+b charset:utf8mb4"),
            ("mysql:///shop?unix_socket=/run/my.sock", "socket /run/my.sock db=shop"),
            ("redis://db", "!scheme"),
        ],
    );
    table(
        Dialect::GoMysql,
        &[
            (
                "u:p@tcp(db:3307)/shop?parseTime=true&tls=skip-verify",
                "db:3307 db=shop user=u pass=p tls=Unverified parseTime:true",
            ),
            ("u:p@ss:w/rd@tcp(db)/shop", "db:~3306 db=shop user=u pass=p@ss:w/rd tls=~Off"),
            ("u@unix(/run/my.sock)/shop", "socket /run/my.sock db=shop user=u tls=~Off"),
            ("/", "~127.0.0.1:~3306 tls=~Off"),
            ("u:p@cloudsql(project:region:name)/d", "? db=d user=u pass=p tls=~Off"),
            ("u:p@tcp([::1]:3306)/d?tls=custom", "::1:3306 db=d user=u pass=p tls=?"),
            ("nothing", "!slash"),
            ("u@tcp(db/d", "!parenthesis"),
        ],
    );
}

#[test]
fn jdbc() {
    table(
        Dialect::Jdbc,
        &[
            ("jdbc:mysql://db/shop?user=u&password=p%26&useSSL=false", "db:~3306 db=shop user=u pass=p& tls=Off"),
            ("jdbc:mysql://a:1,b/shop", "a:1,b:~3306 db=shop tls=~Prefer"),
            ("jdbc:mysql://u:p@db/shop?sslMode=VERIFY_IDENTITY", "db:~3306 db=shop user=u pass=p tls=VerifyFull"),
            ("jdbc:mariadb:replication://a,b/shop?sslMode=trust", "a:~3306,b:~3306 db=shop tls=Unverified"),
            ("jdbc:mariadb://db/shop", "db:~3306 db=shop tls=~Off"),
            (
                "jdbc:postgresql://db:5433/shop?currentSchema=s&ssl=true&user=u",
                "db:5433 db=shop schema=s user=u tls=VerifyFull",
            ),
            ("jdbc:postgresql://[::1],b/shop", "::1:~5432,b:~5432 db=shop tls=~Prefer"),
            ("jdbc:postgresql:shop", "~localhost:~5432 db=shop tls=~Prefer"),
            ("jdbc:postgresql:/", "~localhost:~5432 db=? tls=~Prefer"),
            ("jdbc:postgresql://u:p@db/shop", "!before an @"),
            (
                "jdbc:sqlserver://db:1434;databaseName=shop;user=u;password={p;}}w};encrypt=true;trustServerCertificate=true",
                "db:1434 db=shop user=u pass=p;}w tls=Unverified",
            ),
            ("jdbc:sqlserver://db\\SQLEXPRESS;encrypt=false", "db, instance sqlexpress tls=Off"),
            ("jdbc:sqlserver://;serverName=db;portNumber=99", "db:99"),
            ("jdbc:oracle:thin:@//db:1522/Shop", "db:1522 group=service shop tls=~Off"),
            ("jdbc:oracle:thin:u/p@db:1521:ORCL", "db:1521 group=sid orcl user=u pass=p tls=~Off"),
            ("jdbc:oracle:thin:@tcps://db/shop", "db:~1521 group=service shop tls=On"),
            ("jdbc:oracle:thin:@shop_tns", "? group=? tls=~Off"),
            (
                "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=shop)))",
                "db:1521 group=service shop tls=~Off",
            ),
            ("jdbc:h2:mem:x", "!kind"),
        ],
    );
}

#[test]
fn ado_net_has_synonyms_and_the_last_one_wins() {
    table(
        Dialect::SqlClient,
        &[
            ("Server=db;Database=shop;User ID=u;Password=p", "db:~1433 db=shop user=u pass=p"),
            ("Data Source=db;Initial Catalog=shop;UID=u;PWD=p", "db:~1433 db=shop user=u pass=p"),
            ("Address=db;Database=shop", "db:~1433 db=shop"),
            ("Addr=db;Database=shop", "db:~1433 db=shop"),
            ("Network Address=db;Database=shop", "db:~1433 db=shop"),
            ("Server=first;Server=last;Database=a;Initial Catalog=b", "last:~1433 db=b"),
            ("Server=tcp:db,1444;Encrypt=True;TrustServerCertificate=False", "db:1444 tls=VerifyFull"),
            ("Server=db;Encrypt=Strict;TrustServerCertificate=True", "db:~1433 tls=Unverified"),
            ("Server=db;Encrypt=Optional", "db:~1433 tls=Off"),
            ("Server=db\\SQLEXPRESS;Database=shop", "db, instance sqlexpress db=shop"),
            ("Server=db\\SQLEXPRESS,1499", "db:1499"),
            ("Server=(localdb)\\MSSQLLocalDB;Database=shop", "LocalDB mssqllocaldb db=shop"),
            ("Server=.;Integrated Security=SSPI", "localhost:~1433 user=?"),
            ("Server=a;Failover Partner=b", "a:~1433,b:~1433"),
            ("Server=db;Password=\"a;b\"\"c\";User ID='x'", "db:~1433 user=x pass=a;b\"c"),
            ("Server=db;Password='a", "!does not end"),
            ("nonsense", "!followed by ="),
            ("a=b", "!neither"),
        ],
    );
    let twice = read(Dialect::SqlClient, "Server=first;Server=last");
    assert!(twice.remarks.contains(&Remark::SaidTwice));
    assert!(twice.remarks.contains(&Remark::EncryptionDependsOnVersion));
}

#[test]
fn tiberius_takes_address_for_localhost() {
    table(
        Dialect::Tiberius,
        &[("Server=db;Database=d", "db:~1433 db=d"), ("Address=db;Database=d", "~localhost:~1433 db=d")],
    );
    assert!(read(Dialect::Tiberius, "Address=db").remarks.contains(&Remark::AddressReadAsLocalhost));
}

#[test]
fn npgsql_and_mysqlconnector() {
    table(
        Dialect::Npgsql,
        &[
            ("Host=db;Username=u;Password=p;Database=shop", "db:~5432 db=shop user=u pass=p tls=~Prefer"),
            ("Server=a,b:5433;Port=5434;User Id=u;SSL Mode=VerifyFull", "a:5434,b:5433 db=~u user=u tls=VerifyFull"),
            ("Host=/run/pg;Username=u;Search Path=s", "socket /run/pg/.s.PGSQL.5432 db=~u schema=s user=u tls=~Prefer"),
            ("Username=u", "!host"),
        ],
    );
    table(
        Dialect::MySqlConnector,
        &[
            ("Server=db;Uid=u;Pwd=p;Database=shop", "db:~3306 db=shop user=u pass=p tls=~Prefer"),
            ("Host=db;Port=3307;User=u;SslMode=None", "db:3307 user=u tls=Off"),
            ("Server=/run/my.sock;Protocol=unix", "socket /run/my.sock tls=~Prefer"),
        ],
    );
}

#[test]
fn mongodb() {
    table(
        Dialect::Mongodb,
        &[
            ("mongodb://h", "h:~27017 tls=~Off"),
            (
                "mongodb://u:p%40@a,B:27018/shop?replicaSet=rs&authSource=admin",
                "a:~27017,b:27018 group=rs db=shop user=u pass=p@ tls=~Off authSource:admin",
            ),
            ("mongodb://u:p@h/shop?TLS=true", "h:~27017 db=shop user=u pass=p tls=VerifyFull authSource:shop"),
            ("mongodb://u:p@h", "h:~27017 user=u pass=p tls=~Off authSource:admin"),
            ("mongodb://h/?directConnection=true", "h:~27017 tls=~Off directConnection:true"),
            ("mongodb://%2Ftmp%2Fmongodb-27017.sock/d", "socket /tmp/mongodb-27017.sock db=d tls=~Off"),
            (
                "mongodb+srv://cluster.example.com/shop",
                "the SRV records of cluster.example.com group=? db=shop tls=~VerifyFull",
            ),
            ("mongodb+srv://a,b", "!one name"),
        ],
    );
    assert!(read(Dialect::Mongodb, "mongodb+srv://c.example").remarks.contains(&Remark::HostsInNameService));
}

#[test]
fn sqlite_by_the_number_of_slashes() {
    table(
        Dialect::SqliteUrl,
        &[
            ("sqlite:///db.sqlite3", "file db.sqlite3"),
            ("sqlite:////var/db.sqlite3", "file /var/db.sqlite3"),
            ("sqlite://", "memory"),
            ("sqlite:///:memory:", "memory"),
            ("sqlite://host/x", "!host"),
        ],
    );
    table(
        Dialect::SqliteSqlx,
        &[
            ("sqlite:///var/db", "file /var/db"),
            ("sqlite://db?mode=rwc", "file db mode:rwc"),
            ("sqlite::memory:", "memory"),
        ],
    );
    table(
        Dialect::SqliteFile,
        &[
            ("/var//lib/./x.db", "file /var/lib/x.db"),
            ("file:/var/x%20y.db?mode=ro", "file /var/x y.db mode:ro"),
            ("file:///var/x.db", "file /var/x.db"),
            ("file:x?mode=memory&cache=shared", "memory cache:shared"),
            ("file://elsewhere/x", "!another host"),
        ],
    );
    assert!(read(Dialect::SqliteUrl, "sqlite:///db.sqlite3").remarks.contains(&Remark::RelativePath));
}

#[test]
fn database_urls_go_by_their_scheme() {
    table(
        Dialect::DatabaseUrl,
        &[
            ("postgres://u:p@db/shop?pool=5", "db:~5432 db=shop user=u pass=p tls=~Prefer"),
            ("postgresql+psycopg2://u@db/shop?sslmode=require", "db:~5432 db=shop user=u tls=Unverified"),
            (
                "postgresql://u@db/shop?schema=public&pgbouncer=true",
                "db:~5432 db=shop schema=public user=u tls=~Prefer unread:pgbouncer:true",
            ),
            ("mysql2://u@db/shop", "db:~3306 db=shop user=u"),
            ("sqlserver://u:p@db:1434/shop?encrypt=true", "db:1434 db=shop user=u pass=p tls=VerifyFull"),
            (
                "sqlserver://db:1433;database=shop;user=u;password={a;b};encrypt=true",
                "db:1433 db=shop user=u pass=a;b tls=VerifyFull",
            ),
            // Where the slashes are counted differently, the file is unknown.
            ("sqlite:///var/db", "?"),
            ("sqlite:////var/db", "file /var/db"),
            ("file:./dev.db", "file dev.db"),
            ("ftp://x", "!database"),
        ],
    );
}
