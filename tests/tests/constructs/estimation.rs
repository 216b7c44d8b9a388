//! Filters, recursions and mixtures as people write them.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn project(basis: &[f64], v: &[f64], out: &mut [f64]) {
    let n = v.len();
    for i in 0..out.len() {
        let mut s = 0.0;
        for j in 0..n {
            s += basis[i * n + j] * v[j];
        }
        out[i] = s;
    }
}

/// Kalman-like filter: state carried, residual scratch, in-place update, early exit, best step kept.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Duplicated, Const)]
fn filter(h: &[f64], obs: &[f64], x: &mut [f64], limit: f64) -> f64 {
    let n = x.len();
    let m = obs.len() / 3;
    let mut r = vec![0.0; 2];
    let mut pred = vec![0.0; 2];
    let mut gain = 0.5;
    let mut worst = 0.0;
    let mut loss = 0.0;
    for t in 0..m {
        project(h, x, &mut pred);
        for i in 0..2 {
            r[i] = obs[(t * 2 + i) % obs.len()] - pred[i];
        }
        let mut norm = 0.0;
        for i in 0..2 {
            norm += r[i] * r[i];
        }
        if norm > worst {
            worst = norm;
        }
        for j in 0..n {
            let mut c = 0.0;
            for i in 0..2 {
                c += h[i * n + j] * r[i];
            }
            x[j] += gain * c;
        }
        gain = gain / (1.0 + gain * norm);
        loss += norm * gain;
        if norm < limit {
            break;
        }
    }
    loss + worst * gain + x[0]
}

/// Levinson-Durbin: in place, order recursion, arrays reversed onto themselves.
#[autodiff]
fn levinson(r: &[f64], a: &mut [f64]) -> f64 {
    let n = a.len();
    let mut err = r[0];
    let mut tmp = vec![0.0; n];
    for i in 0..n {
        let mut acc = r[i + 1];
        for j in 0..i {
            acc -= a[j] * r[i - j];
        }
        let k = acc / err;
        for j in 0..i {
            tmp[j] = a[j] - k * a[i - 1 - j];
        }
        for j in 0..i {
            a[j] = tmp[j];
        }
        a[i] = k;
        err *= 1.0 - k * k;
        if err < 1e-9 {
            return err;
        }
    }
    err
}

/// SOR with over relaxation, best residual kept, zero-trip sweeps, carried weights.
#[autodiff]
fn sor(a: &[f64], b: &[f64], w0: f64, n: usize, sweeps: usize) -> f64 {
    let mut x = vec![0.0; n];
    let mut w = w0;
    let mut best = 10.0;
    for _ in 0..sweeps {
        let mut res = 0.0;
        for i in 0..n {
            let mut s = b[i];
            for j in 0..n {
                s -= a[i * n + j] * x[j];
            }
            x[i] += w * s / a[i * n + i];
            res += s * s;
        }
        if res < best {
            best = res;
            w = 0.9 * w + 0.1 * res;
        }
    }
    best + x[0] * x[n - 1] + w
}

/// Viterbi-like max-plus recursion: max over predecessors in place by swap.
#[autodiff]
fn viterbi(trans: &[f64], emit: &[f64], k: usize, steps: usize) -> f64 {
    let mut score = vec![0.0; k];
    let mut next = vec![0.0; k];
    for t in 0..steps {
        for j in 0..k {
            let mut m = score[0] + trans[j];
            for i in 1..k {
                let s = score[i] + trans[i * k + j];
                if s > m {
                    m = s;
                }
            }
            next[j] = m + emit[(t * k + j) % emit.len()];
        }
        std::mem::swap(&mut score, &mut next);
    }
    let mut m = score[0];
    for i in 1..k {
        if score[i] > m {
            m = score[i];
        }
    }
    let mut z = 0.0;
    for i in 0..k {
        z += (score[i] - m).exp();
    }
    m + z.ln()
}

/// Weighted PCA power iteration with projections and a mean removed: candidates for postpone + exchange with sequential outer state.
#[autodiff]
fn power(x: &[f64], mean: &[f64], d: usize, rounds: usize) -> f64 {
    let n = x.len() / d;
    let mut v = vec![0.5; d];
    let mut c = vec![0.0; d];
    let mut w = vec![0.0; d];
    let mut lambda = 0.0;
    for _ in 0..rounds {
        for i in 0..d {
            w[i] = 0.0;
        }
        for p in 0..n {
            for i in 0..d {
                c[i] = x[p * d + i] - mean[i];
            }
            let mut s = 0.0;
            for i in 0..d {
                s += c[i] * v[i];
            }
            for i in 0..d {
                w[i] += s * c[i];
            }
        }
        lambda = 0.0;
        for i in 0..d {
            lambda += w[i] * w[i];
        }
        lambda = lambda.sqrt();
        for i in 0..d {
            v[i] = w[i] / lambda;
        }
    }
    lambda + v[0]
}

/// Ridge-like misfit with a shared linear map and a per-class offset in an inner loop.
#[autodiff]
fn mixture(basis: &[f64], centers: &[f64], scale: f64, n: usize) -> f64 {
    let k = centers.len() / 2;
    let mut diff = vec![0.0; 2];
    let mut image = vec![0.0; 2];
    let mut scores = vec![0.0; k];
    let mut total = 0.0;
    for p in 0..n {
        for c in 0..k {
            for i in 0..2 {
                diff[i] = (0.3 * p as f64 + i as f64) - centers[c * 2 + i];
            }
            project(basis, &diff, &mut image);
            let mut q = 0.0;
            for i in 0..2 {
                q += image[i] * image[i];
            }
            scores[c] = -q * scale;
        }
        let mut top = scores[0];
        for c in 1..k {
            if scores[c] > top {
                top = scores[c];
            }
        }
        let mut z = 0.0;
        for c in 0..k {
            z += (scores[c] - top).exp();
        }
        total += top + z.ln();
    }
    total
}

const H: [f64; 6] = [0.4, -0.2, 0.7, 0.3, 0.5, -0.6];
const SEEN: [f64; 9] = [0.5, -0.3, 0.8, 0.1, 0.9, 0.4, -0.7, 0.2, 0.35];
const BASIS: [f64; 4] = [0.6, -0.3, 0.2, 0.9];
const CENTERS: [f64; 6] = [0.3, 0.2, -0.4, 0.8, 0.5, -0.6];

#[test]
fn filters() {
    for limit in [0.0, 0.3, 5.0] {
        check!(filter(&H, &SEEN, &mut [0.1, 0.2, -0.3], #limit));
    }
    check!(levinson(&[2.0, 0.7, 0.3, -0.2], &mut [0.0, 0.0, 0.0]));
    check!(levinson(&[2.0, 0.7, 0.3, -0.2], &mut [0.4, 0.1, 0.2]));
}

#[test]
fn iterations() {
    let a = [4.0, 1.0, 0.5, 1.0, 5.0, 0.7, 0.5, 0.7, 3.0];
    let steps = [0.3, -0.1, 0.25, 0.7, 0.11, -0.45, 0.05, 0.6, -0.2];
    for n in 0..4 {
        check!(sor(&a, &[1.0, 2.0, -1.0], 1.1, #3, #n));
        check!(viterbi(&steps, &[0.1, 0.5, -0.3, 0.7], #3, #n));
        check!(power(&[0.3, 0.7, -0.4, 0.9, 1.1, 0.2], &[0.1, 0.25], #2, #n));
        check!(mixture(&BASIS, &CENTERS, 0.7, #n));
    }
}

/// What is active in one call is constant in the next, onto shadows that are not zero.
#[test]
fn one_argument_at_a_time() {
    let (mut both_basis, mut both_centers) = ([0.1_f64; 4], [0.2_f64; 6]);
    mixture::reverse(
        &BASIS,
        &mut both_basis,
        &CENTERS,
        &mut both_centers,
        0.7,
        4,
        1.0,
    );
    let mut d_basis = [0.1_f64; 4];
    let dual = &mut d_basis;
    autodiff!(
        Reverse,
        mixture,
        Active,
        Duplicated(&BASIS, dual),
        Const(&CENTERS),
        Const(0.7),
        Const(4)
    );
    let mut d_centers = [0.2_f64; 6];
    let dual = &mut d_centers;
    autodiff!(
        Reverse,
        mixture,
        Active,
        Const(&BASIS),
        Duplicated(&CENTERS, dual),
        Const(0.7),
        Const(4)
    );
    for i in 0..4 {
        assert!((d_basis[i] - both_basis[i]).abs() < 1e-12);
    }
    for i in 0..6 {
        assert!((d_centers[i] - both_centers[i]).abs() < 1e-12);
    }
}
