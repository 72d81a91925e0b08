//! The real binary, end to end: each test ships a small web application of its own, with processes, sockets and load, in a folder
//! of its own, and leaves nothing running.
//!
//! [`app`] is the application, [`project`] a project with its state folder, [`journal`] the logbook as `sternway log` prints it,
//! [`load`] users. The other modules hold the tests, one topic each.

#![expect(clippy::unwrap_used, reason = "tests")]

mod app;
mod bad_input;
mod blocked;
mod consistent;
mod demo_whole;
mod disk;
mod draining;
mod drifting;
mod examples;
mod facts;
mod few;
mod fixing;
mod going_back;
mod http;
mod incidents;
mod interrupted;
mod journal;
mod killed;
mod kills_by_step;
mod kinds;
mod live;
mod load;
mod outputs;
mod people;
mod processes;
mod project;
mod proving;
mod quick_start;
mod resident;
mod review;
mod running;
mod scan;
mod secrets;
mod shipping;
mod standing;
mod streams;
mod until;
mod upgrading;
