//! Much is read on several threads; it must look as if it were one.

use sternway_logbook::{Draft, Guard, Logbook, LogbookError, VerifyError};

use crate::support::{draft, place};

/// Several times what one thread decodes in one go, and some more.
const MANY: u64 = 9000;

fn written(logbook: &Logbook) {
    let drafts: Vec<Draft> = (1..=MANY).map(|n| Draft { payload: n.to_string().into(), ..draft("a", "b") }).collect();
    logbook.append(drafts, Guard::default()).unwrap();
}

fn number(payload: &[u8]) -> u64 {
    std::str::from_utf8(payload).unwrap().parse().unwrap()
}

#[test]
fn many_entries_come_in_order_from_wherever_one_begins() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    written(&logbook);
    for after in [0, 1, 2048, 5000, MANY - 1, MANY, MANY + 7] {
        let mut seen = Vec::new();
        let keep = |n: &(u64, u64)| {
            seen.push(*n);
            Ok(())
        };
        logbook.decode_each(after, |record| Ok::<_, LogbookError>((record.seq, number(record.payload))), keep).unwrap();
        assert_eq!(seen, (after + 1..=MANY).map(|n| (n, n)).collect::<Vec<_>>(), "after {after}");
    }
    let mut sum = 0;
    let add = |n: &u64| {
        sum += n;
        Ok(())
    };
    logbook.replay(|record| Ok::<_, VerifyError>(number(record.payload)), add).unwrap();
    assert_eq!(sum, MANY * (MANY + 1) / 2);
}

#[test]
fn an_entry_that_cannot_be_decoded_ends_it_after_all_before_it() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    written(&logbook);
    let damaged = |detail: &str| LogbookError::Damaged { detail: detail.to_owned() };
    let mut last = 0;
    let decode = |seq: u64| if seq >= 7000 { Err(damaged("7000")) } else { Ok(seq) };
    let keep = |seq: &u64| {
        last = *seq;
        Ok(())
    };
    let ended = logbook.decode_each(0, |record| decode(record.seq), keep);
    assert!(matches!(ended, Err(LogbookError::Damaged { .. })), "{ended:?}");
    assert_eq!(last, 6999);
    // What they are shown to may end it, too.
    let ended = logbook.decode_each(
        0,
        |record| Ok(record.seq),
        |seq: &u64| if *seq == 3000 { Err(damaged("3000")) } else { Ok(()) },
    );
    assert!(matches!(ended, Err(LogbookError::Damaged { detail }) if detail == "3000"));
}
