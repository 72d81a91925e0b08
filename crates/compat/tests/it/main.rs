//! Scans of whole files and folders, and how right they are.
#![expect(clippy::unwrap_used, reason = "tests")]

mod corpus;
mod fixes;
