//! Dense linear algebra in loops: a matrix product against a target, and a
//! Gaussian density through a Cholesky factor.

use super::data::Rng;
use ad_runtime::prelude::*;

/// `c[m*n] = a[m*k] b[k*n]`.
#[autodiff]
pub fn matmul(a: &[f64], b: &[f64], c: &mut [f64], k: usize, n: usize) {
    for i in 0..a.len() / k {
        for j in 0..n {
            let mut sum = 0.0;
            for l in 0..k {
                sum += a[i * k + l] * b[l * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}

/// The squared distance of the product of `a[m*k]` and `b[k*n]` from
/// `target[m*n]`.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const)]
pub fn product_misfit(a: &[f64], b: &[f64], target: &[f64], k: usize) -> f64 {
    let n = b.len() / k;
    let mut c = vec![0.0; target.len()];
    matmul(a, b, &mut c, k, n);
    let mut sum = 0.0;
    for i in 0..c.len() {
        let miss = c[i] - target[i];
        sum += miss * miss;
    }
    sum
}

/// Replaces the lower triangle of `a[n*n]`, symmetric and positive definite, by
/// its Cholesky factor; the strictly upper triangle is not looked at.
#[autodiff]
pub fn cholesky(a: &mut [f64], n: usize) {
    for j in 0..n {
        for k in 0..j {
            a[j * n + j] -= a[j * n + k] * a[j * n + k];
        }
        a[j * n + j] = a[j * n + j].sqrt();
        for i in j + 1..n {
            for k in 0..j {
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] /= a[j * n + j];
        }
    }
}

/// Replaces `x[n]` by the solution `y` of `L y = x`, with `L` the lower triangle
/// of `l[n*n]`.
#[autodiff]
pub fn solve_lower(l: &[f64], x: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

/// Half of `log(det A) + b . A^-1 b`, for `b[n]` and the lower triangle of the
/// symmetric and positive definite `a[n*n]`.
#[autodiff]
pub fn gaussian(a: &[f64], b: &[f64]) -> f64 {
    let n = b.len();
    let mut l = a.to_vec();
    cholesky(&mut l, n);
    let mut log_det = 0.0;
    for i in 0..n {
        log_det += l[i * n + i].ln();
    }
    let mut y = b.to_vec();
    solve_lower(&l, &mut y);
    let mut square = 0.0;
    for i in 0..n {
        square += y[i] * y[i];
    }
    log_det + 0.5 * square
}

/// The inner product, in eight sums.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Adds `s x` to `y`.
#[inline(always)]
fn axpy(s: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += s * x;
    }
}

/// The value of [`product_misfit`]; adds its gradient to `d_a[m*k]` and
/// `d_b[k*n]`.
///
/// A row of the product is reversed directly after it is formed.
pub fn product_gradient_by_hand(
    a: &[f64],
    d_a: &mut [f64],
    b: &[f64],
    d_b: &mut [f64],
    target: &[f64],
    k: usize,
) -> f64 {
    let n = b.len() / k;
    let mut row = vec![0.0; n];
    let mut sum = 0.0;
    let rows = a.chunks_exact(k).zip(d_a.chunks_exact_mut(k));
    for ((a, d_a), target) in rows.zip(target.chunks_exact(n)) {
        row.fill(0.0);
        for (a, b) in a.iter().zip(b.chunks_exact(n)) {
            axpy(*a, b, &mut row);
        }
        for (c, t) in row.iter_mut().zip(target) {
            let miss = *c - t;
            sum += miss * miss;
            *c = 2.0 * miss;
        }
        let columns = b.chunks_exact(n).zip(d_b.chunks_exact_mut(n));
        for ((a, d_a), (b, d_b)) in a.iter().zip(d_a).zip(columns) {
            *d_a += dot(&row, b);
            axpy(*a, &row, d_b);
        }
    }
    sum
}

/// The value of [`gaussian`]; adds its gradient to the lower triangle of
/// `d_a[n*n]` and to `d_b[n]`.
///
/// With `x = A^-1 b` the gradient is `x` by `b` and `(A^-1 - x x^T) / 2` by the
/// symmetric `A`. The inverse comes from that of the factor; no step of the
/// factorisation is reversed.
pub fn gaussian_gradient_by_hand(a: &[f64], d_a: &mut [f64], b: &[f64], d_b: &mut [f64]) -> f64 {
    let n = b.len();
    let mut l = vec![0.0; n * n];
    let mut value = 0.0;
    for i in 0..n {
        let (done, rest) = l.split_at_mut(i * n);
        let row = &mut rest[..n];
        for j in 0..i {
            let other = &done[j * n..(j + 1) * n];
            row[j] = (a[i * n + j] - dot(&row[..j], &other[..j])) * other[j];
        }
        let pivot = (a[i * n + i] - dot(&row[..i], &row[..i])).sqrt();
        value += pivot.ln();
        // The inverse of the diagonal is what all later steps need.
        row[i] = 1.0 / pivot;
    }

    // Row by row, the inverse of the factor.
    let mut inverse = vec![0.0; n * n];
    let mut x = vec![0.0; n];
    for i in 0..n {
        let (done, rest) = inverse.split_at_mut(i * n);
        let row = &mut rest[..i + 1];
        for k in 0..i {
            axpy(l[i * n + k], &done[k * n..k * n + k + 1], &mut row[..k + 1]);
        }
        let scale = l[i * n + i];
        for v in &mut row[..i] {
            *v *= -scale;
        }
        row[i] = scale;
        let y = dot(row, &b[..i + 1]);
        value += 0.5 * y * y;
        axpy(y, row, &mut x[..i + 1]);
    }

    // The lower triangle of the inverse of A, a product of triangles.
    let mut whole = vec![0.0; n * n];
    for i in 0..n {
        let row = &inverse[i * n..i * n + i + 1];
        for j in 0..=i {
            axpy(row[j], &row[..j + 1], &mut whole[j * n..j * n + j + 1]);
        }
    }
    for i in 0..n {
        for j in 0..i {
            d_a[i * n + j] += whole[i * n + j] - x[i] * x[j];
        }
        d_a[i * n + i] += 0.5 * (whole[i * n + i] - x[i] * x[i]);
        d_b[i] += x[i];
    }
    value
}

/// A problem for [`product_misfit`].
pub struct ProductInputs {
    /// Left factor, `[m*k]`.
    pub a: Vec<f64>,
    /// Right factor, `[k*n]`.
    pub b: Vec<f64>,
    /// Product to reach, `[m*n]`.
    pub target: Vec<f64>,
    /// Columns of the left factor.
    pub k: usize,
}

/// Random factors of a product with `m` rows and `n` columns.
pub fn product_inputs(m: usize, k: usize, n: usize) -> ProductInputs {
    let mut rng = Rng::new(10);
    ProductInputs {
        a: rng.normal_vec(m * k, 1.0),
        b: rng.normal_vec(k * n, 1.0),
        target: rng.normal_vec(m * n, 1.0),
        k,
    }
}

/// A problem for [`gaussian`].
pub struct GaussianInputs {
    /// Covariance, `[n*n]`.
    pub a: Vec<f64>,
    /// Deviation from the mean, `[n]`.
    pub b: Vec<f64>,
}

/// A well conditioned covariance of `n` numbers and a deviation.
pub fn gaussian_inputs(n: usize) -> GaussianInputs {
    let mut rng = Rng::new(11);
    let root = rng.normal_vec(n * n, (1.0 / n as f64).sqrt());
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            a[i * n + j] = dot(&root[i * n..(i + 1) * n], &root[j * n..(j + 1) * n]);
        }
        a[i * n + i] += 1.0;
    }
    let b = rng.normal_vec(n, 1.0);
    GaussianInputs { a, b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn product_dual<D: Num>(a: &[D], b: &[D], data: &ProductInputs) -> D {
        let (k, n) = (data.k, b.len() / data.k);
        let mut sum = D::from(0.0);
        for (c, target) in data.target.iter().enumerate() {
            let entry: D = (0..k).map(|l| a[c / n * k + l] * b[l * n + c % n]).sum();
            sum += (entry - *target).powi(2);
        }
        sum
    }

    /// By elimination without roots: the pivots are those of `L D L^T`.
    fn gaussian_dual<D: Num>(a: &[D], b: &[D]) -> D {
        let n = b.len();
        let mut rows: Vec<Vec<D>> = Vec::new();
        for i in 0..n {
            let mut row: Vec<D> = (0..n).map(|j| a[i.max(j) * n + i.min(j)]).collect();
            row.push(b[i]);
            rows.push(row);
        }
        let mut sum = D::from(0.0);
        for p in 0..n {
            let pivot = rows[p][p];
            sum += (pivot.ln() + rows[p][n].powi(2) / pivot) * 0.5;
            for i in p + 1..n {
                let factor = rows[i][p] / pivot;
                for j in p..=n {
                    let gone = factor * rows[p][j];
                    rows[i][j] -= gone;
                }
            }
        }
        sum
    }

    #[test]
    fn product_gradient() {
        for (m, k, n) in [(1, 1, 1), (2, 3, 4), (5, 11, 9)] {
            let data = product_inputs(m, k, n);
            let target = &data.target;
            check::gradient(
                &[&data.a[..], &data.b].concat(),
                &|v| product_misfit(&v[..m * k], &v[m * k..], target, k),
                &|v| product_dual(&v[..m * k], &v[m * k..], &data),
                &|v, g| {
                    let (d_a, d_b) = g.split_at_mut(m * k);
                    product_gradient_by_hand(&v[..m * k], d_a, &v[m * k..], d_b, target, k)
                },
            );
        }
    }

    #[test]
    fn gaussian_gradient() {
        for n in [1, 2, 5, 12] {
            let data = gaussian_inputs(n);
            check::gradient(
                &[&data.a[..], &data.b].concat(),
                &|v| gaussian(&v[..n * n], &v[n * n..]),
                &|v| gaussian_dual(&v[..n * n], &v[n * n..]),
                &|v, g| {
                    let (d_a, d_b) = g.split_at_mut(n * n);
                    gaussian_gradient_by_hand(&v[..n * n], d_a, &v[n * n..], d_b)
                },
            );
        }
    }
}
