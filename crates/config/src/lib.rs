//! Configuration sources, resolved with provenance.
