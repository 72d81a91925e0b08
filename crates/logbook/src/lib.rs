//! The append-only, hash-chained logbook and the lease on an environment.
//!
//! One SQLite file in WAL mode with `synchronous=FULL`, shared by any number of threads and processes of one machine. Payloads are
//! opaque. What it promises:
//!
//! - **Durable.** When [`Logbook::append`] returns, its entries survive `kill -9` and a power cut. Appends that arrive together
//!   share one transaction and one fsync (group commit), and stay all-or-nothing each on its own.
//! - **Append-only.** Triggers refuse to change or delete an entry, and each entry's hash covers the one before it, so that what
//!   gets past the triggers shows: [`Logbook::verify`]. The exact encoding is in [`chain`].
//! - **One writer an environment.** A lease with an epoch that only grows ([`Logbook::acquire`]), checked in the same transaction
//!   as the append that names it in its [`Guard`].
//! - **Room for a rollback.** A full disk does not stop the appends that undo a release: see [`Logbook::reserve_spent`].
//! - **A checkpoint beside it.** What was folded up to some entry can be kept, so that opening an old logbook is quick. It is a cache:
//!   see [`Logbook::checkpoint`].
//!
//! Everything here blocks; asynchronous callers use a blocking thread. Time arrives as a value, as everywhere: the only clock read
//! here bounds waiting.
//!
//! ```
//! # use sternway_logbook::{Draft, Guard, Logbook};
//! # use sternway_core::time::Timestamp;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let logbook = Logbook::open(&folder.path().join("logbook.db"))?;
//! let draft = Draft {
//!     at: Timestamp::from_millis(1_700_000_000_000),
//!     environment: None,
//!     epoch: None,
//!     by: "somebody".into(),
//!     kind: "noted".into(),
//!     payload: br#"{"noted":{"text":"hello"}}"#.to_vec(),
//! };
//! let records = logbook.append(vec![draft], Guard { expected_head: Some(0), lease: None })?;
//! assert_eq!(records[0].seq, 1);
//! # Ok(())
//! # }
//! ```

pub mod chain;

mod append;
mod checkpoint;
mod connection;
mod decode;
mod diagnosis;
mod error;
mod lease;
mod logbook;
mod read;
mod record;
mod reserve;
mod schema;
mod segments;
mod unread;
mod verify;
mod wait;
mod writer;

pub use append::{AppendError, Guard, Moved};
pub use checkpoint::Checkpoint;
pub use error::LogbookError;
pub use lease::{AcquireError, Acquired, Fenced, HeldBy, LeaseStatus, LeaseToken, RenewError};
pub use logbook::Logbook;
pub use record::{Draft, Head, Record, RecordRef};
pub use unread::Unread;
pub use verify::{Tampered, Tampering, Verified, VerifyError};
