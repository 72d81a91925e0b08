//! Much is read on several threads; it must look as if it were one.

use sternway_logbook::{Draft, Guard, Logbook, LogbookError, Unread, VerifyError};

use crate::support::{draft, place, shell};

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
        let decode = |(): &mut (), entry: Unread<'_>| Ok::<_, LogbookError>((entry.seq()?, number(entry.payload()?)));
        logbook.decode_each(after, u64::MAX, decode, keep).unwrap();
        assert_eq!(seen, (after + 1..=MANY).map(|n| (n, n)).collect::<Vec<_>>(), "after {after}");
        let mut seen = Vec::new();
        let keep = |n: &(u64, u64)| {
            seen.push(*n);
            Ok(())
        };
        logbook.decode_each(after, 5100, decode, keep).unwrap();
        assert_eq!(seen, (after + 1..=5100).map(|n| (n, n)).collect::<Vec<_>>(), "after {after} to 5100");
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
    let decode = |entry: Unread<'_>| match entry.seq()? {
        7000.. => Err(damaged("7000")),
        seq => Ok(seq),
    };
    let mut last = 0;
    let keep = |seq: &u64| {
        last = *seq;
        Ok(())
    };
    let ended = logbook.decode_each(0, u64::MAX, |(): &mut (), entry| decode(entry), keep);
    assert!(matches!(ended, Err(LogbookError::Damaged { .. })), "{ended:?}");
    assert_eq!(last, 6999);
    // What they are shown to may end it, too.
    let ended = logbook.decode_each(
        0,
        u64::MAX,
        |(): &mut (), entry| entry.seq(),
        |seq: &u64| if *seq == 3000 { Err(damaged("3000")) } else { Ok(()) },
    );
    assert!(matches!(ended, Err(LogbookError::Damaged { detail }) if detail == "3000"));
}

#[test]
fn what_is_decoded_knows_what_comes_after_it() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    written(&logbook);
    let mut known = 0;
    let decode =
        |later: &mut Option<u64>, entry: Unread<'_>| Ok::<_, LogbookError>((later.replace(entry.seq()?), entry.seq()?));
    let count = |(later, seq): &(Option<u64>, u64)| {
        known += u64::from(later.is_some());
        assert!(later.is_none_or(|later| later == seq + 1));
        Ok(())
    };
    logbook.decode_each(0, u64::MAX, decode, count).unwrap();
    assert!(known > MANY / 2, "{known}");
}

#[test]
fn columns_that_no_version_wrote_are_damage() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    written(&logbook);
    let careless = shell(&path);
    careless
        .execute_batch(
            "DROP TRIGGER entries_stay; UPDATE entries SET \"by\" = CAST(x'ff' AS TEXT), seq = -seq WHERE seq = 1",
        )
        .unwrap();
    let ended = logbook.decode_each(0, 5, |(): &mut (), entry| Ok::<_, LogbookError>(entry.by()?.len()), |_| Ok(()));
    assert!(ended.is_ok(), "what stands below 1 is not among them: {ended:?}");
    careless.execute_batch("UPDATE entries SET \"by\" = CAST(x'ff' AS TEXT) WHERE seq = 2").unwrap();
    let ended = logbook.decode_each(0, 5, |(): &mut (), entry| Ok::<_, LogbookError>(entry.by()?.len()), |_| Ok(()));
    assert!(matches!(ended, Err(LogbookError::Damaged { .. })), "{ended:?}");
    logbook.decode_each(0, 5, |(): &mut (), entry| entry.payload().map(<[u8]>::len), |_| Ok(())).unwrap();
}
