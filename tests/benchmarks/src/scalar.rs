//! The numbers that generic versions of the programs compute with.

use num_dual::{DualNum, DualSVec64};
use reverse::Var;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number that carries derivatives.
pub trait Scalar:
    Copy
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A constant, beside `self` where constants need a place.
    fn constant(self, value: f64) -> Self;
    /// The plain value.
    fn value(self) -> f64;
    /// The exponential function.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
}

/// The functions of a [`Scalar`], which `of` has under the same names.
macro_rules! functions {
    ($of:ident: $($function:ident),*) => {
        $(fn $function(self) -> Self {
            $of::$function(&self)
        })*
    };
}

impl<const N: usize> Scalar for DualSVec64<N> {
    fn constant(self, value: f64) -> Self {
        value.into()
    }

    fn value(self) -> f64 {
        self.re
    }

    functions!(DualNum: exp, ln, sqrt, sin, cos, tanh);
}

impl Scalar for Var<'_> {
    fn constant(self, value: f64) -> Self {
        self.tape.add_var(value)
    }

    fn value(self) -> f64 {
        self.val
    }

    functions!(Var: exp, ln, sqrt, sin, cos, tanh);
}

/// The sum of at least one term.
pub fn sum<S: Scalar>(terms: impl IntoIterator<Item = S>) -> S {
    let sum = terms.into_iter().reduce(|sum, term| sum + term);
    sum.expect("a term")
}
