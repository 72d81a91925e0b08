//! What this host has.

use std::fs;

use sternway_core::finding::Finding;

use super::{Agent, finding};
use crate::protocol::Inventory;

impl Agent {
    pub(super) fn inventory(&self) -> Result<Inventory, Box<Finding>> {
        let disk = rustix::fs::statvfs(&self.options.state)
            .map_err(|error| finding::not_known("the free room of the state folder", &error.into()))?;
        let memory =
            fs::read_to_string("/proc/meminfo").map_err(|error| finding::not_known("/proc/meminfo", &error))?;
        let system = rustix::system::uname();
        Ok(Inventory {
            host: system.nodename().to_string_lossy().into_owned(),
            kernel: system.release().to_string_lossy().into_owned(),
            architecture: system.machine().to_string_lossy().into_owned(),
            disk_free: disk.f_bavail.saturating_mul(disk.f_frsize),
            inodes_free: disk.f_favail,
            memory_available: available(&memory).unwrap_or(0),
        })
    }
}

/// `MemAvailable` of proc_meminfo(5), which is in units of 1024 bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_ascii_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn available_memory_is_in_bytes() {
        assert_eq!(super::available("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2_097_152));
    }
}
