//! Whether two connections lead to the same place.
//!
//! It is told from outlines, so that what was sealed of a connection is compared by the very same rules as the connection itself.

use std::borrow::Cow;

use super::Component;
use super::connection::{Connection, Kind, Tls};
use super::endpoint::Meaning;
use super::outline::{At, Named, Outline, Places};
use super::part::Part;

/// A text, or the fingerprint that stands for it.
type Text<'a> = Cow<'a, str>;

/// Whether two texts are the same. `None` when that cannot be told: of two fingerprints that were made with different keys.
pub type Same<'f> = &'f dyn Fn(&str, &str) -> Option<bool>;

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
    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Equivalent => "equivalent",
            Self::SameStoreOtherCredential => "same_store_other_credential",
            Self::SameServerOtherNamespace => "same_server_other_namespace",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }

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
    compare_outlines(&ours.outline(), &theirs.outline(), placement, &|one, other| Some(one == other))
}

/// The same of what is known of them.
pub fn compare_outlines(
    ours: &Outline<Text<'_>>,
    theirs: &Outline<Text<'_>>,
    placement: Placement,
    same: Same<'_>,
) -> Comparison {
    if ours.kind != theirs.kind {
        return Comparison { verdict: Verdict::Different, differences: vec![Component::Kind], unknown: Vec::new() };
    }
    let by = By { placement, same };
    let (place, order) = by.endpoints(ours, theirs);
    let outcomes = [
        (Component::Endpoints, place),
        (Component::Order, order),
        (Component::Group, by.group(ours, theirs)),
        (Component::Database, by.part(&ours.database, &theirs.database)),
        (Component::Schema, by.part(&ours.schema, &theirs.schema)),
        (Component::Vhost, by.part(&ours.vhost, &theirs.vhost)),
        (Component::Prefix, by.part(&ours.prefix, &theirs.prefix)),
        (Component::Path, by.part(&ours.path, &theirs.path)),
        (Component::User, by.part(&ours.user, &theirs.user)),
        (Component::Password, by.part(&ours.password, &theirs.password)),
        (Component::Tls, tls(&ours.tls, &theirs.tls)),
        (Component::Options, by.options(ours, theirs)),
    ];
    let with = |outcome| outcomes.iter().filter(move |(_, it)| *it == outcome).map(|(component, _)| *component);
    let mut differences: Vec<_> = with(Outcome::Differs).collect();
    let unknown: Vec<_> = with(Outcome::Unknown).collect();
    let tuning = by.whole(ours.tuning.as_ref(), theirs.tuning.as_ref());
    let rewritten = with(Outcome::Rewritten).next().is_some() || tuning != Outcome::Same;
    let verdict = verdict(&differences, &unknown, rewritten);
    if tuning == Outcome::Differs {
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

/// A client's own default may be any of the others.
fn tls(ours: &Part<Tls>, theirs: &Part<Tls>) -> Outcome {
    match (ours, theirs) {
        (Part::Absent, Part::Absent) => Outcome::Same,
        (Part::Unknown | Part::Absent, _) | (_, Part::Unknown | Part::Absent) => Outcome::Unknown,
        (Part::Given(a) | Part::Default(a), Part::Given(b) | Part::Default(b)) => match (a, b) {
            // Encrypted on both sides, verified as the client does by itself on one.
            (Tls::On, other) | (other, Tls::On) if *other > Tls::Prefer && *other != Tls::On => Outcome::Unknown,
            (a, b) if a != b => Outcome::Differs,
            _ if ours == theirs => Outcome::Same,
            _ => Outcome::Rewritten,
        },
    }
}

/// By what two outlines are compared.
#[derive(Clone, Copy)]
struct By<'f> {
    placement: Placement,
    same: Same<'f>,
}

impl By<'_> {
    fn apart(self) -> bool {
        self.placement == Placement::Apart
    }

    /// `alike` when the texts are the same.
    fn texts(self, ours: &str, theirs: &str, alike: Outcome) -> Outcome {
        match (self.same)(ours, theirs) {
            Some(true) => alike,
            Some(false) => Outcome::Differs,
            None => Outcome::Unknown,
        }
    }

    fn part(self, ours: &Part<Text<'_>>, theirs: &Part<Text<'_>>) -> Outcome {
        match (ours, theirs) {
            (Part::Unknown, _) | (_, Part::Unknown) => Outcome::Unknown,
            (Part::Absent, Part::Absent) => Outcome::Same,
            (Part::Absent, _) | (_, Part::Absent) => Outcome::Differs,
            (Part::Given(a), Part::Given(b)) | (Part::Default(a), Part::Default(b)) => self.texts(a, b, Outcome::Same),
            (Part::Given(a), Part::Default(b)) | (Part::Default(a), Part::Given(b)) => {
                self.texts(a, b, Outcome::Rewritten)
            }
        }
    }

    fn whole(self, ours: Option<&Text<'_>>, theirs: Option<&Text<'_>>) -> Outcome {
        match (ours, theirs) {
            (None, None) => Outcome::Same,
            (Some(a), Some(b)) => self.texts(a, b, Outcome::Same),
            _ => Outcome::Differs,
        }
    }

    fn options(self, ours: &Outline<Text<'_>>, theirs: &Outline<Text<'_>>) -> Outcome {
        let options = self.whole(ours.options.as_ref(), theirs.options.as_ref());
        match (options, self.whole(ours.unread.as_ref(), theirs.unread.as_ref())) {
            (Outcome::Same, Outcome::Same) => Outcome::Same,
            (Outcome::Same, _) => Outcome::Unknown,
            (outcome, _) => outcome,
        }
    }

    fn group(self, ours: &Outline<Text<'_>>, theirs: &Outline<Text<'_>>) -> Outcome {
        match self.part(&ours.group, &theirs.group) {
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
    fn endpoints(self, ours: &Outline<Text<'_>>, theirs: &Outline<Text<'_>>) -> (Outcome, Outcome) {
        let (Some(a), Some(b)) = (ours.endpoints.value(), theirs.endpoints.value()) else {
            let absent = ours.endpoints.is_absent() && theirs.endpoints.is_absent();
            return (if absent { Outcome::Same } else { Outcome::Unknown }, Outcome::Same);
        };
        let given = |part: &Part<_>| matches!(part, Part::Given(_));
        let written =
            if given(&ours.endpoints) == given(&theirs.endpoints) { Outcome::Same } else { Outcome::Rewritten };
        let (place, order) = self.lists(a, b);
        (worse(place, written), order)
    }

    fn lists(self, a: &Places<Text<'_>>, b: &Places<Text<'_>>) -> (Outcome, Outcome) {
        let sentinels = (a.meaning == Meaning::Sentinels, b.meaning == Meaning::Sentinels);
        if sentinels.0 != sentinels.1 {
            // Where the watchers send a client is not in the text.
            return (Outcome::Unknown, Outcome::Same);
        }
        let several = a.list.len() > 1 || b.list.len() > 1;
        if !several {
            return (self.pairwise(a, b), Outcome::Same);
        }
        if a.meaning != b.meaning && a.list.len() > 1 && b.list.len() > 1 {
            let outcome = if self.any_common(a, b) { Outcome::Unknown } else { Outcome::Differs };
            return (outcome, Outcome::Same);
        }
        let meaning = if a.list.len() > 1 { a.meaning } else { b.meaning };
        let in_order = if a.list.len() == b.list.len() { self.pairwise(a, b) } else { Outcome::Differs };
        if in_order != Outcome::Differs {
            return (in_order, Outcome::Same);
        }
        let both = (self.within(a, b), self.within(b, a));
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
                _ if self.any_common(a, b) => (Outcome::Unknown, Outcome::Same),
                (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Outcome::Unknown, Outcome::Same),
                _ => (Outcome::Differs, Outcome::Same),
            },
        }
    }

    fn pairwise(self, a: &Places<Text<'_>>, b: &Places<Text<'_>>) -> Outcome {
        a.list.iter().zip(&b.list).map(|(a, b)| self.endpoint(a, b)).fold(Outcome::Same, worse)
    }

    /// Whether each of a's endpoints is among b's.
    fn within(self, a: &Places<Text<'_>>, b: &Places<Text<'_>>) -> Outcome {
        a.list
            .iter()
            .map(|one| b.list.iter().map(|other| self.endpoint(one, other)).fold(Outcome::Differs, better))
            .fold(Outcome::Same, worse)
    }

    /// Whether they may have an endpoint in common.
    fn any_common(self, a: &Places<Text<'_>>, b: &Places<Text<'_>>) -> bool {
        a.list.iter().any(|one| {
            b.list.iter().any(|other| matches!(self.endpoint(one, other), Outcome::Same | Outcome::Rewritten))
        })
    }

    fn endpoint(self, a: &At<Text<'_>>, b: &At<Text<'_>>) -> Outcome {
        match (a, b) {
            (At::Tcp { host, port }, At::Tcp { host: other, port: other_port }) => {
                worse(self.hosts(host, other), self.part(port, other_port))
            }
            (At::Instance { host, name }, At::Instance { host: other, name: other_name }) => {
                worse(self.hosts(host, other), self.texts(name, other_name, Outcome::Same))
            }
            // The browser service of the host knows the port.
            (At::Instance { host, .. }, At::Tcp { host: other, .. })
            | (At::Tcp { host: other, .. }, At::Instance { host, .. }) => {
                let elsewhere = host.loopback != other.loopback
                    || ((self.same)(&host.name, &other.name) == Some(false) && (!host.loopback || self.apart()));
                if elsewhere { Outcome::Differs } else { Outcome::Unknown }
            }
            (At::Socket(path), At::Socket(other)) => self.local(self.texts(path, other, Outcome::Same)),
            (At::DefaultSocket(port), At::DefaultSocket(other)) => {
                self.local(self.whole(port.as_ref(), other.as_ref()))
            }
            // Where the default is, and what listens on both, only the host knows.
            (At::Socket(_) | At::DefaultSocket(_), At::Socket(_) | At::DefaultSocket(_)) => {
                self.local(Outcome::Unknown)
            }
            (At::Socket(_) | At::DefaultSocket(_), At::Tcp { host, .. })
            | (At::Tcp { host, .. }, At::Socket(_) | At::DefaultSocket(_)) => {
                if host.loopback && self.apart() {
                    Outcome::Differs
                } else {
                    Outcome::Unknown
                }
            }
            (At::File { relative: true, .. }, At::File { .. }) | (At::File { .. }, At::File { relative: true, .. }) => {
                // Relative to what, the text does not say.
                Outcome::Unknown
            }
            (At::File { path, .. }, At::File { path: other, .. }) => match self.texts(path, other, Outcome::Same) {
                // A shared file system may or may not be there.
                Outcome::Same if self.apart() => Outcome::Unknown,
                outcome => outcome,
            },
            (At::Srv(name), At::Srv(other)) => self.texts(name, other, Outcome::Same),
            // LocalDB belongs to a user's session.
            (At::LocalDb(name), At::LocalDb(other)) => self.local(self.texts(name, other, Outcome::Same)),
            (At::Pipe(name), At::Pipe(other)) => match self.texts(name, other, Outcome::Same) {
                Outcome::Same if self.apart() => Outcome::Unknown,
                outcome => outcome,
            },
            // One process's memory is not another's; names and pipes say nothing about ports.
            (At::Memory, At::Memory)
            | (At::Srv(_), At::Tcp { .. })
            | (At::Tcp { .. }, At::Srv(_))
            | (At::Pipe(_), At::Tcp { .. } | At::Instance { .. })
            | (At::Tcp { .. } | At::Instance { .. }, At::Pipe(_)) => Outcome::Unknown,
            _ => Outcome::Differs,
        }
    }

    fn hosts(self, a: &Named<Text<'_>>, b: &Named<Text<'_>>) -> Outcome {
        let local = a.loopback && b.loopback;
        if (local && self.apart()) || a.loopback != b.loopback {
            return Outcome::Differs;
        }
        match self.texts(&a.name, &b.name, Outcome::Same) {
            // All names of the machine itself are one.
            Outcome::Differs | Outcome::Unknown if local => Outcome::Rewritten,
            outcome => outcome,
        }
    }

    /// Of what belongs to one machine: on another one it is another.
    fn local(self, outcome: Outcome) -> Outcome {
        if self.apart() { Outcome::Differs } else { outcome }
    }
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
