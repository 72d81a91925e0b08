//! Every kind of change to what was written, done in SQL past the triggers, is named at its first entry.

use std::path::Path;

use sternway_logbook::{Head, Logbook, Tampered, Tampering, VerifyError};

use crate::support::{note, place, shell};

const PAST_THE_TRIGGERS: &str = "DROP TRIGGER entries_follow; DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;";

/// Ten entries; their heads.
fn written(path: &Path) -> Vec<Head> {
    let logbook = Logbook::open(path).unwrap();
    (1..=10).map(|n| note(&logbook, &format!("entry {n}")).head()).collect()
}

fn tamper(path: &Path, sql: &str) {
    shell(path).execute_batch(&format!("{PAST_THE_TRIGGERS} {sql}")).unwrap();
}

fn found(path: &Path, witnesses: &[Head]) -> Tampered {
    match Logbook::open(path).unwrap().verify(witnesses) {
        Err(VerifyError::Tampered(tampered)) => tampered,
        other => panic!("{other:?}"),
    }
}

/// What is found after this SQL.
fn after(sql: &str) -> (u64, Tampering) {
    let (_folder, path) = place();
    written(&path);
    tamper(&path, sql);
    let tampered = found(&path, &[]);
    // Replaying must notice the same.
    let replayed = Logbook::open(&path).unwrap().replay(|_| Ok::<_, VerifyError>(()), |()| Ok(()));
    assert!(matches!(replayed, Err(VerifyError::Tampered(same)) if same == tampered));
    (tampered.seq, tampered.what)
}

#[test]
fn an_untouched_logbook_verifies_with_all_its_witnesses() {
    let (_folder, path) = place();
    let heads = written(&path);
    let verified = Logbook::open(&path).unwrap().verify(&heads).unwrap();
    assert_eq!((verified.count, verified.witnessed), (10, 10));
    assert_eq!(verified.head.as_ref(), heads.last());
}

#[test]
fn an_empty_logbook_verifies() {
    let (_folder, path) = place();
    let verified = Logbook::open(&path).unwrap().verify(&[]).unwrap();
    assert_eq!((verified.count, verified.head), (0, None));
}

#[test]
fn each_altered_column_shows() {
    for change in [
        "payload = CAST('{}' AS BLOB)",
        "kind = 'closed'",
        "\"by\" = 'somebody else'",
        "at = at + 1",
        "environment = NULL",
        "environment = 'staging'",
        "epoch = 2",
        "epoch = NULL",
        "hash = zeroblob(32)",
    ] {
        assert_eq!(after(&format!("UPDATE entries SET {change} WHERE seq = 4")), (4, Tampering::Altered), "{change}");
    }
    assert_eq!(after("UPDATE entries SET kind = 'x' WHERE seq IN (1, 5)"), (1, Tampering::Altered));
    assert_eq!(after("UPDATE entries SET kind = 'x' WHERE seq = 10"), (10, Tampering::Altered));
}

#[test]
fn a_removed_entry_shows() {
    assert_eq!(after("DELETE FROM entries WHERE seq = 4"), (4, Tampering::Missing));
    assert_eq!(after("DELETE FROM entries WHERE seq <= 2"), (1, Tampering::Missing));
    // The gap closed.
    assert_eq!(
        after("DELETE FROM entries WHERE seq = 4; UPDATE entries SET seq = seq - 1 WHERE seq > 4"),
        (4, Tampering::Missing)
    );
}

const SWAP_4_7: &str = "UPDATE entries SET seq = -1 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 7;
    UPDATE entries SET seq = 7 WHERE seq = -1;";

#[test]
fn reordered_entries_show() {
    assert_eq!(after(SWAP_4_7), (4, Tampering::Reordered));
    // Neighbours.
    assert_eq!(after(&SWAP_4_7.replace('7', "5")), (4, Tampering::Reordered));
    // Contents only; the hashes stay in their places.
    assert_eq!(
        after(
            "CREATE TEMP TABLE old AS SELECT * FROM entries;
             UPDATE entries SET payload = (SELECT payload FROM old WHERE old.seq = 11 - entries.seq) WHERE seq IN (4, 7)"
        ),
        (4, Tampering::Reordered)
    );
    // One moved to the front, the others pushed.
    assert_eq!(
        after(
            "UPDATE entries SET seq = -seq WHERE seq BETWEEN 4 AND 8;
             UPDATE entries SET seq = CASE seq WHEN -8 THEN 4 ELSE 1 - seq END WHERE seq < 0"
        ),
        (4, Tampering::Reordered)
    );
    // One moved far behind the end.
    assert_eq!(after("UPDATE entries SET seq = 900 WHERE seq = 4"), (4, Tampering::Reordered));
}

#[test]
fn an_inserted_entry_shows() {
    let row = "at, environment, epoch, \"by\", kind, CAST('{}' AS BLOB), hash FROM entries WHERE seq = 1";
    assert_eq!(
        after(&format!(
            "UPDATE entries SET seq = -seq WHERE seq >= 4; UPDATE entries SET seq = 1 - seq WHERE seq < 0;
             INSERT INTO entries SELECT 4, {row}"
        )),
        (4, Tampering::Inserted)
    );
    assert_eq!(after(&format!("INSERT INTO entries SELECT 0, {row}")), (0, Tampering::Inserted));
    // Forged at the end: nothing tells it from an altered one.
    assert_eq!(after(&format!("INSERT INTO entries SELECT 11, {row}")), (11, Tampering::Altered));
}

#[test]
fn a_cut_tail_shows_to_a_witness() {
    let (_folder, path) = place();
    let heads = written(&path);
    tamper(&path, "DELETE FROM entries WHERE seq > 7");
    let logbook = Logbook::open(&path).unwrap();
    assert_eq!(logbook.verify(&heads[..7]).unwrap().count, 7, "the chain alone cannot know");
    let tampered = found(&path, &[heads[2].clone(), heads[8].clone()]);
    assert_eq!((tampered.seq, tampered.what), (8, Tampering::Truncated));
    // All of it.
    tamper_again(&path, "DELETE FROM entries");
    let tampered = found(&path, &heads[..1]);
    assert_eq!((tampered.seq, tampered.what), (1, Tampering::Truncated));
}

fn tamper_again(path: &Path, sql: &str) {
    shell(path).execute_batch(sql).unwrap();
}

#[test]
fn a_tail_written_anew_shows_to_a_witness() {
    let (_folder, path) = place();
    let heads = written(&path);
    tamper(&path, "DELETE FROM entries WHERE seq > 7");
    let logbook = Logbook::open(&path).unwrap();
    for _ in 0..5 {
        note(&logbook, "another history");
    }
    assert_eq!(logbook.verify(&[]).unwrap().count, 12, "the chain alone is whole");
    let tampered = found(&path, &[heads[8].clone(), heads[4].clone()]);
    assert_eq!((tampered.seq, tampered.what), (9, Tampering::Rewritten));
    assert!(tampered.detail.contains("after entry 5"), "{tampered}");
}

#[test]
fn a_careless_shell_is_refused() {
    let (_folder, path) = place();
    written(&path);
    let shell = shell(&path);
    for sql in [
        "UPDATE entries SET kind = 'x' WHERE seq = 4",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT 4, at, environment, epoch, \"by\", kind, payload, hash FROM entries WHERE seq = 3",
        "INSERT INTO entries SELECT 99, at, environment, epoch, \"by\", kind, payload, hash FROM entries WHERE seq = 3",
    ] {
        let refused = shell.execute(sql, []).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    drop(shell);
    assert_eq!(Logbook::open(&path).unwrap().verify(&[]).unwrap().count, 10);
}
