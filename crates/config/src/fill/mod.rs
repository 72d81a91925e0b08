//! Keys that an environment lacks, written into its files as commented placeholders: `# KEY=`, for somebody to give a value to.
//!
//! Nothing here knows a value or makes one up. A placeholder is only proposed (`forms`) and then proven (`proof`): with it the file
//! reads exactly as before, and with its comment taken away and a value given it sets that key and nothing else. What cannot be
//! proven is not written, with the reason.

mod anchors;
mod forms;
mod proof;
mod sheet;
pub mod target;
mod text;
pub mod write;

pub use sheet::{Kind, Placeholder, Put, Sheet};
