//! Types that have a shadow of their own type.

/// A type whose shadow has the same type and shape.
///
/// Scalars, arrays, slices, `Vec` and tuples of them. Integers and booleans have a
/// harmless one, which stays zero: generated code cannot always tell them apart.
/// Types that hold references have none: a copied reference *is* the primal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no shadow, so its derivative has no place to go",
    note = "differentiable are `f32`, `f64`, and arrays, slices, `Vec` and tuples of them"
)]
pub trait Differentiable {
    /// The type that owns a copy: `Vec<T>` for `[T]`, else the type itself.
    type Owned;

    /// A zero of the same shape.
    fn zero_like(&self) -> Self::Owned;

    /// An owned copy.
    fn own(&self) -> Self::Owned;

    /// Sets every part to zero.
    fn clear(&mut self);

    /// Compares shapes; `Err` says where they differ.
    ///
    /// # Errors
    ///
    /// The path to the part, and what is expected and found there.
    fn compare(&self, shadow: &Self) -> Result<(), Mismatch>;
}

/// A shadow that does not have the shape of its primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Indices from the outside in: `[2]` for the third row.
    pub path: String,
    /// Length of the primal.
    pub expected: usize,
    /// Length of the shadow.
    pub found: usize,
}

/// Adds all parts of another value of the same shape.
#[diagnostic::on_unimplemented(
    message = "a derivative of type `{Rhs}` cannot be added to `{Self}`"
)]
pub trait Accumulate<Rhs: ?Sized> {
    /// `self += other`, part by part.
    fn accumulate(&mut self, other: &Rhs);
}

/// A value without content, for a shadow that is switched off.
pub trait Hollow {
    /// Zero, or empty.
    fn hollow() -> Self;
}

/// A number: operators on it mean what the rules of the compiler say.
#[diagnostic::on_unimplemented(
    message = "the operators and methods of `{Self}` have no known derivative",
    note = "the built-in rules are for `f32` and `f64` only"
)]
pub trait Scalar: Copy {}

macro_rules! scalars {
    ($($ty:ty: $zero:expr, $add:expr;)*) => {$(
        impl Differentiable for $ty {
            type Owned = $ty;

            #[inline]
            fn zero_like(&self) -> $ty {
                $zero
            }

            #[inline]
            fn own(&self) -> $ty {
                *self
            }

            #[inline]
            fn clear(&mut self) {
                *self = $zero;
            }

            #[inline]
            fn compare(&self, _: &$ty) -> Result<(), Mismatch> {
                Ok(())
            }
        }

        impl Accumulate<$ty> for $ty {
            #[inline]
            fn accumulate(&mut self, other: &$ty) {
                let add: fn(&mut $ty, &$ty) = $add;
                add(self, other);
            }
        }

        impl Hollow for $ty {
            #[inline]
            fn hollow() -> $ty {
                $zero
            }
        }
    )*};
}

scalars! {
    f32: 0.0, |a, b| *a += b;
    f64: 0.0, |a, b| *a += b;
    usize: 0, |_, _| {};
    isize: 0, |_, _| {};
    u8: 0, |_, _| {};
    u16: 0, |_, _| {};
    u32: 0, |_, _| {};
    u64: 0, |_, _| {};
    i8: 0, |_, _| {};
    i16: 0, |_, _| {};
    i32: 0, |_, _| {};
    i64: 0, |_, _| {};
    bool: false, |_, _| {};
    char: '\0', |_, _| {};
    (): (), |_, _| {};
}

macro_rules! numbers {
    ($($ty:ty)*) => {$( impl Scalar for $ty {} )*};
}

numbers! { f32 f64 usize isize u8 u16 u32 u64 i8 i16 i32 i64 }

#[inline]
fn compare_parts<T: Differentiable>(primal: &[T], shadow: &[T]) -> Result<(), Mismatch> {
    if primal.len() != shadow.len() {
        return Err(Mismatch {
            path: String::new(),
            expected: primal.len(),
            found: shadow.len(),
        });
    }
    for (index, (part, mirror)) in primal.iter().zip(shadow).enumerate() {
        part.compare(mirror).map_err(|inner| Mismatch {
            path: format!("[{index}]{}", inner.path),
            ..inner
        })?;
    }
    Ok(())
}

#[inline]
fn accumulate_parts<T: Accumulate<T>>(into: &mut [T], from: &[T]) {
    assert_eq!(
        into.len(),
        from.len(),
        "a derivative is added to a shadow of another length"
    );
    for (a, b) in into.iter_mut().zip(from) {
        a.accumulate(b);
    }
}

impl<T: Differentiable<Owned = T>> Differentiable for [T] {
    type Owned = Vec<T>;

    #[inline]
    fn zero_like(&self) -> Vec<T> {
        self.iter().map(T::zero_like).collect()
    }

    #[inline]
    fn own(&self) -> Vec<T> {
        self.iter().map(T::own).collect()
    }

    #[inline]
    fn clear(&mut self) {
        self.iter_mut().for_each(T::clear);
    }

    #[inline]
    fn compare(&self, shadow: &[T]) -> Result<(), Mismatch> {
        compare_parts(self, shadow)
    }
}

impl<T: Differentiable<Owned = T>> Differentiable for Vec<T> {
    type Owned = Vec<T>;

    #[inline]
    fn zero_like(&self) -> Vec<T> {
        self.as_slice().zero_like()
    }

    #[inline]
    fn own(&self) -> Vec<T> {
        self.as_slice().own()
    }

    #[inline]
    fn clear(&mut self) {
        self.as_mut_slice().clear();
    }

    #[inline]
    fn compare(&self, shadow: &Vec<T>) -> Result<(), Mismatch> {
        compare_parts(self, shadow)
    }
}

impl<T: Differentiable<Owned = T>, const N: usize> Differentiable for [T; N] {
    type Owned = [T; N];

    #[inline]
    fn zero_like(&self) -> [T; N] {
        core::array::from_fn(|index| self[index].zero_like())
    }

    #[inline]
    fn own(&self) -> [T; N] {
        core::array::from_fn(|index| self[index].own())
    }

    #[inline]
    fn clear(&mut self) {
        self.iter_mut().for_each(T::clear);
    }

    #[inline]
    fn compare(&self, shadow: &[T; N]) -> Result<(), Mismatch> {
        compare_parts(self, shadow)
    }
}

impl<T: Hollow> Hollow for Vec<T> {
    #[inline]
    fn hollow() -> Vec<T> {
        Vec::new()
    }
}

impl<T: Hollow, const N: usize> Hollow for [T; N] {
    #[inline]
    fn hollow() -> [T; N] {
        core::array::from_fn(|_| T::hollow())
    }
}

macro_rules! sequences {
    ($([$($generics:tt)*] $into:ty, $from:ty;)*) => {$(
        impl<T: Accumulate<T>, $($generics)*> Accumulate<$from> for $into {
            #[inline]
            fn accumulate(&mut self, other: &$from) {
                accumulate_parts(&mut self[..], &other[..]);
            }
        }
    )*};
}

sequences! {
    [] [T], [T];
    [] [T], Vec<T>;
    [] Vec<T>, [T];
    [] Vec<T>, Vec<T>;
    [const N: usize] [T; N], [T; N];
    [const N: usize] [T; N], [T];
    [const N: usize] [T], [T; N];
    [const N: usize] [T; N], Vec<T>;
    [const N: usize] Vec<T>, [T; N];
}

macro_rules! tuples {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Differentiable<Owned = $name>),*> Differentiable for ($($name,)*) {
            type Owned = ($($name,)*);

            #[inline]
            fn zero_like(&self) -> Self::Owned {
                ($(self.$index.zero_like(),)*)
            }

            #[inline]
            fn own(&self) -> Self::Owned {
                ($(self.$index.own(),)*)
            }

            #[inline]
            fn clear(&mut self) {
                $(self.$index.clear();)*
            }

            #[inline]
            fn compare(&self, shadow: &Self) -> Result<(), Mismatch> {
                $(self.$index.compare(&shadow.$index).map_err(|inner| Mismatch {
                    path: format!(".{}{}", $index, inner.path),
                    ..inner
                })?;)*
                Ok(())
            }
        }

        impl<$($name: Accumulate<$name>),*> Accumulate<($($name,)*)> for ($($name,)*) {
            #[inline]
            fn accumulate(&mut self, other: &Self) {
                $(self.$index.accumulate(&other.$index);)*
            }
        }

        impl<$($name: Hollow),*> Hollow for ($($name,)*) {
            #[inline]
            fn hollow() -> Self {
                ($($name::hollow(),)*)
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
