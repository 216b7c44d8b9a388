//! Matrices in one vector, `a[i * n + j]`: elements that stay, and elements that do not.
use ad_runtime::prelude::*;
use ad_tests::check;
use ad_tests::programs::linear::{cholesky, solve_lower};

/// A symmetric matrix that is positive definite.
fn definite(n: usize) -> Vec<f64> {
    let entry = |k: usize| match k / n == k % n {
        true => 2.0 + 0.1 * (k / n) as f64,
        false => 0.3 / (1.0 + (k / n).abs_diff(k % n) as f64),
    };
    (0..n * n).map(entry).collect()
}

const X: [f64; 8] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2, -0.6];

/// The density of a Gaussian, row by row.
#[autodiff]
fn density(a: &[f64], b: &[f64], n: usize) -> f64 {
    let mut l = vec![0.0; n * n];
    let mut y = vec![0.0; n];
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..=i {
            let mut s = a[i * n + j];
            for k in 0..j {
                s -= l[i * n + k] * l[j * n + k];
            }
            if i == j {
                l[i * n + i] = s.sqrt();
            } else {
                l[i * n + j] = s / l[j * n + j];
            }
        }
        let mut s = b[i];
        for j in 0..i {
            s -= l[i * n + j] * y[j];
        }
        y[i] = s / l[i * n + i];
        sum += y[i] * y[i] + l[i * n + i].ln();
    }
    sum
}

#[autodiff]
fn backward_solve(l: &[f64], x: &mut Vec<f64>) {
    let n = x.len();
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= l[j * n + i] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

/// What is written between the sweeps, and behind them.
#[autodiff]
fn solved(a: &[f64], b: &[f64], steps: usize) -> f64 {
    let n = b.len();
    let mut work = a.to_vec();
    let mut x = b.to_vec();
    let mut sum = 0.0;
    for _ in 0..steps {
        cholesky(&mut work, n);
        solve_lower(&work, &mut x);
        sum += x[0] * x[n - 1];
        backward_solve(&work, &mut x);
        for k in 0..n * n {
            work[k] = a[k] * (1.0 + 0.1 * x[k % n] * x[k % n]);
        }
    }
    for i in 0..n {
        sum += x[i] * x[i] * work[i * n + i];
    }
    sum
}

/// Elimination in place, the solution behind it, with a width that is an expression.
#[autodiff]
fn eliminated(a: &[f64], b: &[f64], n: usize) -> f64 {
    let mut m = vec![0.0; n * (n + 1)];
    for i in 0..n {
        for j in 0..n {
            m[i * (n + 1) + j] = a[i * n + j];
        }
        m[i * (n + 1) + n] = b[i];
    }
    for k in 0..n {
        for i in k + 1..n {
            m[i * (n + 1) + k] /= m[k * (n + 1) + k];
            for j in k + 1..=n {
                m[i * (n + 1) + j] -= m[i * (n + 1) + k] * m[k * (n + 1) + j];
            }
        }
    }
    let mut sum = 0.0;
    for i in (0..n).rev() {
        for j in i + 1..n {
            m[i * (n + 1) + n] -= m[i * (n + 1) + j] * m[j * (n + 1) + n];
        }
        m[i * (n + 1) + n] /= m[i * (n + 1) + i];
        sum += m[i * (n + 1) + n].powi(2);
    }
    sum
}

/// The smoothed cost of aligning two sequences.
#[autodiff]
fn aligned(x: &[f64], y: &[f64], gamma: f64) -> f64 {
    let (n, m) = (x.len(), y.len());
    let mut cost = vec![1e3_f64; (n + 1) * (m + 1)];
    cost[0] = 0.0;
    for i in 1..=n {
        for j in 1..=m {
            let miss = x[i - 1] - y[j - 1];
            let a = cost[(i - 1) * (m + 1) + j];
            let b = cost[i * (m + 1) + j - 1];
            let c = cost[(i - 1) * (m + 1) + j - 1];
            let low = a.min(b).min(c);
            let sum = ((low - a) / gamma).exp() + ((low - b) / gamma).exp();
            let soft = low - gamma * (sum + ((low - c) / gamma).exp()).ln();
            cost[i * (m + 1) + j] = miss * miss + soft;
        }
    }
    cost[n * (m + 1) + m]
}

/// Forward probabilities of a hidden Markov chain, scaled.
#[autodiff]
fn likelihood(transitions: &[f64], emissions: &[f64], states: usize) -> f64 {
    let steps = emissions.len() / states;
    let mut alpha = vec![0.0; steps * states];
    let mut scale = vec![0.0; steps];
    let mut log = 0.0;
    for t in 0..steps {
        for s in 0..states {
            if t == 0 {
                alpha[s] = emissions[s];
            } else {
                for r in 0..states {
                    alpha[t * states + s] +=
                        alpha[(t - 1) * states + r] * transitions[r * states + s];
                }
                alpha[t * states + s] *= emissions[t * states + s];
            }
            scale[t] += alpha[t * states + s];
        }
        for s in 0..states {
            alpha[t * states + s] /= scale[t];
        }
        log += scale[t].ln();
    }
    log
}

/// Three axes, and planes and rows as views.
#[autodiff]
fn volume(x: &[f64], nx: usize, ny: usize) -> f64 {
    let nz = 2;
    let mut u = vec![0.2; nx * ny * nz];
    for i in 1..nx {
        for j in 1..ny {
            for k in 0..nz {
                let left = u[((i - 1) * ny + j) * nz + k];
                let below = u[(i * ny + (j - 1)) * nz + k];
                u[(i * ny + j) * nz + k] = (left * below + x[(i + j + k) % x.len()]).sin();
            }
        }
    }
    let mut sum = 0.0;
    for i in 1..nx {
        let (done, rest) = u.split_at_mut(i * ny * nz);
        let before = &done[(i - 1) * ny * nz..];
        let here = &mut rest[..ny * nz];
        for j in 0..ny * nz {
            here[j] = here[j] * before[j] + x[j % x.len()];
            sum += here[j] * here[j];
        }
    }
    sum + u[nx * ny * nz - 1] * u[0]
}

/// Columns that are wider than a row, rows that overlap, and tables that come back.
#[autodiff]
fn tangled(x: &[f64], n: usize, w: usize) -> f64 {
    let mut u = vec![0.1; (n + 2) * (n + 2)];
    for k in 0..x.len().min(u.len()) {
        u[k] = x[k];
    }
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..n {
            // The width is not that of the loop.
            u[i * w + j] = (u[i * w + j] * u[(i + 1) * w + j]).sin() + 0.3;
            sum += u[i * w + j] * u[i * w + j] * u[(i + 1) * w];
        }
    }
    for i in 0..n {
        for j in 0..n {
            // One column too many.
            let next = u[i * n + j + 1];
            u[i * n + j] = 0.4 * next * next + u[(n - 1 - i) * n + j];
            sum += (u[i * n + j] * next).sin();
        }
    }
    for i in 0..n {
        for j in 0..i {
            let t = (u[i * n + j] * u[j * n + i]).cos();
            u[j * n + i] = t;
            sum += t * u[j * n + i];
            u[i * n + j] = t * u[i * n + i];
        }
        for j in i..n {
            let t = u[j * n + i] * u[i * n + j];
            u[j * n + j] += 0.1 * t;
            sum += t * u[j * n + j];
        }
    }
    for _ in 0..2 {
        for i in 1..n {
            for j in (1..n).rev() {
                let t = (u[i * n + j - 1] * u[i * n - n + j] + x[0]).tanh();
                u[i * n + j] = t;
                sum += t * u[i * n + j];
            }
        }
    }
    sum
}

/// Downwards in one direction and in steps in the other.
#[autodiff]
fn downwards(x: &[f64], n: usize) -> f64 {
    let mut u = vec![0.3; n * n];
    for i in 0..n {
        for j in 0..n {
            u[i * n + j] = x[(i + j) % x.len()];
        }
    }
    for i in (0..n - 1).rev() {
        for j in (0..n - 1).step_by(2) {
            let t = u[(i + 1) * n + j] * u[i * n + j + 1];
            u[i * n + j] = t.sin() + u[i * n + j] * t;
        }
        for j in (1..n).rev() {
            u[i * n + j] *= u[i * n + j - 1];
        }
    }
    let mut sum = 0.0;
    for j in 0..n {
        for i in 1..n {
            u[i * n + j] += u[(i - 1) * n + j] * u[(i - 1) * n + j];
        }
        sum += u[(n - 1) * n + j];
    }
    sum
}

/// Rows of a list of rows, with several loops around.
#[autodiff]
fn rows(x: &[f64], n: usize) -> f64 {
    let mut l = vec![vec![0.0; n]; n];
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..=i {
            let mut s = if i == j {
                3.0
            } else {
                0.2 * x[(i + j) % x.len()]
            };
            for k in 0..j {
                s -= l[i][k] * l[j][k];
            }
            let t = if i == j { s.sqrt() } else { s / l[j][j] };
            l[i][j] = t;
            sum += t * l[j][i.min(j)];
        }
        for k in 0..i {
            l[k][i] = l[i][k] * l[i][k];
        }
    }
    for i in 0..n {
        sum += l[i][n - 1] * l[n - 1][i];
    }
    sum
}

/// Parameters that only a part of is written, or twice, or not at all.
#[autodiff]
fn in_part(a: &mut [f64], b: &mut [f64], n: usize, twice: bool) -> f64 {
    let mut sum = 0.0;
    for i in 1..n {
        for j in 0..i {
            a[i] += 0.1 * a[j] * a[j];
            sum += a[j] * b[i] * b[0];
        }
        a[i] = a[i].sin();
    }
    if twice {
        for i in 0..n {
            for j in 0..n {
                b[i] += 0.1 * a[j] * b[i];
            }
            a[i] = b[i] * a[i];
        }
    }
    sum
}

#[autodiff]
fn parts_in_turn(x: &[f64], n: usize, twice: bool) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let mut sum = 0.0;
    for _ in 0..2 {
        sum += in_part(&mut a, &mut b, n, twice);
        a[n - 1] = b[0] * a[0];
        sum += in_part(&mut b[1..], &mut a, n - 1, twice);
    }
    sum
}

/// The largest of four sums for each cell, and how far each is from the mean of its row.
#[autodiff]
fn pooled(img: &[f64], k: &[f64], w: usize) -> f64 {
    let h = img.len() / w;
    let mut out = vec![0.0; (h - 2) * (w - 2)];
    let mut far = 0.1;
    for i in 0..h - 2 {
        for j in 0..w - 2 {
            let mut best = -1.0;
            for a in 0..2 {
                for b in 0..2 {
                    let mut s = 0.0;
                    for c in 0..2 {
                        s += k[a * 2 + c] * img[(i + a + c) * w + j + b];
                    }
                    if s > best {
                        best = s;
                    }
                    far = 0.9 * far + 0.1 * s * best;
                }
            }
            out[i * (w - 2) + j] = best * far;
        }
    }
    let mut sum = far;
    for i in 0..h - 2 {
        let mut mean = 0.0;
        for j in 0..w - 2 {
            mean += out[i * (w - 2) + j];
        }
        mean /= (w - 2) as f64;
        for j in 0..w - 2 {
            let d = out[i * (w - 2) + j] - mean;
            sum += (d * d + 0.1).sqrt();
        }
    }
    sum
}

#[test]
fn factorisations() {
    for n in 1..6 {
        let (a, b) = (definite(n), X[..n].to_vec());
        check!(density(&a.clone(), &b.clone(), #n));
        check!(eliminated(&a.clone(), &b.clone(), #n));
        for steps in 0..3 {
            check!(solved(&a.clone(), &b.clone(), #steps));
        }
        check!(rows(&X, #n));
    }
}

#[test]
fn chains_and_alignments() {
    check!(aligned(&X, &[0.2, -0.5, 1.0, 0.4], 0.5));
    check!(aligned(&[0.3], &[0.7, 0.1], 1.5));
    let positive = X.map(|x| 0.2 + x * x);
    check!(likelihood(&[0.7], &positive, #1));
    check!(likelihood(&[0.7, 0.3, 0.2, 0.8], &positive, #2));
}

#[test]
fn other_tables() {
    for (nx, ny) in [(1, 1), (2, 3), (3, 2), (4, 4)] {
        check!(volume(&X, #nx, #ny));
    }
    for n in 1..5 {
        for w in [1, 2, n, n + 1] {
            check!(tangled(&X.map(|x| 0.5 * x), #n, #w));
        }
        check!(downwards(&X, #n));
    }
    check!(pooled(&definite(4), &[0.3, -0.7, 0.5, 0.9], #4));
    check!(pooled(&definite(6)[..30].to_vec(), &[0.3, -0.7, 0.5, 0.9], #5));
    for twice in [false, true] {
        for n in 2..8 {
            check!(parts_in_turn(&X, #n, #twice));
            check!(in_part(&mut X.clone(), &mut X.map(|x| 0.5 * x), #n, #twice));
        }
    }
}
