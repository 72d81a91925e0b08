//! What will not run on another version of the runtime, and why.
//!
//! [`scan`] looks at a folder of PHP. Each file is parsed and walked on its own (`php/`), and what is seen there is weighed against what all files
//! declare (`settle/`), for one target version. What changed in which version is a table (`facts/`), not code.

mod cache;
pub mod facts;
mod fix;
mod packages;
mod php;
mod report;
mod scan;
mod seen;
mod server;
mod settle;
mod text;
mod version;
mod walk;

pub use fix::{FilePatch, Fixes, fix};
pub use report::{Needs, Place, Problem, Report};
pub use scan::{LARGEST, Options, scan};
pub use seen::Confidence;
pub use text::Spot;
pub use version::{InvalidVersion, Version, Versions};
pub use walk::{Choice, EXTENSIONS};
