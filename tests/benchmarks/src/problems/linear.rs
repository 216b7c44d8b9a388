//! A matrix product and a Cholesky factorisation.

use super::two;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::linear::{self, gaussian, gaussian_gradient_by_hand};
use ad_tests::programs::linear::{product_gradient_by_hand, product_misfit};

/// The gradient of a product's misfit by both factors.
pub struct Product {
    data: linear::ProductInputs,
}

impl Product {
    /// Square factors of `n` rows.
    #[must_use]
    pub fn new(n: usize) -> Product {
        Product {
            data: linear::product_inputs(n, n, n),
        }
    }
}

impl Problem for Product {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.a[..], &self.data.b].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (a, b) = at.split_at(self.data.a.len());
        product_misfit(a, b, &self.data.target, self.data.k)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        product_misfit::reverse(a, da, b, db, &self.data.target, self.data.k, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        let (target, k) = (&self.data.target, self.data.k);
        product_misfit::reverse_with_primal(a, da, b, db, target, k, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        product_gradient_by_hand(a, da, b, db, &self.data.target, self.data.k)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Product {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (a, b) = v.split_at(self.data.a.len());
        let (k, n) = (self.data.k, b.len() / self.data.k);
        let misses = self.data.target.iter().enumerate().map(|(at, &target)| {
            let (row, column) = (&a[at / n * k..][..k], b[at % n..].iter().step_by(n));
            let miss = sum(row.iter().zip(column).map(|(&x, &y)| x * y)) - target;
            miss * miss
        });
        [sum(misses)]
    }
}

/// The gradient of a Gaussian's logarithm by covariance and deviation.
pub struct Gaussian {
    data: linear::GaussianInputs,
}

impl Gaussian {
    /// A covariance of `n` rows.
    #[must_use]
    pub fn new(n: usize) -> Gaussian {
        Gaussian {
            data: linear::gaussian_inputs(n),
        }
    }
}

impl Problem for Gaussian {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.a[..], &self.data.b].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (a, b) = at.split_at(self.data.a.len());
        gaussian(a, b)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        gaussian::reverse(a, da, b, db, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        gaussian::reverse_with_primal(a, da, b, db, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.a.len();
        let ([a, b], [da, db]) = two(at, d, n);
        gaussian_gradient_by_hand(a, da, b, db)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Gaussian {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (a, b) = v.split_at(self.data.a.len());
        let n = b.len();
        let mut l = a.to_vec();
        cholesky(&mut l, n);
        let y = solve_lower(&l, b);
        let log_det = sum((0..n).map(|i| l[i * n + i].ln()));
        [log_det + sum(y.iter().map(|&y| y * y)) * 0.5]
    }
}

/// Replaces the lower triangle of `a` by its Cholesky factor.
fn cholesky<S: Scalar>(a: &mut [S], n: usize) {
    for j in 0..n {
        for k in 0..j {
            a[j * n + j] = a[j * n + j] - a[j * n + k] * a[j * n + k];
        }
        a[j * n + j] = a[j * n + j].sqrt();
        for i in j + 1..n {
            for k in 0..j {
                a[i * n + j] = a[i * n + j] - a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] = a[i * n + j] / a[j * n + j];
        }
    }
}

/// The solution of `L y = b`, with `L` the lower triangle of `l`.
fn solve_lower<S: Scalar>(l: &[S], b: &[S]) -> Vec<S> {
    let n = b.len();
    let mut y = b.to_vec();
    for i in 0..n {
        for j in 0..i {
            y[i] = y[i] - l[i * n + j] * y[j];
        }
        y[i] = y[i] / l[i * n + i];
    }
    y
}
