//! The folded state, kept beside the logbook so that an old one opens at once. A cache, never a second truth: whatever is wrong with
//! it, the logbook is folded from its first entry, and `sternway log --verify` folds it anew to see whether the two agree.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use sternway_core::state::{STATE_FORMAT, State};
use sternway_logbook::Logbook;

/// So many entries are folded in well under a tenth of a second: fewer are not worth a file.
const WORTH: u64 = 10_000;

/// In an old logbook the state is large, so that it is kept anew only after this part of its entries: writing then costs less than
/// folding did.
const PART: u64 = 32;

/// Whose fold it was: another program's may differ.
fn ours() -> String {
    format!("state {STATE_FORMAT}, sternway {}", env!("CARGO_PKG_VERSION"))
}

/// The state that was last kept, and the entry up to which it was folded.
pub(crate) fn load(logbook: &Logbook) -> Option<State> {
    let kept = logbook.checkpoint(&ours())?;
    let state: State = serde_json::from_slice(&kept.body).ok()?;
    (state.head == kept.seq).then_some(state)
}

/// Up to which entry a state is kept, and whether it is this one; `None` when none is.
pub(crate) fn kept(logbook: &Logbook) -> Option<(u64, impl Fn(&State) -> bool)> {
    let kept = logbook.checkpoint(&ours())?;
    Some((kept.seq, move |state: &State| serde_json::to_vec(state).is_ok_and(|body| body == kept.body)))
}

/// Keeps states, on a thread of its own.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// The last entry up to which a state is known to be kept.
    kept: AtomicU64,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// What was kept up to this entry was read.
    pub(crate) fn found(&self, seq: u64) {
        self.kept.fetch_max(seq, Ordering::Relaxed);
    }

    /// Keeps this state, if enough was folded since the last.
    pub(crate) fn offer(&self, logbook: &Logbook, state: &State) {
        let since = self.kept.load(Ordering::Relaxed);
        if state.head.saturating_sub(since) <= WORTH.max(state.head / PART) {
            return;
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.as_ref().is_some_and(|writer| !writer.is_finished()) {
            return;
        }
        // Not tried again at once when it fails: that would be in the way of what the state was folded for.
        self.kept.store(state.head, Ordering::Relaxed);
        let Ok(body) = serde_json::to_vec(state) else { return };
        let (logbook, seq) = (logbook.clone(), state.head);
        *writer = thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || {
                let _only_a_cache = logbook.keep_checkpoint(&ours(), seq, &body);
            })
            .ok();
    }
}

impl Drop for Keeper {
    /// A command that only folds ends at once: it waits here until what it folded is kept.
    fn drop(&mut self) {
        if let Some(writer) = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            let _panicked = writer.join();
        }
    }
}
