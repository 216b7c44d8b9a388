//! Helpers shared by the tests.

pub mod check;
pub mod programs;
pub mod random;
