//! Which configuration keys a release's code reads: by syntax tree, with the place of each read and what happens without the key.
//!
//! [`read_set`] walks a folder. A file that cannot hold a read is told by its bytes and never parsed (`sift.rs`); the others are parsed, and
//! what is found in one file is weighed together (`findings.rs`). Values are never kept: of a default only its shape is.
//!
//! What stands in a file that does not parse is found all the same as far as its tree goes, and the file is listed in
//! [`ReadSet::unparsed`]: "nothing reads this key" is never said on the ground of half a file.

mod findings;
mod gather;
mod language;
mod php;
mod python;
mod read;
mod script;
mod sift;
mod text;
mod tree;
mod walk;

pub use gather::{read_file, read_file_unsifted, read_set};
pub use read::{Fallback, Key, Origin, Read, ReadSet, Shape, Unparsed, Write, is_of_the_system};
pub use walk::{Choice, Skip};
