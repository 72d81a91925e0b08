//! The append-only, hash-chained logbook and the lease on an environment.
