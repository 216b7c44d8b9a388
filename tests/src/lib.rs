//! Helpers shared by the tests.

pub mod programs;
pub mod random;
