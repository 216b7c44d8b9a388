//! Linear maps that the reverse sweep applies once behind the loop, and those it must not.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

/// `out = Q v`
#[autodiff]
fn apply(q: &[f64], v: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = 0.0;
        for j in 0..v.len() {
            out[i] += q[i * v.len() + j] * v[j];
        }
    }
}

/// `out += s Q v`
#[autodiff]
fn add_scaled(q: &[f64], s: f64, v: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        for j in 0..v.len() {
            out[i] += s * q[i * v.len() + j] * v[j];
        }
    }
}

/// No linear map: the coefficients depend on `v`.
#[autodiff]
fn apply_squared(q: &[f64], v: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = 0.0;
        for j in 0..v.len() {
            out[i] += q[i * v.len() + j] * v[j] * v[j];
        }
    }
}

#[autodiff]
fn square(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i];
    }
    s
}

macro_rules! distances {
    ($name:ident, $apply:ident) => {
        /// Distances of points from a mean, in a metric.
        #[autodiff]
        fn $name(q: &[f64], mean: &[f64], n: usize) -> f64 {
            let d = mean.len();
            let mut c = vec![0.0; d];
            let mut y = vec![0.0; d];
            let mut sum = 0.0;
            for p in 0..n {
                for i in 0..d {
                    c[i] = (p * d + i) as f64 - mean[i];
                }
                $apply(q, &c, &mut y);
                sum += square(&y);
            }
            sum
        }
    };
}
distances! { distances, apply }
distances! { squared_distances, apply_squared }

/// The points move, too: their adjoints differ from trip to trip.
#[autodiff]
fn points_move(q: &[f64], mean: &[f64], x: &[f64], n: usize) -> f64 {
    let d = mean.len();
    let mut c = vec![0.0; d];
    let mut y = vec![0.0; d];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..d {
            c[i] = x[p * d + i] * mean[i];
        }
        apply(q, &c, &mut y);
        sum += square(&y);
    }
    sum
}

/// Several metrics and means, in an inner loop; weights that do not change.
#[autodiff]
fn classes(q: &[f64], means: &[f64], d: usize, n: usize) -> f64 {
    let k = means.len() / d;
    let mut c = vec![0.0; d];
    let mut y = vec![0.0; d];
    let mut total = 0.0;
    for p in 0..n {
        let mut best = 0.0;
        for m in 0..k {
            for i in 0..d {
                c[i] = (m as f64 + 1.0) * (0.1 * (p + i) as f64 - 2.0 * means[m * d + i]);
            }
            apply(&q[m * d * d..(m + 1) * d * d], &c, &mut y);
            best += (-square(&y)).exp();
        }
        total += best.ln();
    }
    total
}

/// The map changes with the trip.
#[autodiff]
fn map_of_the_trip(q: &[f64], mean: &[f64], n: usize) -> f64 {
    let d = mean.len();
    let mut c = vec![0.0; d];
    let mut y = vec![0.0; d];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..d {
            c[i] = (p * d + i) as f64 - mean[i];
        }
        apply(&q[p..p + d * d], &c, &mut y);
        sum += square(&y);
    }
    sum
}

/// What is applied grows from trip to trip.
#[autodiff]
fn accumulating(q: &[f64], mean: &[f64], s: f64, n: usize) -> f64 {
    let d = mean.len();
    let mut c = vec![0.0; d];
    let mut y = vec![0.1; d];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..d {
            c[i] = (p as f64) - mean[i];
        }
        add_scaled(q, s, &c, &mut y);
        sum += square(&y);
    }
    sum
}

/// The mean moves with what came out.
#[autodiff]
fn moving(q: &[f64], mean: &[f64], n: usize) -> f64 {
    let d = mean.len();
    let mut m = mean.to_vec();
    let mut c = vec![0.0; d];
    let mut y = vec![0.0; d];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..d {
            c[i] = 0.5 * p as f64 - m[i];
        }
        apply(q, &c, &mut y);
        for i in 0..d {
            m[i] += 0.1 * y[i];
        }
        sum += square(&y);
    }
    sum + m[0]
}

/// The whole adjoint is passed on at once.
#[autodiff]
fn copied(q: &[f64], mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 1.0;
    for p in 0..n {
        c.copy_from_slice(mean);
        apply(q, &c, &mut y);
        sum += square(&y) * p as f64;
    }
    sum
}

/// What is multiplied is read, too, and the result is looked at twice.
#[autodiff]
fn copied_and_read(q: &[f64], mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 0.0;
    for p in 0..n {
        c.copy_from_slice(mean);
        apply(q, &c, &mut y);
        sum += square(&y) * y[0] + c[1] * p as f64;
    }
    sum + y[1]
}

#[autodiff]
fn times(k: f64, v: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = v[i] * k;
    }
}

/// One argument with a derivative, so that nothing is gated.
#[autodiff]
fn one_active(mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..2 {
            c[i] = -mean[i];
        }
        times(2.0, &c, &mut y);
        sum += y[0] * (p as f64 + 1.0) + y[1];
    }
    sum
}

/// What is multiplied grows: its adjoint goes from trip to trip.
#[autodiff]
fn growing(a: f64, mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 0.0;
    for _ in 0..n {
        for i in 0..2 {
            c[i] += mean[i];
        }
        times(a, &c, &mut y);
        sum += y[0] - y[1];
    }
    sum
}

/// Each trip sets another part.
#[autodiff]
fn other_parts(a: f64, mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 4];
    let mut y = vec![0.0; 4];
    let mut sum = 0.0;
    for p in 0..n {
        for m in 0..3 {
            for i in m..m + 2 {
                c[i] = (m + p) as f64 - mean[i % 2];
            }
            times(a, &c, &mut y);
            sum += square(&y);
        }
    }
    sum
}

/// Each trip sets the same part; the rest was set before.
#[autodiff]
fn one_part(a: f64, mean: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; 3];
    let mut y = vec![0.0; 3];
    c[2] = mean[0] * mean[1];
    let mut sum = 0.0;
    for p in 0..n {
        for i in 0..2 {
            c[i] = p as f64 - mean[i];
        }
        times(a, &c, &mut y);
        sum += square(&y);
    }
    sum
}

/// Element by element, without a loop.
#[autodiff]
fn elements(mean: &[f64], a: f64, n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 0.0;
    for p in 0..n {
        c[0] = p as f64 - mean[0];
        c[1] = mean[1] * 3.0;
        times(a, &c, &mut y);
        sum += square(&y);
    }
    sum
}

/// The factor changes from trip to trip.
#[autodiff]
fn fading(mean: &[f64], a: f64, n: usize) -> f64 {
    let mut c = vec![0.0; 2];
    let mut y = vec![0.0; 2];
    let mut sum = 0.0;
    let mut k = 1.0;
    for _ in 0..n {
        c.copy_from_slice(mean);
        times(k, &c, &mut y);
        sum += y[0] * a;
        k *= 0.5;
    }
    sum
}

const Q: [f64; 8] = [0.7, -0.4, 0.5, 1.1, 0.2, 0.9, -0.6, 0.3];
const MEAN: [f64; 2] = [0.3, -0.2];
const POINTS: [f64; 8] = [0.5, 0.1, -0.4, 0.8, 0.9, -0.7, 0.2, 0.6];

#[test]
fn linear_maps_in_loops() {
    for n in 0..4 {
        check!(distances(&Q, &MEAN, #n));
        check!(squared_distances(&Q, &MEAN, #n));
        check!(points_move(&Q, &MEAN, &POINTS, #n));
        check!(classes(&Q, &[0.3, -0.2, 0.1, 0.4], #2, #n));
        check!(map_of_the_trip(&Q, &MEAN, #n));
        check!(accumulating(&Q, &MEAN, 0.3, #n));
        check!(moving(&Q, &MEAN, #n));
        check!(copied(&Q, &MEAN, #n));
        check!(copied_and_read(&Q, &MEAN, #n));
        check!(one_active(&MEAN, #n));
        check!(growing(0.7, &MEAN, #n));
        check!(other_parts(0.7, &MEAN, #n));
        check!(one_part(0.7, &MEAN, #n));
        check!(elements(&MEAN, 0.7, #n));
        check!(fading(&MEAN, 0.7, #n));
    }
}

/// With and without a shadow for what waits.
#[test]
fn some_arguments_only() {
    let mut both = [0.0_f64; 8];
    let mut d_mean = [0.0_f64; 2];
    distances::reverse(&Q, &mut both, &MEAN, &mut d_mean, 4, 1.0);
    let mut d_q = [0.0_f64; 8];
    let dual = &mut d_q;
    autodiff!(
        Reverse,
        distances,
        Active,
        Duplicated(&Q, dual),
        Const(&MEAN),
        Const(4)
    );
    let mut own = [0.0_f64; 2];
    let dual = &mut own;
    autodiff!(
        Reverse,
        distances,
        Active,
        Const(&Q),
        Duplicated(&MEAN, dual),
        Const(4)
    );
    for i in 0..8 {
        assert!((d_q[i] - both[i]).abs() < 1e-12);
    }
    for i in 0..2 {
        assert!((own[i] - d_mean[i]).abs() < 1e-12);
    }
}
