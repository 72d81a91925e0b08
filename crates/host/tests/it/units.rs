//! The systemd units are what systemd accepts.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::rig::HARNESS;

#[test]
fn systemd_accepts_the_units() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd");
    let copies = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "service") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains("/usr/bin/sternway "), "{} starts something else", path.display());
            let copy = copies.path().join(path.file_name().unwrap());
            // ExecStart must exist for the check, and the product need not be installed.
            fs::write(&copy, text.replace("/usr/bin/sternway ", &format!("{HARNESS} "))).unwrap();
            units.push(copy);
        }
    }
    assert!(!units.is_empty());
    let checked = Command::new("systemd-analyze").arg("verify").args(&units).output();
    let checked = checked.unwrap_or_else(|error| panic!("systemd-analyze, of Debian's package `systemd`: {error}"));
    let words = String::from_utf8_lossy(&checked.stderr);
    let about_ours: Vec<_> = words.lines().filter(|line| line.contains("sternway")).collect();
    assert!(checked.status.success() && about_ours.is_empty(), "{words}");
}

#[test]
fn a_restart_of_the_agent_leaves_services_alone() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd/sternway-agent.service");
    let text = fs::read_to_string(unit).unwrap();
    let has = |line: &str| text.lines().any(|found| found == line);
    assert!(has("KillMode=process"), "systemd would stop all services with the agent");
    assert!(has("Restart=always"));
    assert!(
        !text.contains("RuntimeDirectory=") || has("RuntimeDirectoryPreserve=yes"),
        "a restart would remove what others have open"
    );
    // Each of these would give services another view of the system than they have without Sternway.
    for hindrance in ["PrivateTmp=yes", "ProtectSystem=strict", "DynamicUser=yes", "MemoryDenyWriteExecute=yes"] {
        assert!(!has(hindrance), "{hindrance} breaks services");
    }
}
