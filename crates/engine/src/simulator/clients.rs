//! Who asks: many clients that are drawn anew with each request, and perhaps a script that keeps its cookie.

/// Every so many requests one is the script's.
const EVERY: u64 = 5;

/// The clients of a world.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clients {
    script: bool,
    turn: u64,
    /// Whether the script has got an error since the canary began.
    known: bool,
}

impl Clients {
    /// From now on a script asks, too. Whatever release answers, it gets a 401; in a canary it lands on the candidate.
    pub(super) fn add_script(&mut self) {
        self.script = true;
    }

    /// Whether the next request is the script's.
    pub(super) fn is_scripts_turn(&mut self) -> bool {
        self.turn += 1;
        self.script && self.turn.is_multiple_of(EVERY)
    }

    /// Nobody has got an error since the canary began.
    pub(super) fn canary_begins(&mut self) {
        self.known = false;
    }

    /// Whether an error in a canary is its client's first.
    pub(super) fn newly_failed(&mut self, is_script: bool) -> bool {
        let new = !(is_script && self.known);
        self.known |= is_script;
        new
    }
}
