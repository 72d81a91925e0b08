//! The port through which an agent proves what it is asked to. What is proven, and how, is no business of this crate.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

/// Proves something from this host.
pub trait Prove: Send + Sync {
    /// Blocks for about the limit's time at most. `Err` says why nothing was proven, without a value.
    fn prove(&self, question: &Value, within: Duration) -> Result<Value, String>;
}

/// As many proofs at a time: each may be many connections.
const AT_ONCE: usize = 4;

/// No proof takes longer.
const LONGEST: Duration = Duration::from_mins(10);

/// An agent's prover, if it was given one.
#[derive(Clone, Default)]
pub struct Prover {
    port: Option<Arc<dyn Prove>>,
    running: Arc<AtomicUsize>,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").field("filled", &self.port.is_some()).finish_non_exhaustive()
    }
}

impl Prover {
    /// One that proves through this port.
    pub fn new(port: Arc<dyn Prove>) -> Self {
        Self { port: Some(port), running: Arc::default() }
    }

    pub(crate) fn prove(&self, question: &Value, within: Duration) -> Result<Value, String> {
        let port = self.port.as_ref().ok_or("this agent proves nothing")?;
        let _turn = Turn::take(&self.running).ok_or("it proves as much as it may already")?;
        port.prove(question, within.min(LONGEST))
    }
}

/// One of the proofs at a time.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(running: &'a AtomicUsize) -> Option<Self> {
        let turn = Self(running);
        // Given back when it is dropped, also when there was none to take.
        (running.fetch_add(1, Ordering::SeqCst) < AT_ONCE).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_turns_and_each_is_given_back() {
        let running = AtomicUsize::new(0);
        for _ in 0..2 {
            let mut turns: Vec<_> = (0..AT_ONCE).filter_map(|_| Turn::take(&running)).collect();
            assert_eq!(turns.len(), AT_ONCE);
            assert!(Turn::take(&running).is_none() && Turn::take(&running).is_none());
            turns.pop();
            assert!(Turn::take(&running).is_some());
        }
        assert_eq!(running.load(Ordering::SeqCst), 0);
    }
}
