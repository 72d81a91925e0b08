//! Which half a case belongs to: rules are tuned on one, and what they are worth shows on the other.
//!
//! Layouts and operators (rewritings too) stand in the order of their names; every second one of each is for tuning, beginning with the
//! first. A case is for tuning when both its layout and its operator are; everything else was not looked at while rules were written.

/// A half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Half {
    Tuning,
    HeldOut,
}

impl Half {
    /// The half of a case, by the places of its layout and its operator among their names in order.
    pub(super) fn of(layout: usize, operator: usize) -> Self {
        if layout.is_multiple_of(2) && operator.is_multiple_of(2) { Self::Tuning } else { Self::HeldOut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tuned_on_shares_neither_layout_nor_operator_with_all_that_is_held_out() {
        assert_eq!(Half::of(0, 2), Half::Tuning);
        for (layout, operator) in [(1, 0), (0, 1), (3, 3)] {
            assert_eq!(Half::of(layout, operator), Half::HeldOut);
        }
    }
}
