//! Whether an argument of a derivative is active: markers that generated code passes.

use crate::differentiable::{Accumulate, Differentiable};

/// Whether an argument has a shadow, as a type.
///
/// [`Activity::ON`] is a constant: what stands under `if X::ON` is not in the machine
/// code of a call that switches the argument off.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no activity marker",
    note = "markers are made by generated code; call a derivative through its plain functions or `autodiff!`"
)]
pub trait Activity: Copy + 'static {
    /// Whether there is a shadow.
    const ON: bool;
    /// The marker as a value.
    const MARK: Self;
    /// [`Varied`] or [`Fixed`]: recursion must not grow the type.
    type Raw: Activity;
    /// On if one of the two is.
    type Or<B: Activity>: Activity;
    /// The shadow in reverse mode, or of a mutable argument.
    type Dual<'a, T: ?Sized + 'a>;
    /// The tangent of an argument that is not mutable.
    type Tangent<'a, T: ?Sized + 'a>;

    /// The shadow, or the hollow one where there is none.
    fn open<'a: 'b, 'b, T: ?Sized>(dual: Self::Dual<'a, T>, hollow: &'b mut T) -> &'b mut T;

    /// The tangent, or the hollow one where there is none.
    fn open_tangent<'a: 'b, 'b, T: ?Sized>(dual: Self::Tangent<'a, T>, hollow: &'b T) -> &'b T;

    /// Adds the adjoint of an argument passed by value to the caller's shadow.
    fn add<T: Accumulate<T>>(dual: Self::Dual<'_, T>, value: &T);

    /// The tangent of an argument passed by value; zero where there is none.
    fn tangent_of<T: Differentiable<Owned = T>>(dual: Self::Tangent<'_, T>, primal: &T) -> T;
}

/// An argument with a shadow.
#[derive(Clone, Copy, Debug)]
pub struct Varied;

/// An argument without a shadow: `()` is passed in its place.
#[derive(Clone, Copy, Debug)]
pub struct Fixed;

/// An argument with a shadow that counts only if `X` is on.
#[derive(Clone, Copy, Debug)]
pub struct When<X>(core::marker::PhantomData<X>);

/// An argument that has no shadow in any call: its annotation says `Const`.
#[diagnostic::on_unimplemented(
    message = "a value that carries a derivative is passed to a `Const` argument",
    label = "this call would lose the derivative",
    note = "annotate the argument of the callee with `Active` or `Duplicated`, or pass `stop_gradient(..)`"
)]
pub trait OnlyConst: Activity {}

#[diagnostic::do_not_recommend]
impl OnlyConst for Fixed {}

/// The marker of a value that depends on the parameters in `X`.
#[inline]
pub fn when<X: Activity>() -> When<X::Raw> {
    When(core::marker::PhantomData)
}

/// The marker of an argument whose adjoint comes from a later call if `LATER`.
#[inline]
pub fn later<const LATER: bool, X: Activity>() -> When<<Timing<LATER> as Turn<X>>::Now>
where
    Timing<LATER>: Turn<X>,
{
    When(core::marker::PhantomData)
}

/// Whether an adjoint comes later.
#[derive(Clone, Copy, Debug)]
pub struct Timing<const LATER: bool>;

/// Chooses the marker of an argument.
pub trait Turn<X> {
    /// [`Varied`] or [`Fixed`].
    type Now: Activity;
}

impl<X: Activity> Turn<X> for Timing<false> {
    type Now = X::Raw;
}

impl<X> Turn<X> for Timing<true> {
    type Now = Fixed;
}

impl Activity for Varied {
    const ON: bool = true;
    const MARK: Varied = Varied;
    type Raw = Varied;
    type Or<B: Activity> = Varied;
    type Dual<'a, T: ?Sized + 'a> = &'a mut T;
    type Tangent<'a, T: ?Sized + 'a> = &'a T;

    #[inline]
    fn open<'a: 'b, 'b, T: ?Sized>(dual: &'a mut T, _: &'b mut T) -> &'b mut T {
        dual
    }

    #[inline]
    fn open_tangent<'a: 'b, 'b, T: ?Sized>(dual: &'a T, _: &'b T) -> &'b T {
        dual
    }

    #[inline]
    fn add<T: Accumulate<T>>(dual: &mut T, value: &T) {
        dual.accumulate(value);
    }

    #[inline]
    fn tangent_of<T: Differentiable<Owned = T>>(dual: &T, _: &T) -> T {
        dual.own()
    }
}

impl Activity for Fixed {
    const ON: bool = false;
    const MARK: Fixed = Fixed;
    type Raw = Fixed;
    type Or<B: Activity> = B;
    type Dual<'a, T: ?Sized + 'a> = ();
    type Tangent<'a, T: ?Sized + 'a> = ();

    #[inline]
    fn open<'a: 'b, 'b, T: ?Sized>((): (), hollow: &'b mut T) -> &'b mut T {
        hollow
    }

    #[inline]
    fn open_tangent<'a: 'b, 'b, T: ?Sized>((): (), hollow: &'b T) -> &'b T {
        hollow
    }

    #[inline]
    fn add<T: Accumulate<T>>((): (), _: &T) {}

    #[inline]
    fn tangent_of<T: Differentiable<Owned = T>>((): (), primal: &T) -> T {
        primal.zero_like()
    }
}

impl<X: Activity> Activity for When<X> {
    const ON: bool = X::ON;
    const MARK: When<X> = When(core::marker::PhantomData);
    type Raw = X::Raw;
    type Or<B: Activity> = <X::Raw as Activity>::Or<B>;
    type Dual<'a, T: ?Sized + 'a> = &'a mut T;
    type Tangent<'a, T: ?Sized + 'a> = &'a T;

    #[inline]
    fn open<'a: 'b, 'b, T: ?Sized>(dual: &'a mut T, _: &'b mut T) -> &'b mut T {
        dual
    }

    #[inline]
    fn open_tangent<'a: 'b, 'b, T: ?Sized>(dual: &'a T, _: &'b T) -> &'b T {
        dual
    }

    #[inline]
    fn add<T: Accumulate<T>>(dual: &mut T, value: &T) {
        if X::ON {
            dual.accumulate(value);
        }
    }

    #[inline]
    fn tangent_of<T: Differentiable<Owned = T>>(dual: &T, primal: &T) -> T {
        if X::ON {
            dual.own()
        } else {
            primal.zero_like()
        }
    }
}
