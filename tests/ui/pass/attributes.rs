//! Attributes and doc comments of the function are kept.
#![deny(missing_docs)]
use ad_runtime::prelude::*;

/// The square.
///
/// ```text
/// square(3.0) == 9.0
/// ```
#[autodiff]
#[inline(always)]
#[must_use]
#[doc(alias = "pow2")]
pub fn square(x: f64) -> f64 {
    x * x
}

/// Not there.
#[cfg(any())]
#[autodiff]
pub fn absent(x: f64) -> f64 {
    missing(x)
}

/// Not there, the attributes in the other order.
#[autodiff]
#[cfg(any())]
pub fn absent_too(x: f64) -> f64 {
    x
}

/// There.
#[cfg(all())]
#[cfg_attr(all(), autodiff(Reverse, Active, Active))]
#[deprecated]
pub fn present(x: f64) -> f64 {
    x * 2.0
}

#[allow(deprecated)]
fn main() {
    assert_eq!(square::reverse(3.0, 1.0), 6.0);
    assert_eq!(present::reverse(3.0, 1.0), 2.0);
}
