//! Keyed fingerprints.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use sternway_config::FingerprintKey;
use sternway_config::fingerprint::KeyError;

#[test]
fn the_same_value_of_the_same_key_has_the_same_fingerprint_within_one_project_only() {
    let folder = tempfile::tempdir().unwrap();
    let ours = FingerprintKey::load_or_create(&folder.path().join("ours")).unwrap();
    let again = FingerprintKey::load_or_create(&folder.path().join("ours")).unwrap();
    let theirs = FingerprintKey::load_or_create(&folder.path().join("theirs")).unwrap();
    let print = ours.of("DSN", "redis://a");
    assert_eq!(again.of("DSN", "redis://a"), print);
    for other in [
        theirs.of("DSN", "redis://a"),
        ours.of("DSN2", "redis://a"),
        ours.of("DSN", "redis://b"),
        ours.of("DSNr", "edis://a"),
    ] {
        assert_ne!(other, print);
    }
    let digits = print.strip_prefix("hmac:").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn a_fingerprint_never_changes_between_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, format!(r#"{{"format":1,"written_by":"sternway 0.1.0","key":"{}"}}"#, "0b".repeat(32))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // By hand: printf 'sternway configuration value 1\0KEY\0value' | openssl dgst -sha256 -mac hmac -macopt hexkey:0b...0b
    assert_eq!(
        FingerprintKey::load_or_create(&path).unwrap().of("KEY", "value"),
        "hmac:f60d9c900c86b742c9527a5f0447b48c"
    );
}

#[test]
fn the_key_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let key = FingerprintKey::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(format!("{key:?}"), "FingerprintKey(***)");
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = FingerprintKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { mode: seen, .. } if seen == mode), "{error}");
        assert!(error.hint().starts_with("chmod 600 "));
    }
}

#[test]
fn of_many_that_make_the_key_at_once_all_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let prints: Vec<_> = thread::scope(|scope| {
        let make = || scope.spawn(|| FingerprintKey::load_or_create(&path).unwrap().of("A", "b"));
        let threads: Vec<_> = (0..8).map(|_| make()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_damaged_key_is_refused_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    FingerprintKey::load_or_create(&path).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    for bad in ["", "{}", &good[..good.len() - 4], &good.replace("\"key\":\"", "\"key\":\"x")] {
        fs::write(&path, bad).unwrap();
        let error = FingerprintKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }), "{bad:?}: {error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    fs::write(&path, good.replace("\"format\":1", "\"format\":2")).unwrap();
    assert!(matches!(FingerprintKey::load_or_create(&path), Err(KeyError::Newer { format: 2, .. })));
}
