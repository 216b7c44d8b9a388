//! One check for a differentiated function: `check!`.

use crate::programs::data::Rng;

/// A value made of floats; integers in it have no derivative.
pub trait Numbers: Clone {
    /// Whether a part has single precision.
    const SINGLE: bool;

    /// Replaces every float.
    fn each(&mut self, change: &mut dyn FnMut(f64) -> f64);
}

impl Numbers for f64 {
    const SINGLE: bool = false;

    fn each(&mut self, change: &mut dyn FnMut(f64) -> f64) {
        *self = change(*self);
    }
}

impl Numbers for f32 {
    const SINGLE: bool = true;

    fn each(&mut self, change: &mut dyn FnMut(f64) -> f64) {
        *self = change(f64::from(*self)) as f32;
    }
}

macro_rules! discrete {
    ($($ty:ty)*) => {$(
        impl Numbers for $ty {
            const SINGLE: bool = false;

            fn each(&mut self, _: &mut dyn FnMut(f64) -> f64) {}
        }
    )*};
}

discrete! { () bool usize i32 u64 }

impl<T: Numbers, const N: usize> Numbers for [T; N] {
    const SINGLE: bool = T::SINGLE;

    fn each(&mut self, change: &mut dyn FnMut(f64) -> f64) {
        self.iter_mut().for_each(|part| part.each(change));
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    const SINGLE: bool = T::SINGLE;

    fn each(&mut self, change: &mut dyn FnMut(f64) -> f64) {
        self.iter_mut().for_each(|part| part.each(change));
    }
}

/// The arguments of a function that have a shadow.
pub trait Args: Clone {
    /// Whether a part has single precision.
    const SINGLE: bool;

    /// Replaces every float; the closure gets its argument's position.
    fn each(&mut self, change: &mut dyn FnMut(usize, f64) -> f64);
}

macro_rules! tuples {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Numbers),*> Numbers for ($($name,)*) {
            const SINGLE: bool = false $(|| $name::SINGLE)*;

            fn each(&mut self, change: &mut dyn FnMut(f64) -> f64) {
                $(self.$index.each(change);)*
            }
        }

        impl<$($name: Numbers),*> Args for ($($name,)*) {
            const SINGLE: bool = false $(|| $name::SINGLE)*;

            fn each(&mut self, change: &mut dyn FnMut(usize, f64) -> f64) {
                $(self.$index.each(&mut |x| change($index, x));)*
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `&x`
    Shared,
    /// `&mut x`
    Mutable,
    /// A float by value: the gradient is returned.
    Value,
    /// A `Vec` by value.
    Owned,
}

/// A function, its derivatives, and the arguments to check it at.
pub struct Case<P, F, T, U, V, W> {
    kinds: &'static [Kind],
    at: P,
    plain: F,
    forward: T,
    forward_with_primal: U,
    reverse: V,
    reverse_with_primal: W,
}

fn floats<T: Numbers>(value: &T) -> Vec<f64> {
    let mut all = Vec::new();
    value.clone().each(&mut |x| {
        all.push(x);
        x
    });
    all
}

fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let products = || a.iter().zip(b).map(|(a, b)| a * b);
    (products().sum(), products().map(f64::abs).sum())
}

#[track_caller]
fn same(what: &str, got: &[f64], want: &[f64]) {
    let bits = |all: &[f64]| -> Vec<u64> { all.iter().map(|x| x.to_bits()).collect() };
    assert!(
        bits(got) == bits(want),
        "{what}: {got:?} in place of {want:?}"
    );
}

#[track_caller]
fn close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()));
    assert!(
        got.len() == want.len() && got.iter().zip(want).all(near),
        "{what}: {got:?} in place of {want:?}"
    );
}

/// What a reverse sweep leaves: all gradients, and the primal outputs.
struct Swept {
    gradient: Vec<f64>,
    primal: Vec<f64>,
}

impl<P, F, T, U, V, W, R, G> Case<P, F, T, U, V, W>
where
    P: Args,
    R: Numbers,
    G: Numbers,
    F: Fn(&mut P) -> R,
    T: Fn(&mut P, &mut P) -> R,
    U: Fn(&mut P, &mut P) -> (R, R),
    V: Fn(&mut P, &mut P, R) -> G,
    W: Fn(&mut P, &mut P, R) -> (R, G),
{
    /// All there is to check, each derivative as a closure.
    pub fn new(
        kinds: &'static [Kind],
        at: P,
        plain: F,
        forward: T,
        forward_with_primal: U,
        reverse: V,
        reverse_with_primal: W,
    ) -> Self {
        Case {
            kinds,
            at,
            plain,
            forward,
            forward_with_primal,
            reverse,
            reverse_with_primal,
        }
    }

    /// Checks everything.
    ///
    /// # Panics
    ///
    /// If something is wrong.
    #[track_caller]
    pub fn check(&self) {
        let single = P::SINGLE || R::SINGLE;
        let mut rng = Rng::new(29);
        let expected = self.outputs(&self.at);
        assert!(expected.iter().all(|x| x.is_finite()), "{expected:?}");
        assert!(!expected.is_empty(), "no outputs");

        let seed = self.random_result(&mut rng);
        let shadow = self.random(&mut rng);
        let swept = self.check_reverse(&seed, &shadow, &expected, single);
        let mut weights = floats(&seed);
        weights.extend(self.of(&shadow, |kind| kind == Kind::Mutable));

        let count = self.of(&self.at, |_| true).len();
        assert_eq!(swept.gradient.len(), count);
        for direction in 0..count + 3 {
            let towards = if direction < count {
                self.unit(direction)
            } else {
                self.random(&mut rng)
            };
            let tangent = self.check_forward(&towards, &expected);
            let (h, tolerance) = if single { (2e-2, 3e-3) } else { (1e-3, 1e-7) };
            let what = format!("tangent in direction {direction}");
            close(&what, &tangent, &self.slope(&towards, h), tolerance);
            let (left, a) = dot(&weights, &tangent);
            let (right, b) = dot(&swept.gradient, &self.of(&towards, |_| true));
            let tolerance = if single { 1e-5 } else { 1e-11 };
            assert!(
                (left - right).abs() <= tolerance * (a + b + 1e-3),
                "forward gives {left:e}, reverse {right:e} in direction {direction}"
            );
        }
    }

    /// The floats of the arguments passed in some way.
    fn of(&self, args: &P, keep: impl Fn(Kind) -> bool) -> Vec<f64> {
        let mut all = Vec::new();
        args.clone().each(&mut |position, x| {
            if keep(self.kinds[position]) {
                all.push(x);
            }
            x
        });
        all
    }

    fn random(&self, rng: &mut Rng) -> P {
        let mut args = self.at.clone();
        args.each(&mut |_, _| rng.uniform(-1.0, 1.0));
        args
    }

    fn random_result(&self, rng: &mut Rng) -> R {
        let mut result = (self.plain)(&mut self.at.clone());
        result.each(&mut |_| rng.uniform(-1.0, 1.0));
        result
    }

    fn unit(&self, coordinate: usize) -> P {
        let (mut args, mut at) = (self.at.clone(), 0);
        args.each(&mut |_, _| {
            at += 1;
            if at == coordinate + 1 { 1.0 } else { 0.0 }
        });
        args
    }

    /// The result, and the contents of all mutable arguments.
    fn outputs(&self, at: &P) -> Vec<f64> {
        let mut args = at.clone();
        let mut all = floats(&(self.plain)(&mut args));
        all.extend(self.of(&args, |kind| kind == Kind::Mutable));
        all
    }

    /// A central difference of fourth order.
    fn slope(&self, direction: &P, h: f64) -> Vec<f64> {
        let along = |h: f64| {
            let mut steps = self.of(direction, |_| true).into_iter();
            let mut moved = self.at.clone();
            moved.each(&mut |_, x| x + h * steps.next().unwrap_or_default());
            self.outputs(&moved)
        };
        let [a, b, c, d] = [h, -h, 2.0 * h, -2.0 * h].map(along);
        let slope = |i: usize| (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h);
        (0..a.len()).map(slope).collect()
    }

    #[track_caller]
    fn check_forward(&self, direction: &P, expected: &[f64]) -> Vec<f64> {
        let written = |kind| kind == Kind::Mutable;
        let (mut p, mut d) = (self.at.clone(), direction.clone());
        let mut tangent = floats(&(self.forward)(&mut p, &mut d));
        let skip = tangent.len();
        same(
            "arguments after forward",
            &self.of(&p, written),
            &expected[skip..],
        );
        tangent.extend(self.of(&d, written));
        let untouched = |kind| kind != Kind::Mutable;
        same(
            "shadows after forward",
            &self.of(&d, untouched),
            &self.of(direction, untouched),
        );

        let (mut p, mut d) = (self.at.clone(), direction.clone());
        let (primal, again) = (self.forward_with_primal)(&mut p, &mut d);
        let (mut primal, mut again) = (floats(&primal), floats(&again));
        primal.extend(self.of(&p, written));
        again.extend(self.of(&d, written));
        same("primal of forward_with_primal", &primal, expected);
        same("tangent of forward_with_primal", &again, &tangent);
        tangent
    }

    #[track_caller]
    fn check_reverse(&self, seed: &R, shadow: &P, expected: &[f64], single: bool) -> Swept {
        let mut zeroed = shadow.clone();
        zeroed.each(&mut |position, x| match self.kinds[position] {
            Kind::Mutable => x,
            _ => 0.0,
        });
        let swept = self.sweep(seed, &zeroed, expected, false);
        let again = self.sweep(seed, &zeroed, expected, true);
        close(
            "gradient of reverse_with_primal",
            &again.gradient,
            &swept.gradient,
            if single { 1e-6 } else { 1e-14 },
        );
        let skip = expected.len() - swept.primal.len();
        same("arguments after reverse", &swept.primal, &expected[skip..]);
        same("primal of reverse_with_primal", &again.primal, expected);

        let mut start = Vec::new();
        shadow.clone().each(&mut |position, x| {
            start.push(match self.kinds[position] {
                Kind::Shared | Kind::Owned => x,
                Kind::Mutable | Kind::Value => 0.0,
            });
            x
        });
        let onto = self.sweep(seed, shadow, expected, false);
        let added: Vec<f64> = onto
            .gradient
            .iter()
            .zip(&start)
            .map(|(a, b)| a - b)
            .collect();
        let tolerance = if single { 1e-5 } else { 1e-12 };
        close("reverse onto shadows", &added, &swept.gradient, tolerance);
        swept
    }

    fn sweep(&self, seed: &R, shadow: &P, expected: &[f64], with_primal: bool) -> Swept {
        let (mut p, mut d) = (self.at.clone(), shadow.clone());
        let (mut primal, returned) = if with_primal {
            let (result, returned) = (self.reverse_with_primal)(&mut p, &mut d, seed.clone());
            (floats(&result), returned)
        } else {
            let returned = (self.reverse)(&mut p, &mut d, seed.clone());
            (Vec::new(), returned)
        };
        primal.extend(self.of(&p, |kind| kind == Kind::Mutable));
        let mut returned = floats(&returned).into_iter();
        let mut gradient = Vec::new();
        d.each(&mut |position, x| {
            gradient.push(match self.kinds[position] {
                Kind::Value => returned.next().unwrap_or(f64::NAN),
                _ => x,
            });
            x
        });
        assert!(returned.next().is_none(), "gradients left: {expected:?}");
        Swept { gradient, primal }
    }
}

/// Checks the derivatives of a function at some arguments: forward against central
/// differences, reverse against forward, reverse onto shadows that are not zero,
/// primals bit for bit.
///
/// Arguments are written as in a call. `own x` stands for a `Vec` passed by value,
/// `#x` for an argument without derivative. `-> ()` follows where nothing is returned.
#[macro_export]
macro_rules! check {
    ($f:ident($($args:tt)*)) => {
        $crate::check_case!(value $f [] $($args)*,)
    };
    ($f:ident($($args:tt)*) -> ()) => {
        $crate::check_case!(unit $f [] $($args)*,)
    };
}

/// Takes arguments one by one: kind, primal, shadow, expression.
#[doc(hidden)]
#[macro_export]
macro_rules! check_case {
    ($form:ident $f:ident [$($done:tt)*] &mut $e:expr, $($rest:tt)*) => {
        $crate::check_case!($form $f [$($done)* (Mutable x d $e)] $($rest)*)
    };
    ($form:ident $f:ident [$($done:tt)*] & $e:expr, $($rest:tt)*) => {
        $crate::check_case!($form $f [$($done)* (Shared x d $e)] $($rest)*)
    };
    ($form:ident $f:ident [$($done:tt)*] # $e:expr, $($rest:tt)*) => {
        $crate::check_case!($form $f [$($done)* (Const $e)] $($rest)*)
    };
    ($form:ident $f:ident [$($done:tt)*] own $e:expr, $($rest:tt)*) => {
        $crate::check_case!($form $f [$($done)* (Owned x d $e)] $($rest)*)
    };
    ($form:ident $f:ident [$($done:tt)*] $e:expr, $($rest:tt)*) => {
        $crate::check_case!($form $f [$($done)* (Value x d $e)] $($rest)*)
    };
    ($form:ident $f:ident [$($done:tt)*] $(,)?) => {
        $crate::check_lists!($form $f [] [] [] [] [] [] [] $($done)*)
    };
}

/// Lists of kinds, values, primal and shadow names, and the arguments of each call.
#[doc(hidden)]
#[macro_export]
macro_rules! check_lists {
    ($form:ident $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:tt)*] [$($d:tt)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*] (Mutable $px:ident $pd:ident $e:expr) $($rest:tt)*) => {
        $crate::check_lists!($form $f [$($k)* $crate::check::Kind::Mutable,] [$($v)* $e,]
            [$($x)* $px,] [$($d)* $pd,]
            [$($plain)* &mut *$px,] [$($fwd)* &mut *$px, &mut *$pd,] [$($rev)* &mut *$px, &mut *$pd,] $($rest)*)
    };
    ($form:ident $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:tt)*] [$($d:tt)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*] (Shared $px:ident $pd:ident $e:expr) $($rest:tt)*) => {
        $crate::check_lists!($form $f [$($k)* $crate::check::Kind::Shared,] [$($v)* $e,]
            [$($x)* $px,] [$($d)* $pd,]
            [$($plain)* &*$px,] [$($fwd)* &*$px, &*$pd,] [$($rev)* &*$px, &mut *$pd,] $($rest)*)
    };
    ($form:ident $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:tt)*] [$($d:tt)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*] (Value $px:ident $pd:ident $e:expr) $($rest:tt)*) => {
        $crate::check_lists!($form $f [$($k)* $crate::check::Kind::Value,] [$($v)* $e,]
            [$($x)* $px,] [$($d)* $pd,]
            [$($plain)* *$px,] [$($fwd)* *$px, *$pd,] [$($rev)* *$px,] $($rest)*)
    };
    ($form:ident $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:tt)*] [$($d:tt)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*] (Owned $px:ident $pd:ident $e:expr) $($rest:tt)*) => {
        $crate::check_lists!($form $f [$($k)* $crate::check::Kind::Owned,] [$($v)* $e,]
            [$($x)* $px,] [$($d)* $pd,]
            [$($plain)* $px.clone(),] [$($fwd)* $px.clone(), $pd.clone(),]
            [$($rev)* $px.clone(), &mut *$pd,] $($rest)*)
    };
    ($form:ident $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:tt)*] [$($d:tt)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*] (Const $e:expr) $($rest:tt)*) => {
        $crate::check_lists!($form $f [$($k)*] [$($v)*] [$($x)*] [$($d)*]
            [$($plain)* $e,] [$($fwd)* $e,] [$($rev)* $e,] $($rest)*)
    };
    (value $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:ident,)*] [$($d:ident,)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*]) => {
        $crate::check::Case::new(
            &[$($k)*],
            ($($v)*),
            |p: &mut _| { let ($($x,)*) = p; $f($($plain)*) },
            |p: &mut _, d: &mut _| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::forward($($fwd)*)
            },
            |p: &mut _, d: &mut _| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::forward_with_primal($($fwd)*)
            },
            |p: &mut _, d: &mut _, seed| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::reverse($($rev)* seed)
            },
            |p: &mut _, d: &mut _, seed| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::reverse_with_primal($($rev)* seed)
            },
        )
        .check()
    };
    (unit $f:ident [$($k:tt)*] [$($v:tt)*] [$($x:ident,)*] [$($d:ident,)*]
     [$($plain:tt)*] [$($fwd:tt)*] [$($rev:tt)*]) => {
        $crate::check::Case::new(
            &[$($k)*],
            ($($v)*),
            |p: &mut _| { let ($($x,)*) = p; $f($($plain)*) },
            |p: &mut _, d: &mut _| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::forward($($fwd)*)
            },
            |p: &mut _, d: &mut _| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::forward_with_primal($($fwd)*);
                ((), ())
            },
            |p: &mut _, d: &mut _, (): ()| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                $f::reverse($($rev)*)
            },
            |p: &mut _, d: &mut _, (): ()| {
                let (($($x,)*), ($($d,)*)) = (p, d);
                ((), $f::reverse_with_primal($($rev)*))
            },
        )
        .check()
    };
}
