//! What is under way, on the last line of a terminal: written over until there is something to say.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

static SHOWN: AtomicBool = AtomicBool::new(false);

/// Shows this until the next line is printed. Only where it can be taken away again.
pub(crate) fn show(text: &str) {
    let mut out = std::io::stdout().lock();
    if !out.is_terminal() || std::env::var("TERM").as_deref() == Ok("dumb") {
        return;
    }
    let _a_terminal_that_went_away_shows_nothing = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
    SHOWN.store(true, Ordering::Relaxed);
}

/// Takes it away.
pub(crate) fn clear() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        let mut out = std::io::stdout().lock();
        let _a_terminal_that_went_away_shows_nothing = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
    }
}
