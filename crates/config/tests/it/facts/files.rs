//! Facts as a file that somebody else wrote.

use sternway_config::facts::file::{FactsError, FactsFile};
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::time::Timestamp;

use super::{facts, key};
use crate::compare::landscape;

fn file() -> FactsFile {
    let landscape = landscape(&[(
        "production",
        &[(
            "web",
            "SESSION_DSN=redis://:hunter2-hunter2@cache.example.org/1\nDB_HOST=hunter2.example\nDB_PASSWORD=hunter2-hunter2\nDB_CONNECTION=mysql\n",
        )],
    )]);
    FactsFile {
        format: 1,
        written_by: "sternway 0.1.0".to_owned(),
        at: Timestamp::from_millis(0),
        project: "shop".to_owned(),
        environment: EnvironmentName::new("production").unwrap(),
        release: Some(ReleaseNumber(7)),
        digest: None,
        facts: facts(&landscape, "production", &key(7)),
    }
}

#[test]
fn what_is_printed_is_read_and_holds_no_value() {
    let text = file().print().unwrap();
    assert!(!text.contains("hunter2") && !text.contains("example"), "{text}");
    assert_eq!(FactsFile::parse(text.as_bytes()).unwrap(), file());
}

#[test]
fn it_tells_of_one_environment_of_one_project() {
    let production = EnvironmentName::new("production").unwrap();
    let staging = EnvironmentName::new("staging").unwrap();
    assert!(file().about("shop", &production).is_ok());
    for (project, environment) in [("shop", &staging), ("other", &production)] {
        let error = file().about(project, environment).unwrap_err();
        assert!(error.to_string().contains("production of the project shop"), "{error}");
    }
}

#[test]
fn what_is_no_such_file_is_refused_without_a_word_of_it() {
    let good = file().print().unwrap();
    for cut in (0..good.len()).step_by(7) {
        assert!(FactsFile::parse(&good.as_bytes()[..cut]).is_err(), "{cut}");
    }
    let edits = [
        ("\"hmac:", "\"hunter2:"),
        ("\"shape\": \"url\"", "\"shape\": \"hunter2\""),
        ("\"kind\": \"redis\"", "\"kind\": \"hunter2\""),
        ("\"environment\": \"production\"", "\"environment\": \"HUNTER2\""),
    ];
    for (from, to) in edits {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        let error = FactsFile::parse(bad.as_bytes()).unwrap_err();
        assert!(matches!(error, FactsError::Wrong { .. }), "{error}");
        assert!(!format!("{error} {error:?}").to_lowercase().contains("hunter2"), "{error}");
    }
    for bad in [good.replace("\"SESSION_DSN\"", "\"\\u001b[31m\""), good.replace("\"shop\"", "\"a\\nb\"")] {
        assert_eq!(FactsFile::parse(bad.as_bytes()), Err(FactsError::Unprintable));
    }
    let newer = good.replacen("\"format\": 1", "\"format\": 2", 1);
    assert_eq!(FactsFile::parse(newer.as_bytes()), Err(FactsError::Newer(2)));
}

#[test]
fn a_field_of_a_later_version_is_no_fault() {
    let later = file().print().unwrap().replace("\"shape\": \"url\"", "\"shape\": \"url\", \"later\": [1]");
    assert_eq!(FactsFile::parse(later.as_bytes()).unwrap(), file());
}
