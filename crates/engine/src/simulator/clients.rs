//! Who asks: many clients that are drawn anew with each request, and perhaps a script that keeps its cookie; or a few that all keep theirs.

use super::chance::Chance;

/// Every so many requests one is the script's.
const EVERY: u64 = 5;

/// The clients of a world.
#[derive(Debug, Clone, Default)]
pub(super) struct Clients {
    script: bool,
    turn: u64,
    /// Those who keep their cookie; the script is not among them. Without any, each request is of another client.
    people: Vec<Client>,
    the_script: Client,
}

/// One who keeps the cookie.
#[derive(Debug, Clone, Copy, Default)]
struct Client {
    /// The place, 0 to 99, that the canary of the moment gives.
    place: u64,
    /// Whether it has asked since the canary began, and whether it has got an error.
    seen: bool,
    failed: bool,
}

/// Whose a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Somebody new, as with each request without a cookie.
    New,
    /// The script: whatever release answers, it gets a 401; in a canary it lands on the candidate.
    Script,
    /// One of the few.
    Known(usize),
}

impl Clients {
    /// From now on a script asks, too.
    pub(super) fn add_script(&mut self) {
        self.script = true;
    }

    /// From now on only these many ask.
    pub(super) fn only(&mut self, people: usize) {
        self.people = vec![Client::default(); people];
    }

    /// Whose the next request is.
    pub(super) fn next(&mut self, chance: &mut Chance) -> Who {
        self.turn += 1;
        match self.people.len() as u64 {
            _ if self.script && self.turn.is_multiple_of(EVERY) => Who::Script,
            0 => Who::New,
            people => Who::Known(usize::try_from(chance.below(people)).unwrap_or(0)),
        }
    }

    /// A canary begins: all are drawn anew, and nobody has asked yet.
    pub(super) fn canary_begins(&mut self, chance: &mut Chance) {
        self.the_script = Client::default();
        for client in &mut self.people {
            *client = Client { place: chance.below(100), ..Client::default() };
        }
    }

    /// Whether a canary of this share, percent, takes this client.
    pub(super) fn is_drawn(&self, who: Who, percent: u8, chance: &mut Chance) -> bool {
        let place = match who {
            Who::New => chance.below(100),
            Who::Script => 0,
            Who::Known(index) => self.people[index].place,
        };
        place < u64::from(percent)
    }

    fn client(&mut self, who: Who) -> Option<&mut Client> {
        match who {
            Who::New => None,
            Who::Script => Some(&mut self.the_script),
            Who::Known(index) => self.people.get_mut(index),
        }
    }

    /// Whether a request in a canary is its client's first.
    pub(super) fn newly_seen(&mut self, who: Who) -> bool {
        self.client(who).is_none_or(|client| !std::mem::replace(&mut client.seen, true))
    }

    /// Whether an error in a canary is its client's first.
    pub(super) fn newly_failed(&mut self, who: Who) -> bool {
        self.client(who).is_none_or(|client| !std::mem::replace(&mut client.failed, true))
    }
}
