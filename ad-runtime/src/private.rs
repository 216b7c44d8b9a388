//! What generated code calls. Not for users: it changes without notice.

pub use crate::act::{self, check_shape};
pub use crate::activity::{Activity, Fixed, OnlyConst, Varied, When, later, when};
pub use crate::checkpoint::{piece, piece_end, schedule};
pub use crate::differentiable::{Accumulate, Differentiable, Hollow, Scalar};
pub use crate::facts::Dependence;
pub use crate::flat::{Buffer, Flat, Rows, pooled};
pub use crate::partial;
pub use crate::pool::Scope;
pub use crate::tape::{PooledTape, Slot, Tape};
pub use ad_macros::{autodiff, autodiff_call};

/// A function of `N` arguments.
#[diagnostic::on_unimplemented(
    message = "the function takes another number of arguments than the {N} that are annotated"
)]
pub trait Takes<const N: usize> {}

/// Checks the number of annotated arguments.
#[inline]
pub const fn takes<F: Takes<N>, const N: usize>() {}

/// A zero of the same shape.
#[inline]
pub fn zero_like<T: ?Sized + Differentiable>(value: &T) -> T::Owned {
    value.zero_like()
}

/// An owned copy.
#[inline]
pub fn own<T: ?Sized + Differentiable>(value: &T) -> T::Owned {
    value.own()
}

/// Sets every part to zero.
#[inline]
pub fn clear<T: ?Sized + Differentiable>(value: &mut T) {
    value.clear();
}

/// The whole value, leaving zero.
#[inline]
pub fn take<T: ?Sized + Differentiable>(value: &mut T) -> T::Owned {
    let taken = value.own();
    value.clear();
    taken
}

/// Adds all parts.
#[inline]
pub fn accumulate<A: ?Sized + Accumulate<B>, B: ?Sized>(into: &mut A, from: &B) {
    into.accumulate(from);
}

/// A value without content.
#[inline]
#[must_use]
pub fn hollow<T: Hollow>() -> T {
    T::hollow()
}

/// Says that a value is a number.
#[inline]
pub fn scalar<T: Scalar>(value: T) -> T {
    value
}

/// The sum of all elements.
#[inline]
pub fn sum<T: ?Sized + Elements>(values: &T) -> T::Element {
    values.sum()
}

/// A sequence whose elements can be added up.
pub trait Elements {
    /// The type of one element.
    type Element;

    /// The sum; zero if there are none.
    fn sum(&self) -> Self::Element;
}

impl<T: Hollow + Accumulate<T>> Elements for [T] {
    type Element = T;

    #[inline]
    fn sum(&self) -> T {
        let mut sum = T::hollow();
        for value in self {
            sum.accumulate(value);
        }
        sum
    }
}

impl<T: Hollow + Accumulate<T>> Elements for Vec<T> {
    type Element = T;

    #[inline]
    fn sum(&self) -> T {
        self.as_slice().sum()
    }
}

impl<T: Hollow + Accumulate<T>, const N: usize> Elements for [T; N] {
    type Element = T;

    #[inline]
    fn sum(&self) -> T {
        self.as_slice().sum()
    }
}

/// The adjoint of a cast: `value` in the type of `like`.
#[inline]
pub fn cast_like<D: ToFloat, T: FromFloat>(value: D, like: &T) -> T {
    let _ = like;
    T::from_float(value.to_float())
}

/// A float, widened.
pub trait ToFloat {
    /// The value as `f64`.
    fn to_float(self) -> f64;
}

impl ToFloat for f32 {
    #[inline]
    fn to_float(self) -> f64 {
        f64::from(self)
    }
}

impl ToFloat for f64 {
    #[inline]
    fn to_float(self) -> f64 {
        self
    }
}

/// A type that was cast to a float.
pub trait FromFloat {
    /// The adjoint in that type: zero for integers.
    fn from_float(value: f64) -> Self;
}

impl FromFloat for f32 {
    #[allow(clippy::cast_possible_truncation)]
    #[inline]
    fn from_float(value: f64) -> f32 {
        value as f32
    }
}

impl FromFloat for f64 {
    #[inline]
    fn from_float(value: f64) -> f64 {
        value
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl FromFloat for $ty {
            #[inline]
            fn from_float(_: f64) -> $ty {
                0
            }
        }
    )*};
}

integers! { usize isize u8 u16 u32 u64 i8 i16 i32 i64 }
