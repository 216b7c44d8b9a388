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

#[autodiff]
fn pair(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * b[i] * b[i];
    }
    s
}

/// Two pullbacks want one vector, which a callee has filled.
#[autodiff]
fn wanted_by_two(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.2; x.len()];
    let mut a = 0.7;
    for _ in 0..n {
        fill(x, a, &mut t);
        let e = energy(&t);
        let p = pair(&t, x);
        a = 0.5 * a + 0.1 * e * p;
    }
    a
}

/// One call wants it twice, and the tape is used again.
#[autodiff]
fn passed_twice(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.2; x.len()];
    let mut s = 0.0;
    for j in 0..2 {
        for l in 0..2 {
            let mut a = 0.7 + 0.1 * (j + l) as f64;
            for _ in 0..n {
                for i in 0..x.len() {
                    t[i] = x[i] * a;
                }
                a = 0.5 * a + 0.1 * pair(&t, &t);
            }
            s += a * a;
        }
    }
    s
}

/// Numbers of trips that are no indices.
#[autodiff]
fn other_integers(x: &[f64], n: i32) -> f64 {
    let mut t = vec![0.2; x.len()];
    let mut a = 0.9;
    for _ in 0..n {
        for i in 0..x.len() {
            t[i] = x[i] * a;
        }
        a = 0.5 * a + 0.1 * energy(&t);
    }
    for k in 0..4 {
        for i in 0..x.len() {
            t[i] = x[i].powi(k) * a;
        }
        a = 0.5 * a + 0.1 * energy(&t);
    }
    a
}

/// The inner loop does not run at all where the outer one does not.
#[autodiff]
fn outer_and_inner(x: &[f64], outer: usize, n: usize) -> f64 {
    let mut t = vec![0.2; x.len()];
    let mut s = x[0];
    for _ in 0..outer {
        let mut a = 0.9;
        for _ in 0..n {
            for i in 0..x.len() {
                t[i] = x[i] * a;
            }
            a = 0.5 * a + 0.1 * energy(&t);
        }
        s += a * a;
    }
    s
}

#[test]
fn handed_over_once_in_a_trip() {
    let x = [0.4, -0.7, 0.9];
    for n in [0, 1, 3] {
        check!(wanted_by_two(&x, #n));
        check!(passed_twice(&x, #n));
        check!(other_integers(&x, #(n as i32 - 1)));
        for outer in [0, 1, 2] {
            check!(outer_and_inner(&x, #outer, #n));
        }
    }
    check!(outer_and_inner(&x, #0, #usize::MAX));
}

#[autodiff]
fn of_arrays(a: &[f64; 3], b: &Vec<f64>) -> f64 {
    a[0] * a[1] * b[0] + a[2] * b[1] * b[1]
}

/// What is overwritten behind the call has the type that the callee takes.
#[autodiff]
fn overwritten(y: &mut [f64; 3], v: &mut Vec<f64>, n: usize) -> f64 {
    let mut s = 1.0;
    for k in 0..n {
        s += of_arrays(y, v) * s;
        y[k] *= s;
        v[k % 2] += 0.1 * s;
    }
    s
}

#[test]
fn types_of_what_is_kept() {
    for n in [0, 1, 3] {
        check!(overwritten(&mut [0.4, -0.7, 0.9], &mut vec![0.3, 0.8], #n));
    }
}
