//! `sternway demo`: a real application, a steady load of users, and four releases of which two are bad.

pub(crate) mod app;
pub(crate) mod load;
