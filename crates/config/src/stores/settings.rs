//! Named settings of a connection string, and which of them matter.

use std::collections::BTreeMap;

use super::endpoint::Why;
use super::url::{decode, decode_form};

/// How a query is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// `%XX` only.
    Percent,
    /// `+` is a space too.
    Form,
}

/// Names and values; each is taken once by the dialect that knows it, the rest is weighed.
#[derive(Clone, Default)]
pub(super) struct Settings(Vec<(String, String)>);

impl Settings {
    /// From `a=b&c=d`.
    pub(super) fn of_query(query: Option<&str>, coding: Coding) -> Result<Self, Why> {
        let read = if coding == Coding::Form { decode_form } else { decode };
        let mut settings = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            settings.add(&read(name)?, read(value)?);
        }
        Ok(settings)
    }

    pub(super) fn add(&mut self, name: &str, value: String) {
        self.0.push((plain(name), value));
    }

    /// Whether any of these names is set.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| names.iter().any(|wanted| plain(wanted) == *name))
    }

    /// The value under any of these names; the last one wins. Names are compared without case, spaces, `_`, `-` and `.`.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<String> {
        let mut found = None;
        let wanted: Vec<_> = names.iter().map(|name| plain(name)).collect();
        self.0.retain_mut(|(name, value)| {
            let hit = wanted.contains(name);
            if hit {
                found = Some(std::mem::take(value));
            }
            !hit
        });
        found
    }

    /// As [`Self::take`]; an empty value counts as none.
    pub(super) fn take_filled(&mut self, names: &[&str]) -> Option<String> {
        self.take(names).filter(|value| !value.is_empty())
    }

    /// Whether two settings of one name say different things.
    pub(super) fn contradict(&self) -> bool {
        let mut seen = BTreeMap::new();
        self.0.iter().any(|(name, value)| *seen.entry(name).or_insert(value) != value)
    }

    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// A name as it is compared.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).flat_map(char::to_lowercase).collect()
}

/// Whether a setting decides what is stored or read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    /// It changes what is found or understood. The name is one of ours, so that it can be printed.
    Matters(&'static str),
    /// It changes speed, patience or a label only.
    Tuning,
    /// Nobody here knows.
    Unread,
}

/// Settings that matter, under the name they are printed by.
const MATTER: &[&str] = &[
    "serializer",
    "compression",
    "weight",
    "failover",
    "channelPrefix",
    "sslHost",
    "proxy",
    "tunnel",
    "readFrom",
    "role",
    "target_session_attrs",
    "targetServerType",
    "load_balance_hosts",
    "options",
    "client_encoding",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "sslca",
    "CACertificateFile",
    "serverSslCert",
    "Root Certificate",
    "SSL Certificate",
    "SSL Key",
    "Client Certificate",
    "Client Key",
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "channel_binding",
    "require_auth",
    "gssencmode",
    "krbsrvname",
    "replication",
    "charset",
    "characterEncoding",
    "collation",
    "connectionCollation",
    "serverTimezone",
    "connectionTimeZone",
    "timezone",
    "loc",
    "parseTime",
    "sql_mode",
    "sessionVariables",
    "allowPublicKeyRetrieval",
    "authSource",
    "authMechanism",
    "authMechanismProperties",
    "readPreference",
    "readConcernLevel",
    "w",
    "journal",
    "directConnection",
    "loadBalanced",
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "ApplicationIntent",
    "Authentication",
    "AttachDbFilename",
    "mode",
    "cache",
    "immutable",
    "vfs",
    "local_domain",
    "cacertfile",
    "auth_mechanism",
    "fragment",
    "session cookie",
];

/// Pieces of names that are only about speed, patience, size or labels.
const TUNING_PIECES: &[&str] = &[
    "timeout",
    "pool",
    "keepalive",
    "retr",
    "backoff",
    "buffer",
    "maxconn",
    "minconn",
    "connectionlimit",
    "connlimit",
    "idle",
    "lifetime",
    "batch",
    "clientname",
    "applicationname",
    "libname",
    "libver",
    "abortconnect",
    "heartbeat",
    "statementcache",
    "preparethreshold",
    "autoprepare",
    "prepstmt",
    "fetchsize",
    "loglevel",
    "protocolversion",
    "highpriority",
];

/// Whole names of that sort.
const TUNING_NAMES: &[&str] = &[
    "name",
    "appname",
    "programname",
    "libraryname",
    "libraryversion",
    "setlib",
    "protocol",
    "resp3",
    "persistent",
    "persistentid",
    "allowadmin",
    "channelmax",
    "framemax",
    "serverversion",
    "driver",
    "family",
    "compressors",
    "zlibcompressionlevel",
    "ping",
    "pinginterval",
    "enlist",
    "asynchronousprocessing",
    "multipleactiveresultsets",
    "mars",
    "workstationid",
    "wsid",
    "packetsize",
    "persistsecurityinfo",
    "connectionreset",
    "configcheckseconds",
    "tiebreaker",
    "preserveasyncorder",
    "resolvedns",
    "version",
    "includeerrordetail",
    "uselocalsessionstate",
    "sslprotocols",
    "checkcertificaterevocation",
    "highintegrity",
    "configchannel",
    "sslnegotiation",
    "sslcompression",
    "stringtype",
    "tcpnodelay",
    "localthresholdms",
    "app",
];

/// Weighs a plain name.
pub(super) fn weigh(name: &str) -> Weight {
    if let Some(known) = MATTER.iter().find(|known| plain(known) == name) {
        return Weight::Matters(known);
    }
    if TUNING_NAMES.contains(&name) || TUNING_PIECES.iter().any(|piece| name.contains(piece)) {
        return Weight::Tuning;
    }
    Weight::Unread
}

/// Whether a setting is switched on, as most clients read one.
pub(super) fn is_on(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "enabled" | "mandatory" | "strict" => Some(true),
        "0" | "false" | "no" | "off" | "disabled" | "optional" | "" => Some(false),
        _ => None,
    }
}
