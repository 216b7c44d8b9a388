//! Derivatives of generic programs by other crates.

use crate::problem::Method;
use crate::scalar::Scalar;
use num_dual::DualSVec64;
use reverse::{Gradient, Tape};

/// A program for numbers of any kind.
pub trait Function {
    /// Its results; a scalar objective has one.
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]>;
}

/// Gives `put` the row, the column and the value of the Jacobian's entries, by forward
/// passes along `N` arguments at a time.
pub fn num_dual<const N: usize>(
    f: &impl Function,
    at: &[f64],
    mut put: impl FnMut(usize, usize, f64),
) {
    let mut v: Vec<DualSVec64<N>> = at.iter().map(|&x| x.into()).collect();
    for from in (0..at.len()).step_by(N) {
        let chunk = from..at.len().min(from + N);
        for i in chunk.clone() {
            v[i] = DualSVec64::from_re(at[i]).derivative(i - from);
        }
        for (row, result) in f.eval(&v).as_ref().iter().enumerate() {
            let slopes = result.eps.0.iter().flat_map(|eps| eps.iter());
            for (column, slope) in chunk.clone().zip(slopes) {
                put(row, column, *slope);
            }
        }
        for i in chunk {
            v[i] = at[i].into();
        }
    }
}

/// The Jacobian in `d`, row by row, by one forward pass onto a tape and a reverse pass
/// for every row.
pub fn tape(f: &impl Function, at: &[f64], d: &mut [f64]) {
    let tape = Tape::new();
    let v = tape.add_vars(at);
    for (row, result) in d.chunks_exact_mut(at.len()).zip(f.eval(&v).as_ref()) {
        row.copy_from_slice(&result.grad().wrt(&v));
    }
}

/// The Jacobian in `d`, row by row, by one of these.
pub fn either<const N: usize>(peer: Method, f: &impl Function, at: &[f64], d: &mut [f64]) {
    if peer == Method::NumDual {
        num_dual::<N>(f, at, |row, column, slope| {
            d[at.len() * row + column] = slope
        });
    } else {
        tape(f, at, d);
    }
}
