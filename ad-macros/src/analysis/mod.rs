//! Facts about a function. An analysis reads the IR and returns a table; it
//! changes nothing.
//!
//! - [`views`]: what a view is a name for.
//! - [`activity`]: which variables carry derivatives, and from which parameters.
//! - [`timing`]: whether a place still holds, in the reverse sweep, what was read from it.
//! - [`layout`]: in which block a variable lives, and what defines it.

pub(crate) mod activity;
pub(crate) mod layout;
pub(crate) mod timing;
pub(crate) mod views;
