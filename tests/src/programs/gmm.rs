//! Log-likelihood of a Gaussian mixture with a Wishart prior, as in ADBench.
//!
//! Component `c` has the unnormalised log-weight `alphas[c]`, a mean of `d`
//! entries and an inverse covariance factor of `d + d(d-1)/2` entries: the
//! logarithms of the diagonal, then the strictly lower triangle column by column.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The largest-term-first `log(sum(exp(x)))`; `x[..]` not empty.
#[autodiff]
pub fn log_sum_exp(x: &[f64]) -> f64 {
    let mut largest = x[0];
    for i in 1..x.len() {
        if x[i] > largest {
            largest = x[i];
        }
    }
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += (x[i] - largest).exp();
    }
    largest + sum.ln()
}

/// The squared norm of `x[..]`.
#[autodiff]
pub fn sq_norm(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * x[i];
    }
    sum
}

/// `out[d] = Q v[d]` for the lower triangular `Q` with diagonal `qdiag[d]` and
/// strictly lower columns `ltri[d(d-1)/2]`.
#[autodiff]
pub fn q_times(qdiag: &[f64], ltri: &[f64], v: &[f64], out: &mut [f64]) {
    let d = v.len();
    for i in 0..d {
        out[i] = qdiag[i] * v[i];
    }
    let mut at = 0;
    for i in 0..d {
        for j in i + 1..d {
            out[j] += ltri[at] * v[i];
            at += 1;
        }
    }
}

/// `log(gamma(twice / 2))` for `twice >= 1`.
pub fn ln_gamma_half(twice: usize) -> f64 {
    let mut arg: f64 = 1.0;
    let mut sum = 0.0;
    if twice % 2 == 1 {
        arg = 0.5;
        sum = 0.5 * std::f64::consts::PI.ln();
    }
    while 2.0 * arg < twice as f64 {
        sum += arg.ln();
        arg += 1.0;
    }
    sum
}

/// The part of the Wishart prior of one component that depends on no parameter:
/// dimension `p`, excess degrees of freedom `m`.
pub fn log_wishart_constant(p: usize, gamma: f64, m: usize) -> f64 {
    let n = p + m + 1;
    let pf = p as f64;
    let mut log_gamma = 0.25 * pf * (pf - 1.0) * std::f64::consts::PI.ln();
    for j in 0..p {
        log_gamma += ln_gamma_half(n - j);
    }
    n as f64 * pf * (gamma.ln() - 0.5 * std::f64::consts::LN_2) - log_gamma
}

/// The Wishart prior: `sum_qs[k]`, `qdiags[k*d]`, `icf[k*(d + d(d-1)/2)]`.
#[autodiff(
    Forward, Duplicated, Const, Const, Const, Duplicated, Duplicated, Duplicated
)]
#[autodiff(
    Reverse, Active, Const, Const, Const, Duplicated, Duplicated, Duplicated
)]
pub fn log_wishart_prior(
    d: usize,
    gamma: f64,
    m: usize,
    sum_qs: &[f64],
    qdiags: &[f64],
    icf: &[f64],
) -> f64 {
    let k = sum_qs.len();
    let stride = d + d * (d - 1) / 2;
    let mut out = 0.0;
    for c in 0..k {
        let frobenius =
            sq_norm(&qdiags[c * d..(c + 1) * d]) + sq_norm(&icf[c * stride + d..(c + 1) * stride]);
        out += 0.5 * gamma * gamma * frobenius - m as f64 * sum_qs[c];
    }
    out - k as f64 * log_wishart_constant(d, gamma, m)
}

/// The log-likelihood of `x[n*d]` under `alphas[k]`, `means[k*d]` and
/// `icf[k*(d + d(d-1)/2)]`, with prior parameters `gamma` and `m`.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const, Const
)]
#[autodiff(
    Reverse, Active, Duplicated, Duplicated, Duplicated, Const, Const, Const
)]
pub fn gmm_objective(
    alphas: &[f64],
    means: &[f64],
    icf: &[f64],
    x: &[f64],
    gamma: f64,
    m: usize,
) -> f64 {
    let k = alphas.len();
    let d = means.len() / k;
    let n = x.len() / d;
    let stride = d + d * (d - 1) / 2;

    let mut qdiags = vec![0.0; k * d];
    let mut sum_qs = vec![0.0; k];
    for c in 0..k {
        for i in 0..d {
            let q = icf[c * stride + i];
            sum_qs[c] += q;
            qdiags[c * d + i] = q.exp();
        }
    }

    let mut centered = vec![0.0; d];
    let mut qx = vec![0.0; d];
    let mut terms = vec![0.0; k];
    let mut total = 0.0;
    for p in 0..n {
        for c in 0..k {
            for i in 0..d {
                centered[i] = x[p * d + i] - means[c * d + i];
            }
            let ltri = &icf[c * stride + d..(c + 1) * stride];
            q_times(&qdiags[c * d..(c + 1) * d], ltri, &centered, &mut qx);
            terms[c] = alphas[c] + sum_qs[c] - 0.5 * sq_norm(&qx);
        }
        total += log_sum_exp(&terms);
    }

    let normaliser = -0.5 * (n * d) as f64 * (2.0 * std::f64::consts::PI).ln();
    normaliser + total - n as f64 * log_sum_exp(alphas)
        + log_wishart_prior(d, gamma, m, &sum_qs, &qdiags, icf)
}

/// Overwrites `terms[k]` by the softmax of them and returns their log-sum-exp.
fn softmax(terms: &mut [f64]) -> f64 {
    let mut largest = terms[0];
    for &t in &terms[1..] {
        if t > largest {
            largest = t;
        }
    }
    let mut sum = 0.0;
    for t in terms.iter_mut() {
        *t = (*t - largest).exp();
        sum += *t;
    }
    let scale = 1.0 / sum;
    for t in terms.iter_mut() {
        *t *= scale;
    }
    largest + sum.ln()
}

/// The value of [`gmm_objective`]; adds its gradient to `d_alphas[k]`,
/// `d_means[k*d]` and `d_icf[k*(d + d(d-1)/2)]`.
///
/// Every point is reversed directly after its forward pass. The products with
/// the transposed factor are linear, so they act once on the sum over points.
pub fn gmm_gradient_by_hand(
    alphas: &[f64],
    d_alphas: &mut [f64],
    means: &[f64],
    d_means: &mut [f64],
    icf: &[f64],
    d_icf: &mut [f64],
    x: &[f64],
    gamma: f64,
    m: usize,
) -> f64 {
    let k = alphas.len();
    let d = means.len() / k;
    let n = x.len() / d;
    let stride = d + d * (d - 1) / 2;

    let mut qdiags = vec![0.0; k * d];
    let mut sum_qs = vec![0.0; k];
    for c in 0..k {
        for i in 0..d {
            let q = icf[c * stride + i];
            sum_qs[c] += q;
            qdiags[c * d + i] = q.exp();
        }
    }

    let mut centered = vec![0.0; k * d];
    let mut qx = vec![0.0; k * d];
    let mut terms = vec![0.0; k];
    let mut weights = vec![0.0; k];
    let mut qx_sum = vec![0.0; k * d];
    let mut diag_sum = vec![0.0; k * d];
    let mut total = 0.0;
    for point in x.chunks_exact(d) {
        for c in 0..k {
            let mean = &means[c * d..(c + 1) * d];
            let centered = &mut centered[c * d..(c + 1) * d];
            let qx = &mut qx[c * d..(c + 1) * d];
            for i in 0..d {
                centered[i] = point[i] - mean[i];
            }
            let ltri = &icf[c * stride + d..(c + 1) * stride];
            q_times(&qdiags[c * d..(c + 1) * d], ltri, centered, qx);
            terms[c] = alphas[c] + sum_qs[c] - 0.5 * sq_norm(qx);
        }
        total += softmax(&mut terms);
        for c in 0..k {
            let weight = terms[c];
            weights[c] += weight;
            let centered = &centered[c * d..(c + 1) * d];
            let qx = &qx[c * d..(c + 1) * d];
            let qx_sum = &mut qx_sum[c * d..(c + 1) * d];
            let diag_sum = &mut diag_sum[c * d..(c + 1) * d];
            let mut column = &mut d_icf[c * stride + d..(c + 1) * stride];
            for i in 0..d {
                let scaled = weight * centered[i];
                qx_sum[i] += weight * qx[i];
                diag_sum[i] += scaled * qx[i];
                let (this, rest) = column.split_at_mut(d - 1 - i);
                for (entry, q) in this.iter_mut().zip(&qx[i + 1..]) {
                    *entry -= scaled * q;
                }
                column = rest;
            }
        }
    }

    let mut shares = alphas.to_vec();
    let log_weights = softmax(&mut shares);
    let square = gamma * gamma;
    for c in 0..k {
        d_alphas[c] += weights[c] - n as f64 * shares[c];
        let mut at = c * stride + d;
        for i in 0..d {
            let (q, s) = (qdiags[c * d + i], qx_sum[c * d + i]);
            d_icf[c * stride + i] += weights[c] - m as f64 + q * (square * q - diag_sum[c * d + i]);
            let mut back = q * s;
            for j in i + 1..d {
                back += icf[at] * qx_sum[c * d + j];
                d_icf[at] += square * icf[at];
                at += 1;
            }
            d_means[c * d + i] += back;
        }
    }

    let normaliser = -0.5 * (n * d) as f64 * (2.0 * std::f64::consts::PI).ln();
    normaliser + total - n as f64 * log_weights
        + log_wishart_prior(d, gamma, m, &sum_qs, &qdiags, icf)
}

/// A problem for [`gmm_objective`].
pub struct Inputs {
    /// Unnormalised log-weights, `[k]`.
    pub alphas: Vec<f64>,
    /// Means, `[k*d]`.
    pub means: Vec<f64>,
    /// Inverse covariance factors, `[k*(d + d(d-1)/2)]`.
    pub icf: Vec<f64>,
    /// Points, `[n*d]`.
    pub x: Vec<f64>,
    /// Scale of the Wishart prior.
    pub gamma: f64,
    /// Excess degrees of freedom of the Wishart prior.
    pub m: usize,
}

/// `n` points of dimension `d` around `k` centres, and a model near them.
pub fn inputs(d: usize, k: usize, n: usize) -> Inputs {
    let mut rng = Rng::new(1);
    let centres = rng.normal_vec(k * d, 1.0);
    let mut x = Vec::with_capacity(n * d);
    for _ in 0..n {
        let c = rng.index(k);
        for i in 0..d {
            x.push(centres[c * d + i] + 0.7 * rng.normal());
        }
    }
    let mut means = centres;
    for mean in &mut means {
        *mean += 0.3 * rng.normal();
    }
    let mut icf = rng.normal_vec(k * (d + d * (d - 1) / 2), 0.3);
    for factor in icf.chunks_mut(d + d * (d - 1) / 2) {
        // So that no weight comes near the smallest numbers, whose arithmetic is slow.
        for below in &mut factor[d..] {
            *below /= (d as f64).sqrt();
        }
    }
    Inputs {
        alphas: rng.normal_vec(k, 0.5),
        means,
        icf,
        x,
        gamma: 1.0,
        m: 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn log_sum_exp_dual<D: Num>(x: &[D]) -> D {
        let largest = x.iter().fold(f64::MIN, |m, v| m.max(v.re()));
        let sum: D = x.iter().map(|v| (*v - largest).exp()).sum();
        sum.ln() + largest
    }

    fn objective_dual<D: Num>(a: &[D], means: &[D], icf: &[D], x: &[f64], g: f64, m: usize) -> D {
        let (k, d) = (a.len(), means.len() / a.len());
        let n = x.len() / d;
        let stride = d + d * (d - 1) / 2;
        let mut out = D::from(-0.5 * (n * d) as f64 * std::f64::consts::TAU.ln());
        out -= log_sum_exp_dual(a) * n as f64;
        for c in 0..k {
            let own = &icf[c * stride..(c + 1) * stride];
            let logs: D = own[..d].iter().copied().sum();
            let diag: D = own[..d].iter().map(|q| (*q * 2.0).exp()).sum();
            let tri: D = own[d..].iter().map(|q| *q * *q).sum();
            out += (diag + tri) * (0.5 * g * g) - logs * m as f64;
            out -= log_wishart_constant(d, g, m);
        }
        for p in 0..n {
            let mut terms = Vec::new();
            for c in 0..k {
                let own = &icf[c * stride..(c + 1) * stride];
                let v: Vec<D> = (0..d).map(|i| -means[c * d + i] + x[p * d + i]).collect();
                let mut qx: Vec<D> = (0..d).map(|i| own[i].exp() * v[i]).collect();
                let mut at = d;
                for i in 0..d {
                    for j in i + 1..d {
                        qx[j] += own[at] * v[i];
                        at += 1;
                    }
                }
                let logs: D = own[..d].iter().copied().sum();
                let square: D = qx.iter().map(|q| *q * *q).sum();
                terms.push(a[c] + logs - square * 0.5);
            }
            out += log_sum_exp_dual(&terms);
        }
        out
    }

    #[test]
    fn gradient() {
        for (d, k, n) in [(1, 1, 3), (1, 3, 5), (2, 2, 9), (4, 5, 12)] {
            let data = inputs(d, k, n);
            let (a, b) = (k, k + k * d);
            let at = [&data.alphas[..], &data.means, &data.icf].concat();
            check::gradient(
                &at,
                &|v| gmm_objective(&v[..a], &v[a..b], &v[b..], &data.x, 0.9, 3),
                &|v| objective_dual(&v[..a], &v[a..b], &v[b..], &data.x, 0.9, 3),
                &|v, g| {
                    let (ga, rest) = g.split_at_mut(a);
                    let (gm, gi) = rest.split_at_mut(b - a);
                    let (va, vm, vi) = (&v[..a], &v[a..b], &v[b..]);
                    gmm_gradient_by_hand(va, ga, vm, gm, vi, gi, &data.x, 0.9, 3)
                },
            );
        }
    }

    #[test]
    fn ln_gamma_of_half_integers() {
        let mut factorial = 1.0_f64;
        for n in 1..10 {
            assert!((ln_gamma_half(2 * n) - factorial.ln()).abs() < 1e-12);
            factorial *= n as f64;
        }
        assert!((ln_gamma_half(7) - 3.323_350_970_447_843_f64.ln()).abs() < 1e-14);
    }
}
