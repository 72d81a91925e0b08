//! Any interleaving of appends by several handles gives one chain that verifies and holds exactly what was acknowledged.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::time::Timestamp;
use sternway_logbook::{AppendError, Draft, Guard, Logbook};

use crate::support::place;

#[derive(Debug, Clone)]
struct Step {
    handle: usize,
    drafts: Vec<Draft>,
    /// How far the expected head is off.
    off: Option<u64>,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let draft = (
        any::<i64>(),
        option::of("[a-z][a-z0-9_-]{0,5}"),
        option::of(any::<u64>()),
        ".{0,6}",
        ".{0,6}",
        vec(any::<u8>(), 0..200),
    )
        .prop_map(|(at, environment, epoch, by, kind, payload)| Draft {
            at: Timestamp::from_millis(at),
            environment: environment.map(|name| EnvironmentName::new(name).unwrap()),
            epoch: epoch.map(Epoch),
            by,
            kind,
            payload,
        });
    vec(draft, 0..4)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..3usize, drafts(), option::of(0..2u64));
    vec(step.prop_map(|(handle, drafts, off)| Step { handle, drafts, off }), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_verifies(steps in steps()) {
        let (_folder, path) = place();
        let handles: Vec<_> = (0..3).map(|_| Logbook::open(&path).unwrap()).collect();
        let mut model = Vec::new();
        for step in steps {
            let head = model.len() as u64;
            let guard = Guard { expected_head: step.off.map(|off| head + off), lease: None };
            match handles[step.handle].append(step.drafts, guard) {
                Ok(records) => {
                    prop_assert!(step.off != Some(1));
                    model.extend(records);
                }
                Err(AppendError::Moved(moved)) => prop_assert_eq!((moved.head, step.off), (head, Some(1))),
                Err(error) => panic!("{error:?}"),
            }
        }
        let heads: Vec<_> = model.iter().map(sternway_logbook::Record::head).collect();
        let verified = handles[0].verify(&heads).unwrap();
        prop_assert_eq!(verified.count, model.len() as u64);
        prop_assert_eq!(verified.head.as_ref(), heads.last());
        prop_assert_eq!(handles[1].read(0, usize::MAX).unwrap(), model);
    }
}
