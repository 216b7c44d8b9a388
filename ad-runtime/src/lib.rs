//! Automatic differentiation of plain Rust functions, on the stable compiler.
//!
//! ```
//! use ad_runtime::prelude::*;
//!
//! #[autodiff]
//! fn energy(x: &[f64], stiffness: f64) -> f64 {
//!     let mut sum = 0.0;
//!     for i in 1..x.len() {
//!         let stretch = x[i] - x[i - 1];
//!         sum += 0.5 * stiffness * stretch * stretch;
//!     }
//!     sum
//! }
//!
//! let x = [0.0, 1.0, 3.0];
//! let mut dx = [0.0; 3];
//! let d_stiffness = energy::reverse(&x, &mut dx, 2.0, 1.0);
//! assert_eq!(dx, [-2.0, -2.0, 4.0]);
//! assert_eq!(d_stiffness, 2.5);
//! ```

pub mod act;
pub mod activity;
mod checkpoint;
pub mod differentiable;
mod facts;
mod flat;
pub mod float;
#[doc(hidden)]
pub mod partial;
mod pool;
pub mod tape;
mod workspace;

pub use workspace::Workspace;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// What most programs want: `use ad_runtime::prelude::*`.
pub mod prelude {
    pub use crate::{detach, stop_gradient};
    pub use ad_macros::autodiff;
}

/// Calls a derivative with annotated arguments.
///
/// Import it beside the prelude: `use ad_runtime::autodiff;`. (The attribute of the same
/// name comes with the prelude.)
///
/// ```
/// use ad_runtime::autodiff;
/// use ad_runtime::prelude::*;
///
/// #[autodiff]
/// fn f(x: f64) -> f64 {
///     x * x
/// }
///
/// assert_eq!(autodiff!(Reverse, f, Active, Active(3.0)), (6.0,));
/// assert_eq!(autodiff!(ReverseWithPrimal, f, Active, Active(3.0)), (9.0, (6.0,)));
/// assert_eq!(autodiff!(Forward, f, Duplicated(3.0, 1.0)), (6.0,));
/// assert_eq!(autodiff!(ForwardWithPrimal, f, Duplicated(3.0, 1.0)), (9.0, 6.0));
/// assert_eq!(autodiff!(Reverse, |x: f64| x * x, Active, Active(3.0)), (6.0,));
/// ```
#[macro_export]
macro_rules! autodiff {
    ($($input:tt)*) => {
        $crate::__private::autodiff_call!($($input)*)
    };
}

/// The value without its derivative: on purpose.
///
/// ```
/// use ad_runtime::prelude::*;
///
/// #[autodiff]
/// fn f(x: f64) -> f64 {
///     x * stop_gradient(x)
/// }
///
/// assert_eq!(f::reverse(3.0, 1.0), 3.0);
/// ```
#[inline]
pub fn stop_gradient<T>(value: T) -> T {
    value
}

/// Another name of [`stop_gradient`].
#[inline]
pub fn detach<T>(value: T) -> T {
    stop_gradient(value)
}
