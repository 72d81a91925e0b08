//! Configuration sources, resolved with provenance.
//!
//! A source ([`source::Source`]) reads what it knows into assignments; [`resolve()`] lays them over each other, later ones over earlier
//! ones, and remembers for each value where it was set and what it overrode. The environment of this process is never looked at; what a
//! command prints and what another process carries is asked through a port ([`machine::Machine`]).
//! To add a kind of file, see [`formats`]; another kind of source, copy the shape of [`inline`] and name it in [`resolve::source`].
//!
//! | code | severity | meaning |
//! |---|---|---|
//! | S0201 | error, warning, note | a line, a node or a key that cannot be read, is skipped, or not followed |
//! | S0202 | error | a file that is not there or cannot be read |
//! | S0203 | warning | a key that is set twice in one file |
//! | S0204 | error | a key that Sternway sets itself |
//! | S0205 | error | a value that refers to a key that is not set before |
//! | S0208 | error | a kind of source that this version does not read |
//! | S0241 | error | a command whose output cannot be had |
//! | S0242 | error | a running process whose environment cannot be told |
//! | S0243 | warning | a running process that has something else than its release was sealed with |
//! | S0209 | error | a value for a process that cannot be told before the program runs |
//! | S0245 | error | which part of a file counts is not said, or it is not there |
//! | S0206 | error | a value that no process can be given: longer than the system allows |
//!
//! No finding quotes a value or any part of one, also where a line could not be read: it may be a piece of a secret.

pub mod agreements;
pub mod compare;
mod cut;
pub mod destination;
pub mod document;
pub mod dotenv;
pub mod facts;
pub mod file;
pub mod fill;
pub mod fingerprint;
pub mod formats;
mod hosts;
pub mod inline;
pub mod landscape;
mod leads;
pub mod machine;
mod names;
mod parallel;
pub mod plain;
pub mod process;
pub mod recognise;
pub mod register;
pub mod resolve;
pub mod running;
pub mod secret;
pub mod shape;
pub mod source;
pub mod stores;
pub mod table;
pub mod variable;

pub use fingerprint::FingerprintKey;
pub use parallel::read_all;
pub use resolve::{Content, Provenance, Resolved, Value, resolve, resolve_reads};
pub use secret::SecretText;
pub use source::Site;
