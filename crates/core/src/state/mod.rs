//! The fold over the logbook, and what comes next.
