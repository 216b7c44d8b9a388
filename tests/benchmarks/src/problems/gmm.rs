//! The Gaussian mixture.

use super::{parts, three};
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::gmm::{self, gmm_gradient_by_hand, gmm_objective, log_wishart_constant};

/// The gradient by weights, means and factors.
pub struct Gmm {
    data: gmm::Inputs,
    dimension: usize,
    by_tape: bool,
}

impl Gmm {
    /// `n` points of dimension `d` and `k` components. The tape takes some 32 bytes for
    /// each operation, so `by_tape` says whether it is measured.
    #[must_use]
    pub fn new(d: usize, k: usize, n: usize, by_tape: bool) -> Gmm {
        Gmm {
            data: gmm::inputs(d, k, n),
            dimension: d,
            by_tape,
        }
    }

    /// Where the arguments are taken apart.
    fn cuts(&self) -> (usize, usize) {
        let (k, means) = (self.data.alphas.len(), self.data.means.len());
        (k, k + means)
    }
}

impl Problem for Gmm {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.alphas[..], &self.data.means, &self.data.icf].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (a, b) = self.cuts();
        let [alphas, means, icf] = parts(at, a, b);
        gmm_objective(
            alphas,
            means,
            icf,
            &self.data.x,
            self.data.gamma,
            self.data.m,
        )
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let ([v, w, q], [dv, dw, dq]) = three(at, d, self.cuts());
        let (x, gamma, m) = (&self.data.x, self.data.gamma, self.data.m);
        gmm_objective::reverse(v, dv, w, dw, q, dq, x, gamma, m, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([v, w, q], [dv, dw, dq]) = three(at, d, self.cuts());
        let (x, gamma, m) = (&self.data.x, self.data.gamma, self.data.m);
        gmm_objective::reverse_with_primal(v, dv, w, dw, q, dq, x, gamma, m, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([v, w, q], [dv, dw, dq]) = three(at, d, self.cuts());
        gmm_gradient_by_hand(
            v,
            dv,
            w,
            dw,
            q,
            dq,
            &self.data.x,
            self.data.gamma,
            self.data.m,
        )
    }

    fn peers(&self) -> &'static [Method] {
        if self.by_tape { &[Method::Tape] } else { &[] }
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Gmm {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (a, b) = self.cuts();
        let (alphas, means, icf) = (&v[..a], &v[a..b], &v[b..]);
        let (d, n) = (self.dimension, self.data.x.len() / self.dimension);
        let logs: Vec<S> = factors(icf, d)
            .map(|f| sum(f[..d].iter().copied()))
            .collect();
        let diagonals: Vec<S> = factors(icf, d)
            .flat_map(|f| f[..d].iter().map(|log| log.exp()))
            .collect();

        let terms = |point: &[f64]| -> Vec<S> {
            let quadratic = |(c, f): (usize, &[S])| {
                let (mean, diagonal) = (&means[c * d..][..d], &diagonals[c * d..][..d]);
                let norm = sq_norm(&turned(point, mean, diagonal, &f[d..]));
                alphas[c] + logs[c] - norm * 0.5
            };
            factors(icf, d).enumerate().map(quadratic).collect()
        };
        let points = self.data.x.chunks_exact(d);
        let total = sum(points.map(|point| log_sum_exp(&terms(point))));
        let constant = -0.5 * (n * d) as f64 * std::f64::consts::TAU.ln();
        let prior = self.prior(&logs, &diagonals, icf);
        [total - log_sum_exp(alphas) * n as f64 + prior + constant]
    }
}

impl Gmm {
    /// The Wishart prior.
    fn prior<S: Scalar>(&self, logs: &[S], diagonals: &[S], icf: &[S]) -> S {
        let (d, gamma, m) = (self.dimension, self.data.gamma, self.data.m);
        let component = |(c, f): (usize, &[S])| {
            let diagonal = sq_norm(&diagonals[c * d..][..d]);
            let frobenius = f[d..].iter().fold(diagonal, |sum, &q| sum + q * q);
            frobenius * (0.5 * gamma * gamma) - logs[c] * m as f64
        };
        let terms = factors(icf, d).enumerate().map(component);
        sum(terms) - logs.len() as f64 * log_wishart_constant(d, gamma, m)
    }
}

/// The factor of each component.
fn factors<S>(icf: &[S], d: usize) -> impl Iterator<Item = &[S]> {
    icf.chunks_exact(d + d * (d - 1) / 2)
}

/// The distance of `point` to `mean`, times the factor.
fn turned<S: Scalar>(point: &[f64], mean: &[S], diagonal: &[S], below: &[S]) -> Vec<S> {
    let d = point.len();
    let centred: Vec<S> = (0..d).map(|i| -mean[i] + point[i]).collect();
    let mut turned: Vec<S> = (0..d).map(|i| diagonal[i] * centred[i]).collect();
    let mut at = 0;
    for i in 0..d {
        for j in i + 1..d {
            turned[j] = turned[j] + below[at] * centred[i];
            at += 1;
        }
    }
    turned
}

fn sq_norm<S: Scalar>(v: &[S]) -> S {
    sum(v.iter().map(|&x| x * x))
}

fn log_sum_exp<S: Scalar>(v: &[S]) -> S {
    let largest = v.iter().fold(f64::NEG_INFINITY, |m, x| m.max(x.value()));
    sum(v.iter().map(|&x| (x - largest).exp())).ln() + largest
}
