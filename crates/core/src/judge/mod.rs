//! How a release is told good from bad.
