//! Whether two connections lead to the same place.

use super::Component;
use super::connection::{Connection, Kind};
use super::endpoint::{Endpoint, Endpoints, Meaning};
use super::part::Part;

/// Where the two processes run that will use the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On one host, in one network namespace and file system: `localhost`, sockets and files mean the same.
    OneHost,
    /// On different ones: `localhost` of one is not `localhost` of the other, and a path may or may not be the same file.
    Apart,
}

/// How two connections relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Everything is the same and is written so.
    Identical,
    /// Everything that matters is the same; it is written differently, or tuned differently.
    Equivalent,
    /// The same place, as somebody else.
    SameStoreOtherCredential,
    /// The same server, and another database, schema, virtual host, prefix or path in it.
    SameServerOtherNamespace,
    /// Another place, or the same one spoken to in another way (TLS, serializer).
    Different,
    /// It cannot be told. Never to be taken for equal.
    Unknown,
}

impl Verdict {
    /// Whether both lead to the same place, as the same user, in the same way.
    pub fn is_same(self) -> bool {
        matches!(self, Self::Identical | Self::Equivalent)
    }
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// In one word.
    pub verdict: Verdict,
    /// The components that differ; [`Component::Tuning`] too, which changes no verdict beyond [`Verdict::Equivalent`].
    pub differences: Vec<Component>,
    /// The components about which it cannot be told.
    pub unknown: Vec<Component>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Same,
    Rewritten,
    Differs,
    Unknown,
}

/// Compares two connections. It is symmetric, and a connection without unknown components is identical to itself.
pub fn compare(ours: &Connection, theirs: &Connection, placement: Placement) -> Comparison {
    if ours.kind != theirs.kind {
        return Comparison { verdict: Verdict::Different, differences: vec![Component::Kind], unknown: Vec::new() };
    }
    let (a, b) = (&ours.namespace, &theirs.namespace);
    let (place, order) = endpoints(ours, theirs, placement);
    let outcomes = [
        (Component::Endpoints, place),
        (Component::Order, order),
        (Component::Group, group(ours, theirs)),
        (Component::Database, part(&a.database, &b.database)),
        (Component::Schema, part(&a.schema, &b.schema)),
        (Component::Vhost, part(&a.vhost, &b.vhost)),
        (Component::Prefix, part(&a.prefix, &b.prefix)),
        (Component::Path, part(&a.path, &b.path)),
        (Component::User, part(&ours.user, &theirs.user)),
        (Component::Password, part(&ours.password, &theirs.password)),
        (Component::Tls, tls(ours, theirs)),
        (Component::Options, options(ours, theirs)),
    ];
    let with = |outcome| outcomes.iter().filter(move |(_, it)| *it == outcome).map(|(component, _)| *component);
    let mut differences: Vec<_> = with(Outcome::Differs).collect();
    let unknown: Vec<_> = with(Outcome::Unknown).collect();
    let rewritten = with(Outcome::Rewritten).next().is_some() || ours.tuning != theirs.tuning;
    let verdict = verdict(&differences, &unknown, rewritten);
    if ours.tuning != theirs.tuning {
        differences.push(Component::Tuning);
    }
    Comparison { verdict, differences, unknown }
}

fn verdict(differences: &[Component], unknown: &[Component], rewritten: bool) -> Verdict {
    let any = |wanted: &[Component]| differences.iter().any(|component| wanted.contains(component));
    let place = [Component::Endpoints, Component::Order, Component::Group];
    let space = [Component::Database, Component::Schema, Component::Vhost, Component::Prefix, Component::Path];
    if any(&place) || any(&[Component::Tls, Component::Options]) {
        return Verdict::Different;
    }
    let somewhere_unknown = unknown.iter().any(|component| place.contains(component));
    if any(&space) {
        // Whichever server it is: it is not the same place.
        return if somewhere_unknown { Verdict::Different } else { Verdict::SameServerOtherNamespace };
    }
    if !unknown.is_empty() && (differences.is_empty() || unknown.iter().any(|it| !is_credential(*it))) {
        return Verdict::Unknown;
    }
    if !differences.is_empty() {
        return Verdict::SameStoreOtherCredential;
    }
    if rewritten { Verdict::Equivalent } else { Verdict::Identical }
}

fn is_credential(component: Component) -> bool {
    matches!(component, Component::User | Component::Password)
}

fn part<T: PartialEq>(ours: &Part<T>, theirs: &Part<T>) -> Outcome {
    match (ours, theirs) {
        (Part::Unknown, _) | (_, Part::Unknown) => Outcome::Unknown,
        (Part::Absent, Part::Absent) => Outcome::Same,
        (Part::Given(a), Part::Given(b)) | (Part::Default(a), Part::Default(b)) if a == b => Outcome::Same,
        (Part::Given(a), Part::Default(b)) | (Part::Default(a), Part::Given(b)) if a == b => Outcome::Rewritten,
        _ => Outcome::Differs,
    }
}

/// A client's own default may be any of the others.
fn tls(ours: &Connection, theirs: &Connection) -> Outcome {
    use super::connection::Tls;
    let (a, b) = (&ours.tls, &theirs.tls);
    match (a, b) {
        (Part::Absent, Part::Absent) => Outcome::Same,
        (Part::Absent, _) | (_, Part::Absent) => Outcome::Unknown,
        _ => match (a.value(), b.value()) {
            // Encrypted on both sides, verified as the client does by itself on one.
            (Some(Tls::On), Some(other)) | (Some(other), Some(Tls::On))
                if *other > Tls::Prefer && *other != Tls::On =>
            {
                Outcome::Unknown
            }
            _ => part(a, b),
        },
    }
}

fn options(ours: &Connection, theirs: &Connection) -> Outcome {
    if ours.options != theirs.options {
        Outcome::Differs
    } else if ours.unread != theirs.unread {
        Outcome::Unknown
    } else {
        Outcome::Same
    }
}

fn group(ours: &Connection, theirs: &Connection) -> Outcome {
    match part(&ours.group, &theirs.group) {
        // A replica set's name is a check, and may be left out.
        Outcome::Differs
            if ours.kind == Kind::Mongodb && (ours.group == Part::Absent || theirs.group == Part::Absent) =>
        {
            Outcome::Unknown
        }
        outcome => outcome,
    }
}

/// The outcome of where, and of the order.
fn endpoints(ours: &Connection, theirs: &Connection, placement: Placement) -> (Outcome, Outcome) {
    let (Some(a), Some(b)) = (ours.endpoints.value(), theirs.endpoints.value()) else {
        let absent = ours.endpoints == Part::Absent && theirs.endpoints == Part::Absent;
        return (if absent { Outcome::Same } else { Outcome::Unknown }, Outcome::Same);
    };
    let written =
        if part(&ours.endpoints, &theirs.endpoints) == Outcome::Rewritten { Outcome::Rewritten } else { Outcome::Same };
    let (place, order) = lists(a, b, placement);
    (worse(place, written), order)
}

fn lists(a: &Endpoints, b: &Endpoints, placement: Placement) -> (Outcome, Outcome) {
    let sentinels = (a.meaning == Meaning::Sentinels, b.meaning == Meaning::Sentinels);
    if sentinels.0 != sentinels.1 {
        // Where the watchers send a client is not in the text.
        return (Outcome::Unknown, Outcome::Same);
    }
    let several = a.list.len() > 1 || b.list.len() > 1;
    if !several {
        return (pairwise(a, b, placement), Outcome::Same);
    }
    if a.meaning != b.meaning && a.list.len() > 1 && b.list.len() > 1 {
        let outcome = if any_common(a, b, placement) { Outcome::Unknown } else { Outcome::Differs };
        return (outcome, Outcome::Same);
    }
    let meaning = if a.list.len() > 1 { a.meaning } else { b.meaning };
    let in_order = if a.list.len() == b.list.len() { pairwise(a, b, placement) } else { Outcome::Differs };
    if in_order != Outcome::Differs {
        return (in_order, Outcome::Same);
    }
    let both = (within(a, b, placement), within(b, a, placement));
    match meaning {
        Meaning::Failover | Meaning::OrderedRing | Meaning::SomeRing => match both {
            (Outcome::Same | Outcome::Rewritten, Outcome::Same | Outcome::Rewritten)
                if a.list.len() == b.list.len() =>
            {
                let order = if meaning == Meaning::SomeRing { Outcome::Unknown } else { Outcome::Differs };
                (worse(both.0, both.1), order)
            }
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Outcome::Unknown, Outcome::Same),
            _ => (Outcome::Differs, Outcome::Same),
        },
        Meaning::Ring | Meaning::AnyPrimary => match both {
            (Outcome::Differs, _) | (_, Outcome::Differs) => (Outcome::Differs, Outcome::Same),
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Outcome::Unknown, Outcome::Same),
            _ => (Outcome::Rewritten, Outcome::Same),
        },
        // Any common member leads to the same cluster; but a list where each side has members of its own may be a mistake.
        Meaning::Seeds | Meaning::Sentinels => match both {
            (Outcome::Same | Outcome::Rewritten, _) | (_, Outcome::Same | Outcome::Rewritten) => {
                (Outcome::Rewritten, Outcome::Same)
            }
            _ if any_common(a, b, placement) => (Outcome::Unknown, Outcome::Same),
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Outcome::Unknown, Outcome::Same),
            _ => (Outcome::Differs, Outcome::Same),
        },
    }
}

fn pairwise(a: &Endpoints, b: &Endpoints, placement: Placement) -> Outcome {
    a.list.iter().zip(&b.list).map(|(a, b)| endpoint(a, b, placement)).fold(Outcome::Same, worse)
}

/// Whether each of a's endpoints is among b's.
fn within(a: &Endpoints, b: &Endpoints, placement: Placement) -> Outcome {
    a.list
        .iter()
        .map(|one| b.list.iter().map(|other| endpoint(one, other, placement)).fold(Outcome::Differs, better))
        .fold(Outcome::Same, worse)
}

fn any_common(a: &Endpoints, b: &Endpoints, placement: Placement) -> bool {
    a.list.iter().any(|one| {
        b.list.iter().any(|other| matches!(endpoint(one, other, placement), Outcome::Same | Outcome::Rewritten))
    })
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Same => 0,
        Outcome::Rewritten => 1,
        Outcome::Unknown => 2,
        Outcome::Differs => 3,
    }
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    if rank(a) >= rank(b) { a } else { b }
}

fn better(a: Outcome, b: Outcome) -> Outcome {
    if rank(a) <= rank(b) { a } else { b }
}

fn endpoint(a: &Endpoint, b: &Endpoint, placement: Placement) -> Outcome {
    let apart = placement == Placement::Apart;
    match (a, b) {
        (Endpoint::Tcp { host, port }, Endpoint::Tcp { host: other, port: other_port }) => {
            let local = host.is_loopback() && other.is_loopback();
            let hosts = match (host == other, local) {
                (_, true) if apart => Outcome::Differs,
                (true, _) => Outcome::Same,
                (false, true) => Outcome::Rewritten,
                (false, false) => Outcome::Differs,
            };
            worse(hosts, part(port, other_port))
        }
        (Endpoint::Instance { host, name }, Endpoint::Instance { host: other, name: other_name }) => {
            let local = host.is_loopback() && other.is_loopback();
            if name != other_name || (local && apart) || (host != other && !local) {
                Outcome::Differs
            } else if host == other {
                Outcome::Same
            } else {
                Outcome::Rewritten
            }
        }
        // The browser service of the host knows the port.
        (Endpoint::Instance { host, .. }, Endpoint::Tcp { host: other, .. })
        | (Endpoint::Tcp { host: other, .. }, Endpoint::Instance { host, .. }) => {
            if host == other || (host.is_loopback() && other.is_loopback() && !apart) {
                Outcome::Unknown
            } else {
                Outcome::Differs
            }
        }
        (Endpoint::Socket(path), Endpoint::Socket(other)) => local_path(path == other, apart),
        (Endpoint::DefaultSocket(port), Endpoint::DefaultSocket(other)) => local_path(port == other, apart),
        // Where the default is, and what listens on both, only the host knows.
        (Endpoint::Socket(_) | Endpoint::DefaultSocket(_), Endpoint::Socket(_) | Endpoint::DefaultSocket(_)) => {
            if apart { Outcome::Differs } else { Outcome::Unknown }
        }
        (Endpoint::Socket(_) | Endpoint::DefaultSocket(_), Endpoint::Tcp { host, .. })
        | (Endpoint::Tcp { host, .. }, Endpoint::Socket(_) | Endpoint::DefaultSocket(_)) => {
            if host.is_loopback() && apart { Outcome::Differs } else { Outcome::Unknown }
        }
        (Endpoint::File(path), Endpoint::File(other)) => files(path, other, apart),
        (Endpoint::Srv(name), Endpoint::Srv(other)) if name == other => Outcome::Same,
        // LocalDB belongs to a user's session.
        (Endpoint::LocalDb(name), Endpoint::LocalDb(other)) => {
            if name != other || apart {
                Outcome::Differs
            } else {
                Outcome::Same
            }
        }
        (Endpoint::Pipe(name), Endpoint::Pipe(other)) if name == other => {
            if apart {
                Outcome::Unknown
            } else {
                Outcome::Same
            }
        }
        // One process's memory is not another's; names and pipes say nothing about ports.
        (Endpoint::Memory, Endpoint::Memory)
        | (Endpoint::Srv(_), Endpoint::Tcp { .. })
        | (Endpoint::Tcp { .. }, Endpoint::Srv(_))
        | (Endpoint::Pipe(_), Endpoint::Tcp { .. } | Endpoint::Instance { .. })
        | (Endpoint::Tcp { .. } | Endpoint::Instance { .. }, Endpoint::Pipe(_)) => Outcome::Unknown,
        _ => Outcome::Differs,
    }
}

fn local_path(same: bool, apart: bool) -> Outcome {
    if same && !apart { Outcome::Same } else { Outcome::Differs }
}

fn files(path: &str, other: &str, apart: bool) -> Outcome {
    let relative = !path.starts_with('/') || !other.starts_with('/');
    if relative {
        // Relative to what, the text does not say.
        return Outcome::Unknown;
    }
    match (path == other, apart) {
        (true, false) => Outcome::Same,
        // A shared file system may or may not be there.
        (true, true) => Outcome::Unknown,
        (false, _) => Outcome::Differs,
    }
}
