//! The two float types derivatives are generated for, as one bound.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

mod sealed {
    /// Keeps [`Float`](super::Float) to the types the rules are written for.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`.
///
/// The methods are those of std under the same names. On a concrete float the inherent methods
/// take precedence, so importing the trait changes no call.
pub trait Float:
    sealed::Sealed
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// `0.0`
    const ZERO: Self;
    /// `1.0`
    const ONE: Self;

    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// See [`f64::is_nan`].
    fn is_nan(self) -> bool;
    /// See [`f64::abs`].
    fn abs(self) -> Self;
    /// See [`f64::copysign`].
    fn copysign(self, sign: Self) -> Self;
    /// See [`f64::ln`].
    fn ln(self) -> Self;
    /// See [`f64::powi`].
    fn powi(self, n: i32) -> Self;
    /// See [`f64::powf`].
    fn powf(self, n: Self) -> Self;
    /// See [`f64::hypot`].
    fn hypot(self, other: Self) -> Self;
    /// See [`f64::cosh`].
    fn cosh(self) -> Self;
}

macro_rules! impl_float {
    ($float:ident) => {
        impl Float for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline]
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            #[inline]
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }
            #[inline]
            fn abs(self) -> Self {
                $float::abs(self)
            }
            #[inline]
            fn copysign(self, sign: Self) -> Self {
                $float::copysign(self, sign)
            }
            #[inline]
            fn ln(self) -> Self {
                $float::ln(self)
            }
            #[inline]
            fn powi(self, n: i32) -> Self {
                $float::powi(self, n)
            }
            #[inline]
            fn powf(self, n: Self) -> Self {
                $float::powf(self, n)
            }
            #[inline]
            fn hypot(self, other: Self) -> Self {
                $float::hypot(self, other)
            }
            #[inline]
            fn cosh(self) -> Self {
                $float::cosh(self)
            }
        }
    };
}

impl_float!(f32);
impl_float!(f64);
