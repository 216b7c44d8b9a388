//! Scratch vectors whose memory the tape takes, and those that look like it.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn energy(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * v[i] * (i as f64 + 1.0);
    }
    s
}

/// Fills all of `out`.
#[autodiff]
fn fill(x: &[f64], by: f64, out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x[i] * by;
    }
}

/// Reads what `out` held.
#[autodiff]
fn blend(x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = 0.5 * out[i] + x[i] * x[i];
    }
}

/// Fills as much as there is of `x`.
#[autodiff]
fn fill_part(x: &[f64], out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] = x[i] * x[i];
    }
}

#[autodiff]
fn filled_by_a_loop(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; x.len()];
    let mut s = 1.0;
    for k in 0..n {
        for i in 0..x.len() {
            t[i] = x[i] * (k as f64 + 1.0);
        }
        s = s * 0.5 + energy(&t);
    }
    s
}

#[autodiff]
fn filled_by_a_callee(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 3];
    let mut s = 1.0;
    for k in 0..n {
        fill(x, k as f64 - 0.5, &mut t);
        s = s * x[0] + energy(&t);
    }
    s
}

#[autodiff]
fn not_overwritten(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 3];
    let mut s = 1.0;
    for _ in 0..n {
        blend(x, &mut t);
        s = s * x[0] + energy(&t);
    }
    s
}

/// Behind the part that is filled there is what was there at first.
#[autodiff]
fn a_part_stays(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 5];
    let mut s = 1.0;
    for _ in 0..n {
        fill_part(x, &mut t);
        s = s * x[0] + energy(&t);
    }
    s
}

/// The part that is filled grows and shrinks.
#[autodiff]
fn parts_of_other_lengths(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 5];
    let mut s = 1.0;
    for k in 0..n {
        fill_part(&x[..1 + k % 3], &mut t);
        s = s * x[0] + energy(&t);
    }
    s
}

/// Made anew in the outer loop, each time longer.
#[autodiff]
fn made_longer(x: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for k in 0..n {
        let mut t = vec![0.0; k % 3 + 1];
        for j in 0..2 {
            for i in 0..t.len() {
                t[i] = x[i] * (j as f64 + 1.0) * s;
            }
            s += 0.01 * energy(&t);
        }
    }
    s
}

#[autodiff]
fn seen_behind_the_loop(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.3; 3];
    let mut s = 1.0;
    for k in 0..n {
        fill(x, k as f64 - 0.5, &mut t);
        s = s * x[0] + energy(&t);
    }
    s + t[1] * t[2]
}

/// Two calls want it, with something written in between.
#[autodiff]
fn wanted_twice(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.3; 3];
    let mut s = 1.0;
    for k in 0..n {
        fill(x, k as f64 - 0.5, &mut t);
        s = s * x[0] + energy(&t);
        t[1] *= x[2];
        s += energy(&t) * energy(&t);
    }
    s
}

#[autodiff]
fn written_behind_the_call(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.3; 3];
    let mut s = 1.0;
    for k in 0..n {
        fill(x, k as f64 - 0.5, &mut t);
        s = s * x[0] + energy(&t);
        t[0] = s;
        s += t[0] * t[1];
    }
    s
}

#[autodiff]
fn left_early(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.3; 3];
    let mut s = 1.0;
    for k in 0..n {
        fill(x, k as f64 - 0.5, &mut t);
        s = s * x[0] + energy(&t);
        if s > 3.0 {
            break;
        }
        s += t[2];
    }
    s
}

/// In a branch, some trips fill another one.
#[autodiff]
fn in_a_branch(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.3; 3];
    let mut u = vec![0.1; 3];
    let mut s = 1.0;
    for k in 0..n {
        if k % 2 == 0 {
            fill(x, k as f64 - 0.5, &mut t);
            s = s * x[0] + energy(&t);
        } else {
            fill(x, s, &mut u);
            s = s * x[1] - 0.1 * energy(&u);
        }
    }
    s
}

/// Made anew with another content; a part of it stays that.
#[autodiff]
fn made_with_other_content(x: f64, n: usize) -> f64 {
    let mut s = 1.0;
    #[checkpoint]
    for k in 0..n {
        let mut t = vec![k as f64; 2];
        for j in 0..2 {
            for i in 0..1 {
                t[i] = x * s;
            }
            s = 0.5 * s + 0.1 * energy(&t);
        }
    }
    s
}

const X: [f64; 3] = [0.7, -0.4, 0.5];

#[test]
fn scratch_vectors() {
    for n in 0..5 {
        check!(filled_by_a_loop(&X, #n));
        check!(filled_by_a_callee(&X, #n));
        check!(not_overwritten(&X, #n));
        check!(a_part_stays(&X, #n));
        check!(parts_of_other_lengths(&X, #n));
        check!(made_longer(&X, #n));
        check!(seen_behind_the_loop(&X, #n));
        check!(wanted_twice(&X, #n));
        check!(written_behind_the_call(&X, #n));
        check!(left_early(&X, #n));
        check!(in_a_branch(&X, #n));
        check!(made_with_other_content(0.7, #n));
    }
}
