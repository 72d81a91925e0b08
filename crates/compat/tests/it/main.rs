//! Scans of whole files and folders, and how right they are.
#![expect(clippy::unwrap_used, reason = "tests")]

mod abuse;
mod corpus;
mod fixes;
mod oracle;
mod projects;
