//! The programs of `ad_tests::programs` as workloads: an objective, our derivative of
//! it, the one by hand, and other crates' derivatives of a generic version.
//!
//! The benchmark `gradients` times them, `ad-bench-memory` measures their memory, and
//! the test `instructions` counts what they execute.

#![allow(
    clippy::needless_range_loop,
    reason = "the generic versions keep the index loops of the objectives"
)]

pub mod catalog;
pub mod peers;
pub mod problem;
pub mod problems;
pub mod scalar;
