//! The only loop: fold, next, run, append.
