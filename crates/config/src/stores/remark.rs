//! What a reader of a connection string should know, because a person would read it differently than the client does.

use super::Component;

/// A known way to be bitten. A later layer makes findings of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A database in the query, which this client reads on unix sockets only or never (redis-rs, node-redis, Jedis, redis-rb).
    DatabaseInQueryIgnored,
    /// A database in the path, which Spring Boot before 3.5 ignores: spring.data.redis.database decides (spring-boot #43810).
    DatabaseInPathMayBeIgnored,
    /// A path after the host, which this client ignores (phpredis' session handler).
    PathIgnored,
    /// User or password before the `@`, which this client ignores (phpredis' session handler reads `auth`).
    CredentialsInUrlIgnored,
    /// A lone word before the `@`: some clients take it as the user, others as the password.
    LoneWordBeforeAt,
    /// A `+` in a password: this client reads it as a space.
    PlusIsSpace,
    /// An `@` after the authority, or two in it: the password may hold a character that had to be percent-encoded.
    StrayAt,
    /// The same setting twice with different values; the last one wins.
    SaidTwice,
    /// No port, which this client requires (Jedis).
    PortRequired,
    /// `Address`, `Addr` or `Network Address`, which tiberius does not read: it connects to localhost.
    AddressReadAsLocalhost,
    /// `localhost` makes libmysqlclient and mysqlnd use the unix socket and ignore the port.
    LocalhostIsSocket,
    /// `localhost` is the unix socket for some MySQL clients and TCP for others.
    LocalhostMayBeSocket,
    /// Whether the connection is encrypted depends on the client's version (Microsoft.Data.SqlClient 4.0, mssql-jdbc 10.2).
    EncryptionDependsOnVersion,
    /// `amqp://host/` is the virtual host with the empty name, not `/` (RabbitMQ URI specification).
    EmptyVhost,
    /// A path that is relative to wherever the process runs.
    RelativePath,
    /// A database that lives in one process and is gone with it.
    InMemory,
    /// A service of pg_service.conf that was not given or is not in it.
    ServiceUnknown,
    /// `hostaddr` decides where libpq connects; `host` only names the certificate.
    HostaddrDecides,
    /// The hosts are known to DNS only (`mongodb+srv`, TNS names).
    HostsInNameService,
    /// A setting that this client does not read, or refuses.
    SettingNotRead,
    /// The clients that may read this text disagree about this component.
    Ambiguous(Component),
    /// Some of the clients that may read this text refuse it.
    RefusedBySome,
}

impl Remark {
    /// The component that it is about.
    pub fn about(self) -> Component {
        match self {
            Self::DatabaseInQueryIgnored | Self::DatabaseInPathMayBeIgnored | Self::PathIgnored => Component::Database,
            Self::EmptyVhost => Component::Vhost,
            Self::CredentialsInUrlIgnored | Self::LoneWordBeforeAt | Self::PlusIsSpace | Self::StrayAt => {
                Component::Password
            }
            Self::EncryptionDependsOnVersion => Component::Tls,
            Self::SaidTwice | Self::SettingNotRead | Self::RefusedBySome => Component::Options,
            Self::Ambiguous(component) => component,
            _ => Component::Endpoints,
        }
    }

    /// One sentence; it quotes nothing of the value.
    pub fn text(self) -> &'static str {
        match self {
            Self::DatabaseInQueryIgnored => "a database in the query is ignored by this client: put it in the path",
            Self::DatabaseInPathMayBeIgnored => {
                "Spring Boot before 3.5 ignores the database in the path: spring.data.redis.database decides"
            }
            Self::PathIgnored => "a path is ignored by this client: use database=",
            Self::CredentialsInUrlIgnored => "what stands before @ is ignored by this client: use auth=",
            Self::LoneWordBeforeAt => "a lone word before @ is the user for some clients and the password for others",
            Self::PlusIsSpace => "this client reads + in a password as a space: write %2B",
            Self::StrayAt => {
                "an @ stands where none belongs: a password may hold a character that must be percent-encoded"
            }
            Self::SaidTwice => "a setting is given twice with different values",
            Self::PortRequired => "this client refuses a URL without a port",
            Self::AddressReadAsLocalhost => "tiberius does not read this synonym of Server: it connects to localhost",
            Self::LocalhostIsSocket => "localhost is the unix socket for this client, and the port is ignored",
            Self::LocalhostMayBeSocket => "localhost is the unix socket for some MySQL clients and TCP for others",
            Self::EncryptionDependsOnVersion => {
                "whether this is encrypted depends on the client's version: say Encrypt"
            }
            Self::EmptyVhost => "a slash without a name is the virtual host with the empty name, not /",
            Self::RelativePath => "the path is relative to where the process runs",
            Self::InMemory => "this database lives in the memory of one process",
            Self::ServiceUnknown => "the service is not in the pg_service.conf at hand",
            Self::HostaddrDecides => "hostaddr decides where libpq connects",
            Self::HostsInNameService => "only a name service knows the hosts",
            Self::SettingNotRead => "a setting is not read by this client",
            Self::Ambiguous(_) => "clients read this differently: say which client it is for",
            Self::RefusedBySome => "some clients refuse this",
        }
    }
}
