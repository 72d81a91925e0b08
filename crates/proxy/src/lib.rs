//! Routing, switching, holding, draining, canary and counters by release.
//!
//! One process serves one environment. It takes orders over a unix socket ([`protocol`]) and needs nothing else alive: its
//! state is in a file of its own, and what is in the file is served after a restart. [`run()`] is the whole program.
//!
//! A request's way: `client` accepts its connection, `forward` claims a target in `live`, `exchange` gets a response over a
//! connection of `pool`, and `body` gives both back when the response has been read. An order's way: `admin` reads it, `control` checks its epoch, saves the
//! new state and changes `live`; what `live` no longer refers to goes to `drain`.
//!
//! A process that is started while another serves the same state folder takes over from it, without a request being lost: `take` is
//! the new one's side, `give` the old one's, `handover` what they say to each other, `predecessor` what the new one goes on telling.

mod admin;
mod body;
mod canary;
mod client;
mod control;
mod counters;
mod drain;
mod exchange;
mod failing;
mod forward;
mod give;
mod handover;
mod headers;
mod health;
mod hold;
mod listen;
mod live;
mod metrics;
mod pool;
mod predecessor;
pub mod protocol;
mod record;
mod relay;
mod run;
mod seen;
mod socket;
mod state_file;
mod table;
mod take;
mod targets;
mod upgrade;
mod websocket;

pub use run::{Options, ProxyError, Tuning, run, run_with};
pub use state_file::witness_on_disk;
