//! Facts about a function. An analysis reads the IR and returns a table; it
//! changes nothing.
//!
//! - [`views`]: what a view is a name for.
//! - [`activity`]: which variables carry derivatives, and from which parameters.
//! - [`timing`]: whether a place still holds, in the reverse sweep, what was read from it.
//! - [`elements`]: the same of single elements; [`apart`]: whether two indices differ;
//!   [`affine`]: indices as sums.
//! - [`induction`]: integers that the reverse sweep counts back.
//! - [`coefficients`]: what the coefficients of a function's adjoints depend on.
//! - [`cover`]: what is overwritten before it is read.
//! - [`exchange`]: which arrays a tape can take instead of copying them.
//! - [`reach`]: how much of an array an iteration writes.
//! - [`rerun`]: which loops the reverse sweep runs again, iteration by iteration.
//! - [`tail`]: what of an iteration need not be run again.
//! - [`swaps`]: contents that the reverse sweep swaps back.
//! - [`layout`]: in which block a variable lives, and what defines it.

pub(crate) mod activity;
pub(crate) mod affine;
pub(crate) mod apart;
pub(crate) mod coefficients;
pub(crate) mod cover;
pub(crate) mod elements;
pub(crate) mod exchange;
pub(crate) mod induction;
pub(crate) mod layout;
mod reach;
pub(crate) mod rerun;
pub(crate) mod swaps;
mod tail;
pub(crate) mod timing;
pub(crate) mod views;
