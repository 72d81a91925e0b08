//! The session proof: a nonce is written through one service's configuration and read through the other's, both ways, under the keys that
//! their session handlers use. `SET key nonce NX EX 30`, and deleted afterwards, whatever the reading said.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use sternway_config::agreements::{SessionStore, Sharing};
use sternway_config::stores::{Connection, Kind};

use crate::Limits;
use crate::ask::ask;
use crate::failing::Failing;
use crate::layout::{self, Layout, NEUTRAL};
use crate::redis::{self, Client, Server, Unwritten};

/// A replica has what its master has a moment later; as long is waited for it.
const REPLICATION: Duration = Duration::from_secs(2);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    One,
    Other,
}

/// What the proof says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Each finds what the other writes; what was not proven with it.
    Shared(Option<String>),
    /// They do not, and why.
    Apart(&'static str),
    /// A store takes no writes.
    Unwritten(Side, &'static str),
    /// It cannot be told.
    Unknown(String),
}

/// What the proof says, and what it left behind.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) verdict: Verdict,
    /// Where a key is left that expires by itself.
    pub(crate) left_behind: Vec<Side>,
}

/// Proves that two services find each other's sessions, or that they do not.
pub(crate) fn prove(sharing: &Sharing, limits: &Limits) -> Proof {
    let mut left_behind = Vec::new();
    let verdict = match (&sharing.one.connection, &sharing.other.connection) {
        (Err(why), _) | (_, Err(why)) => Verdict::Unknown(why.clone()),
        (Ok(one), Ok(other)) if one.kind == Kind::Redis && other.kind == Kind::Redis => {
            both_ways(sharing, (one, other), limits, &mut left_behind).unwrap_or_else(|verdict| verdict)
        }
        (Ok(one), Ok(other)) if one.kind != other.kind => Verdict::Apart("they are of different kinds"),
        (Ok(one), Ok(other)) => by_identity(sharing, (one, other), limits),
    };
    Proof { verdict, left_behind }
}

/// A service's store while it is asked.
struct Holder<'a> {
    side: Side,
    connection: &'a Connection,
    client: Client,
    server: Option<Server>,
    prefix: String,
}

impl<'a> Holder<'a> {
    fn of(
        side: Side,
        store: &SessionStore,
        connection: &'a Connection,
        prefix: &str,
        limits: &Limits,
    ) -> Result<Self, Verdict> {
        let failing = |failing: Failing| not_asked(store, &failing);
        let mut client = redis::connect(connection, limits).map_err(failing)?;
        let server = client.server().map_err(failing)?;
        Ok(Self { side, connection, client, server, prefix: prefix.to_owned() })
    }
}

fn both_ways(
    sharing: &Sharing,
    (one, other): (&Connection, &Connection),
    limits: &Limits,
    left_behind: &mut Vec<Side>,
) -> Result<Verdict, Verdict> {
    let (prefixes, lacking) = match (layout::of(&sharing.one), layout::of(&sharing.other)) {
        (Ok(Layout { prefix: one }), Ok(Layout { prefix: other })) => ([one, other], None),
        (Err(why), _) | (_, Err(why)) => {
            let lacking = format!("server and database are the same; the handlers' keys are not proven: {why}");
            ([NEUTRAL.to_owned(), NEUTRAL.to_owned()], Some(lacking))
        }
    };
    let mut one = Holder::of(Side::One, &sharing.one, one, &prefixes[0], limits)?;
    let mut other = Holder::of(Side::Other, &sharing.other, other, &prefixes[1], limits)?;
    one_way(sharing, &mut one, &mut other, limits, left_behind)?;
    one_way(sharing, &mut other, &mut one, limits, left_behind)?;
    Ok(Verdict::Shared(lacking))
}

fn one_way(
    sharing: &Sharing,
    from: &mut Holder<'_>,
    to: &mut Holder<'_>,
    limits: &Limits,
    left_behind: &mut Vec<Side>,
) -> Result<(), Verdict> {
    let (Some(id), Some(nonce)) = (random(), random()) else {
        return Err(Verdict::Unknown("the system gives no random numbers".to_owned()));
    };
    let (key, theirs) = (format!("{}sternway{id}", from.prefix), format!("{}sternway{id}", to.prefix));
    let written = from.client.write(&key, &nonce);
    let found = match written {
        Ok(()) => read(to, &theirs, &key, &nonce),
        Err(Unwritten::Refused(why)) => return Err(Verdict::Unwritten(from.side, why)),
        // It may have been written all the same.
        Err(Unwritten::Failing(failing)) => Err(failing),
    };
    let gone = from.client.delete(&key, limits)
        || redis::connect(from.connection, limits).is_ok_and(|mut again| again.delete(&key, limits));
    if !gone {
        left_behind.push(from.side);
    }
    let store = if to.side == Side::One { &sharing.one } else { &sharing.other };
    match found {
        Ok(Found::Session) => Ok(()),
        Ok(Found::OtherKey) => {
            Err(Verdict::Apart("they lead to one database, and their handlers look for a session under different keys"))
        }
        Ok(Found::Nothing) => Err(Verdict::Apart(why_apart(from, to))),
        Err(Failing::Refused(_)) => Err(Verdict::Apart("the user of one may not read the keys of the other")),
        Err(failing) => Err(not_asked(store, &failing)),
    }
}

enum Found {
    Session,
    /// It is there, and the handler would not look there.
    OtherKey,
    Nothing,
}

fn read(reader: &mut Holder<'_>, key: &str, written: &str, nonce: &str) -> Result<Found, Failing> {
    let is = |seen: Option<Vec<u8>>| seen.is_some_and(|seen| seen == nonce.as_bytes());
    let end = Instant::now() + REPLICATION;
    loop {
        if is(reader.client.read(key)?) {
            return Ok(Found::Session);
        }
        if key != written && is(reader.client.read(written)?) {
            return Ok(Found::OtherKey);
        }
        // Only what replicates may still come.
        if !reader.server.as_ref().is_some_and(|server| server.replica) || Instant::now() >= end {
            return Ok(Found::Nothing);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn why_apart(from: &Holder<'_>, to: &Holder<'_>) -> &'static str {
    match (&from.server, &to.server) {
        (Some(a), Some(b)) if a.run_id != b.run_id => "they lead to two servers",
        (Some(_), Some(_)) if from.client.database != to.client.database => "they lead to two databases of one server",
        _ => "they do not lead to the same place",
    }
}

/// Sessions elsewhere than in Redis: whether it is the same store. Nothing is written: the table's form is the handler's.
fn by_identity(sharing: &Sharing, (one, other): (&Connection, &Connection), limits: &Limits) -> Verdict {
    let identity = |store: &SessionStore, connection: &Connection| match ask(connection, limits) {
        Ok(proven) => proven
            .identity
            .ok_or_else(|| Verdict::Unknown(format!("the server of `{}` does not say which it is", store.shown()))),
        Err(failing) => Err(not_asked(store, &failing)),
    };
    match (identity(&sharing.one, one), identity(&sharing.other, other)) {
        (Ok(a), Ok(b)) if a == b => {
            Verdict::Shared(Some("server and database are the same; a session was written to Redis only".to_owned()))
        }
        (Ok(_), Ok(_)) => Verdict::Apart("they lead to two servers or databases"),
        (Err(verdict), _) | (_, Err(verdict)) => verdict,
    }
}

fn not_asked(store: &SessionStore, failing: &Failing) -> Verdict {
    Verdict::Unknown(format!("`{}`: {}", store.shown(), failing.words()))
}

/// 128 random bits in hex.
fn random() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    }))
}
