//! Checks: one evaluated question each, with time-outs as answers.
