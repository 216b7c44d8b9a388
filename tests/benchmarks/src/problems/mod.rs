//! Each program as a [`Problem`](crate::problem::Problem), and its generic version.

pub mod ba;
pub mod chain;
pub mod conv;
pub mod energy;
pub mod fixpoint;
pub mod gmm;
pub mod hand;
pub mod heat;
pub mod linear;
pub mod lstm;
pub mod mlp;
pub mod ode;
pub mod pricing;

/// `v` taken apart at two places.
fn parts(v: &[f64], a: usize, b: usize) -> [&[f64]; 3] {
    [&v[..a], &v[a..b], &v[b..]]
}

/// `v` taken apart at two places.
fn parts_mut(v: &mut [f64], a: usize, b: usize) -> [&mut [f64]; 3] {
    let (first, rest) = v.split_at_mut(a);
    let (second, third) = rest.split_at_mut(b - a);
    [first, second, third]
}

/// Arguments and their shadow.
type Both<'a, const N: usize> = ([&'a [f64]; N], [&'a mut [f64]; N]);

/// Arguments and their shadow, taken apart at a place.
fn two<'a>(v: &'a [f64], d: &'a mut [f64], cut: usize) -> Both<'a, 2> {
    let ((a, b), (da, db)) = (v.split_at(cut), d.split_at_mut(cut));
    ([a, b], [da, db])
}

/// Arguments and their shadow, taken apart at two places.
fn three<'a>(v: &'a [f64], d: &'a mut [f64], (a, b): (usize, usize)) -> Both<'a, 3> {
    (parts(v, a, b), parts_mut(d, a, b))
}
