//! Where and how a driver dies.

/// When, relative to what happens at the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before it happens: it never did.
    Before,
    /// After it happened, before the driver learned of it.
    After,
    /// In the middle: half of it happened. (An append is all or nothing, so there it is as `After`.)
    Torn,
}

/// The driver dies at the boundary with this number, counted from 0 over appends and effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which boundary.
    pub boundary: u64,
    /// When there.
    pub moment: Moment,
}
