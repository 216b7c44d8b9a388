//! The annotations of `autodiff!`, and which of them is legal where.
//!
//! | annotation | reverse | forward |
//! |---|---|---|
//! | `Const(x)` | no derivative | no derivative |
//! | `Active(x)` | floats by value: the derivative is returned | - |
//! | `Duplicated(x, dx)` | memory: the derivative is added to `dx` | any: `dx` is the tangent |

use crate::activity::{Activity, Fixed, Varied};
use crate::differentiable::{Accumulate, Differentiable, Hollow};

/// No derivative.
#[derive(Clone, Copy, Debug)]
pub struct Const;

/// A value whose derivative is returned.
#[derive(Clone, Copy, Debug)]
pub struct Active;

/// A primal with its shadow.
#[derive(Clone, Copy, Debug)]
pub struct Duplicated;

/// A primal with its shadow; the primal result need not be produced.
#[derive(Clone, Copy, Debug)]
pub struct DuplicatedNoNeed;

/// The annotation of an argument whose type has no derivative, or that is
/// annotated `Const` at its function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate this argument: it has no derivative",
    label = "write `Const(..)`"
)]
pub trait Constant {}

#[diagnostic::do_not_recommend]
impl Constant for Const {}

/// The annotation of a reference in reverse mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate an argument of type `&{T}` in reverse mode",
    label = "this argument is memory: its derivative needs a place to go",
    note = "write `Duplicated(&x, &mut dx)`, or `Const(&x)`"
)]
pub trait ByRef<T: ?Sized + 'static> {
    /// What is passed as the shadow.
    type Shadow<'a>;
    /// Whether there is one.
    type Marker: Activity;

    /// Checks the shape of the shadow.
    fn check(name: &str, primal: &T, shadow: &Self::Shadow<'_>);

    /// The shadow as generated code takes it.
    fn dual<'a>(shadow: Self::Shadow<'a>) -> <Self::Marker as Activity>::Dual<'a, T>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> ByRef<T> for Const {
    type Shadow<'a> = ();
    type Marker = Fixed;

    #[inline]
    fn check(_: &str, _: &T, (): &()) {}

    #[inline]
    fn dual<'a>((): Self::Shadow<'a>) -> <Fixed as Activity>::Dual<'a, T> {}
}

macro_rules! duplicated_by_ref {
    ($($annotation:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: ?Sized + Differentiable + 'static> ByRef<T> for $annotation {
            type Shadow<'a> = &'a mut T;
            type Marker = Varied;

            #[inline]
            fn check(name: &str, primal: &T, shadow: &&mut T) {
                check_shape(name, primal, *shadow);
            }

            #[inline]
            fn dual<'a>(shadow: Self::Shadow<'a>) -> <Varied as Activity>::Dual<'a, T> {
                shadow
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: ?Sized + Differentiable + 'static> ForwardRef<T> for $annotation {
            type Shadow<'a> = &'a T;
            type Marker = Varied;

            #[inline]
            fn check(name: &str, primal: &T, shadow: &&T) {
                check_shape(name, primal, *shadow);
            }

            #[inline]
            fn dual<'a>(shadow: Self::Shadow<'a>) -> <Varied as Activity>::Tangent<'a, T> {
                shadow
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: ?Sized + Differentiable + 'static> ForwardMut<T> for $annotation {
            type Shadow<'a> = &'a mut T;
            type Marker = Varied;

            #[inline]
            fn check(name: &str, primal: &T, shadow: &&mut T) {
                check_shape(name, primal, *shadow);
            }

            #[inline]
            fn dual<'a>(shadow: Self::Shadow<'a>) -> <Varied as Activity>::Dual<'a, T> {
                shadow
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Differentiable + 'static> ForwardValue<T> for $annotation {
            type Shadow<'a> = T;
            type Marker = Varied;

            #[inline]
            fn check(name: &str, primal: &T, shadow: &T) {
                check_shape(name, primal, shadow);
            }

            #[inline]
            fn dual(shadow: &T) -> &T {
                shadow
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Differentiable<Owned = T> + 'static> ByValue<Vec<T>> for $annotation
        {
            type Shadow<'a> = &'a mut Vec<T>;
            type Slot<'a> = &'a mut Vec<T>;
            type Gradient = ();
            type Marker = Varied;

            #[inline]
            fn start<'a>(name: &str, primal: &Vec<T>, shadow: Self::Shadow<'a>) -> Self::Slot<'a> {
                check_shape(name, primal, shadow);
                shadow
            }

            #[inline]
            fn dual<'b>(slot: &'b mut Self::Slot<'_>) -> &'b mut Vec<T> {
                slot
            }

            #[inline]
            fn finish(_: Self::Slot<'_>) {}
        }

        #[diagnostic::do_not_recommend]
        impl<T: Differentiable> ForwardReturn<T> for $annotation {
            type Tangent = T;

            #[inline]
            fn tangent(tangent: T) -> T {
                tangent
            }
        }
    )*};
}

duplicated_by_ref! { Duplicated DuplicatedNoNeed }

/// A value that can be `Active`: floats, and arrays and tuples of them.
pub trait Value: Differentiable<Owned = Self> + Accumulate<Self> + Sized {}

impl Value for f32 {}
impl Value for f64 {}
impl<T: Value, const N: usize> Value for [T; N] {}
impl<A: Value> Value for (A,) {}
impl<A: Value, B: Value> Value for (A, B) {}
impl<A: Value, B: Value, C: Value> Value for (A, B, C) {}
impl<A: Value, B: Value, C: Value, D: Value> Value for (A, B, C, D) {}

/// The annotation of a value in reverse mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate an argument of type `{T}` in reverse mode",
    label = "the derivative of a value is returned",
    note = "write `Active(x)`, or `Const(x)`; a `Vec` is `Duplicated(x, &mut dx)`"
)]
pub trait ByValue<T: 'static> {
    /// What is passed as the shadow.
    type Shadow<'a>;
    /// Where the derivative is collected.
    type Slot<'a>;
    /// What is returned.
    type Gradient;
    /// Whether there is a shadow.
    type Marker: Activity;

    /// The place where the derivative is collected, once its shape is checked.
    fn start<'a>(name: &str, primal: &T, shadow: Self::Shadow<'a>) -> Self::Slot<'a>;

    /// The place as generated code takes it.
    fn dual<'b>(slot: &'b mut Self::Slot<'_>) -> <Self::Marker as Activity>::Dual<'b, T>;

    /// The derivative to return.
    fn finish(slot: Self::Slot<'_>) -> Self::Gradient;
}

#[diagnostic::do_not_recommend]
impl<T: 'static> ByValue<T> for Const {
    type Shadow<'a> = ();
    type Slot<'a> = ();
    type Gradient = ();
    type Marker = Fixed;

    #[inline]
    fn start<'a>(_: &str, _: &T, (): Self::Shadow<'a>) -> Self::Slot<'a> {}

    #[inline]
    fn dual<'b>((): &'b mut Self::Slot<'_>) -> <Fixed as Activity>::Dual<'b, T> {}

    #[inline]
    fn finish((): Self::Slot<'_>) {}
}

#[diagnostic::do_not_recommend]
impl<T: Value + 'static> ByValue<T> for Active {
    type Shadow<'a> = ();
    type Slot<'a> = T;
    type Gradient = T;
    type Marker = Varied;

    #[inline]
    fn start<'a>(_: &str, primal: &T, (): Self::Shadow<'a>) -> Self::Slot<'a> {
        primal.zero_like()
    }

    #[inline]
    fn dual<'b>(slot: &'b mut Self::Slot<'_>) -> &'b mut T {
        slot
    }

    #[inline]
    fn finish(slot: Self::Slot<'_>) -> T {
        slot
    }
}

/// The annotation of a shared reference in forward mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate an argument of type `&{T}` in forward mode",
    label = "a tangent is passed in forward mode",
    note = "write `Duplicated(&x, &dx)`, or `Const(&x)`"
)]
pub trait ForwardRef<T: ?Sized + 'static> {
    /// What is passed as the tangent.
    type Shadow<'a>;
    /// Whether there is one.
    type Marker: Activity;

    /// Checks the shape of the tangent.
    fn check(name: &str, primal: &T, shadow: &Self::Shadow<'_>);

    /// The tangent as generated code takes it.
    fn dual<'a>(shadow: Self::Shadow<'a>) -> <Self::Marker as Activity>::Tangent<'a, T>;
}

/// The annotation of a mutable reference in forward mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate an argument of type `&mut {T}` in forward mode",
    label = "a tangent is passed in forward mode",
    note = "write `Duplicated(&mut x, &mut dx)`, or `Const(&mut x)`"
)]
pub trait ForwardMut<T: ?Sized + 'static> {
    /// What is passed as the tangent.
    type Shadow<'a>;
    /// Whether there is one.
    type Marker: Activity;

    /// Checks the shape of the tangent.
    fn check(name: &str, primal: &T, shadow: &Self::Shadow<'_>);

    /// The tangent as generated code takes it.
    fn dual<'a>(shadow: Self::Shadow<'a>) -> <Self::Marker as Activity>::Dual<'a, T>;
}

/// The annotation of a value in forward mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate an argument of type `{T}` in forward mode",
    label = "a tangent is passed in forward mode",
    note = "write `Duplicated(x, dx)`, or `Const(x)`"
)]
pub trait ForwardValue<T: 'static> {
    /// What is passed as the tangent.
    type Shadow<'a>;
    /// Whether there is one.
    type Marker: Activity;

    /// Checks the shape of the tangent.
    fn check(name: &str, primal: &T, shadow: &Self::Shadow<'_>);

    /// The tangent as generated code takes it.
    fn dual<'b>(shadow: &'b Self::Shadow<'_>) -> <Self::Marker as Activity>::Tangent<'b, T>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> ForwardRef<T> for Const {
    type Shadow<'a> = ();
    type Marker = Fixed;

    #[inline]
    fn check(_: &str, _: &T, (): &()) {}

    #[inline]
    fn dual<'a>((): Self::Shadow<'a>) -> <Fixed as Activity>::Tangent<'a, T> {}
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> ForwardMut<T> for Const {
    type Shadow<'a> = ();
    type Marker = Fixed;

    #[inline]
    fn check(_: &str, _: &T, (): &()) {}

    #[inline]
    fn dual<'a>((): Self::Shadow<'a>) -> <Fixed as Activity>::Dual<'a, T> {}
}

#[diagnostic::do_not_recommend]
impl<T: 'static> ForwardValue<T> for Const {
    type Shadow<'a> = ();
    type Marker = Fixed;

    #[inline]
    fn check(_: &str, _: &T, (): &()) {}

    #[inline]
    fn dual((): &()) {}
}

/// The annotation of the result in reverse mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate a result of type `{T}` in reverse mode",
    label = "a result that is `Active` is one float",
    note = "write `Const` for a function that returns nothing; seed other results with `reverse(.., seed)`"
)]
pub trait Return<T> {
    /// The adjoint of the result.
    fn seed() -> T;
}

#[diagnostic::do_not_recommend]
impl Return<f32> for Active {
    #[inline]
    fn seed() -> f32 {
        1.0
    }
}

#[diagnostic::do_not_recommend]
impl Return<f64> for Active {
    #[inline]
    fn seed() -> f64 {
        1.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: Hollow> Return<T> for Const {
    #[inline]
    fn seed() -> T {
        T::hollow()
    }
}

/// The annotation of the result in forward mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot annotate a result of type `{T}` in forward mode",
    label = "write `Duplicated` or `Const`"
)]
pub trait ForwardReturn<T> {
    /// What is returned.
    type Tangent;

    /// The tangent to return.
    fn tangent(tangent: T) -> Self::Tangent;
}

#[diagnostic::do_not_recommend]
impl<T> ForwardReturn<T> for Const {
    type Tangent = ();

    #[inline]
    fn tangent(_: T) {}
}

/// One slot of a gradient tuple.
#[inline]
pub fn slot<T>(tangent: T) -> (T,) {
    (tangent,)
}

/// Checks that a shadow has the shape of its primal.
///
/// # Panics
///
/// If it has not, with the argument's name and both lengths.
#[inline]
pub fn check_shape<T: ?Sized + Differentiable>(name: &str, primal: &T, shadow: &T) {
    if let Err(mismatch) = primal.compare(shadow) {
        panic!(
            "the shadow of `{name}{}` has length {}, and `{name}{}` has length {}",
            mismatch.path, mismatch.found, mismatch.path, mismatch.expected
        );
    }
}
