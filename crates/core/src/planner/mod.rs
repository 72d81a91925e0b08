//! From what is known to a frozen plan.
