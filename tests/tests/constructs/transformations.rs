//! What the transformations look for, and what only looks like it.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 4] = [0.7, -1.2, 0.4, 0.9];
const W: [f64; 6] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

// Scratch arrays.

#[autodiff]
fn reads_ahead_while_filling(x: &[f64]) -> f64 {
    let n = x.len();
    let mut t = vec![0.0; n];
    let mut s = 0.0;
    for k in 0..3 {
        for i in 0..n {
            t[i] = x[i] * x[k] * (k as f64 + 1.0);
            s += t[(i + 1) % n] * x[i];
        }
        s += t[0] * t[1];
    }
    s
}

#[autodiff]
fn reads_backwards_while_filling(x: &[f64]) -> f64 {
    let mut t = [0.0; 4];
    let mut s = 0.0;
    for k in 0..3 {
        for i in 0..4 {
            t[i] = x[i] * x[k] * (k as f64 + 1.0);
            s += t[3 - i] * x[i] * t[i];
        }
    }
    s
}

#[autodiff]
fn fill_and_look_ahead(t: &mut [f64], n: usize, a: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        t[i] = a * a * (i as f64 + 1.0);
        s += t[n - 1 - i] * t[i];
    }
    s
}

#[autodiff]
fn calls_what_looks_ahead(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; 4];
    let mut s = 0.0;
    for i in 0..3 {
        s += fill_and_look_ahead(&mut t, n, x[i]);
    }
    s
}

#[test]
fn scratch_read_before_it_is_full() {
    check!(reads_ahead_while_filling(&X));
    check!(reads_backwards_while_filling(&X));
    for n in 0..5 {
        check!(calls_what_looks_ahead(&X, #n));
    }
}

#[autodiff]
fn bound_of_the_outer_loop(x: &[f64]) -> f64 {
    let mut t = [0.0; 4];
    let mut s = 0.0;
    for k in 0..2 {
        let m = 2 * k + 2;
        s += (x[k] * s).sin();
        for i in 0..3 {
            for j in 0..m {
                t[j] = x[i] * x[j] * (k as f64 + 1.0);
            }
            s += t[3] * t[0] * x[i];
        }
    }
    s
}

#[autodiff]
fn fill_up_to(t: &mut [f64], n: usize, a: f64) {
    for i in 0..n {
        t[i] = a * a * (i as f64 + 1.0);
    }
}

#[autodiff]
fn extent_of_the_outer_loop(x: &[f64]) -> f64 {
    let mut t = [0.0; 4];
    let mut s = 0.0;
    for k in 0..2 {
        let m = 2 * k + 2;
        s += (x[k] * s).sin();
        for i in 0..3 {
            fill_up_to(&mut t, m, x[i]);
            s += t[3] * t[0] * x[i];
        }
    }
    s
}

#[autodiff]
fn fixed_extent(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; 4];
    t[3] = x[0];
    let mut s = 0.0;
    for i in 0..3 {
        fill_up_to(&mut t, n, x[i]);
        s += t[3] * t[0] * x[i];
    }
    s + t[3]
}

#[autodiff]
fn growing_extent(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; 4];
    let mut s = 0.0;
    for i in 0..3 {
        fill_up_to(&mut t, i + n, x[i]);
        s += t[3] * t[1] * x[i];
    }
    s + t[3]
}

#[test]
fn scratch_filled_in_part() {
    check!(bound_of_the_outer_loop(&X));
    check!(extent_of_the_outer_loop(&X));
    for n in 0..5 {
        check!(fixed_extent(&X, #n));
    }
    for n in 0..3 {
        check!(growing_extent(&X, #n));
    }
}

#[autodiff]
fn filled_and_made_shorter(x: &[f64]) -> f64 {
    let mut t = vec![0.0; 3];
    let mut s = 0.0;
    for i in 0..x.len() {
        t.fill(x[i]);
        s += t[0] * t[2];
    }
    t = vec![1.5; 2];
    s + t[0] * x[0]
}

#[autodiff]
fn swapped_with_a_longer_one(x: &[f64], n: usize) -> f64 {
    let mut a = vec![0.0; 2];
    let mut b = vec![0.0; 3];
    let mut s = 0.0;
    for i in 0..n {
        a.fill(x[i % 4]);
        b.fill(x[0]);
        s += a[a.len() - 1] * b[b.len() - 1] * (a.len() as f64);
        std::mem::swap(&mut a, &mut b);
    }
    s
}

#[autodiff]
fn last_one_only(x: &[f64]) -> f64 {
    let mut t = [0.0; 2];
    let mut last = vec![0.0; 2];
    let mut s = 0.0;
    for i in 0..x.len() {
        t = [x[i], x[0]];
        s += t[0] * t[1];
        last = x[0..i + 1].to_vec();
    }
    s + last[0] * last[1]
}

#[autodiff]
fn shorter_and_unread(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut t = vec![x[0], x[1], x[2]];
    s += t[2];
    t = vec![x[1], x[0]];
    s
}

#[test]
fn lengths_that_change() {
    check!(filled_and_made_shorter(&X));
    for n in 0..6 {
        check!(swapped_with_a_longer_one(&X, #n));
    }
    check!(last_one_only(&X));
    check!(shorter_and_unread(&X));
}

#[autodiff]
fn swapped_then_longer(x: &[f64]) -> f64 {
    let mut grown = vec![0.0; 2];
    let mut spare = vec![x[0], x[1], x[2]];
    let s = grown[1] * spare[0];
    spare = grown.clone();
    std::mem::swap(&mut grown, &mut spare);
    grown = vec![x[2]; 3];
    s
}

#[test]
fn swapped_and_made_longer() {
    check!(swapped_then_longer(&X));
}

#[autodiff]
fn scratch_around_exits(x: &[f64], c: f64) -> f64 {
    let mut t = [0.0; 3];
    let mut s = 0.0;
    for i in 0..x.len() {
        for j in 0..3 {
            t[j] = x[i] * x[j];
        }
        s += t[0] * t[2];
    }
    if s > c {
        return s * t[1];
    }
    for i in 0..x.len() {
        for j in 0..3 {
            t[j] = x[i] * t[j];
        }
        s += t[0] * t[2];
    }
    for i in 0..x.len() {
        if s > 2.0 * c {
            return s * t[1];
        }
        for j in 0..3 {
            t[j] = x[i] * x[j];
        }
        s += t[0] * t[2];
    }
    s
}

#[autodiff]
fn scratch_of_a_recursion(x: &[f64], t: &mut [f64], n: usize) -> f64 {
    let mut w = vec![0.0; 3];
    let mut s = 0.1;
    for i in 0..n {
        for j in 0..3 {
            w[j] = x[j] * s + t[j];
        }
        if n > 1 {
            s += 0.3 * scratch_of_a_recursion(&w, t, n - 1) * w[0];
        }
        s += w[1] * w[2];
        for j in 0..t.len() {
            t[j] = 0.5 * w[j] * t[j];
        }
    }
    s
}

#[test]
fn scratch_with_exits_and_recursion() {
    for c in [-100.0, 0.0, 0.1, 100.0] {
        check!(scratch_around_exits(&X, c));
    }
    for n in 0..4 {
        check!(scratch_of_a_recursion(&X, &mut [0.2, 0.4, 0.1], #n));
    }
}

#[autodiff]
fn state_of_an_outer_loop(y: &mut [f64]) {
    for i in 0..2 {
        let mut p = y[i];
        for _ in 0..3 {
            p = (p * p) / (p * p + p * p + 1.0);
            for _ in 0..2 {
                p = (p * p) / (p * p + p * p + 1.0);
            }
        }
        y[3] += 0.3 * p;
    }
}

#[test]
fn states_of_nested_loops() {
    check!(state_of_an_outer_loop(&mut X.clone()) -> ());
}

// Buffers that change places.

#[autodiff]
fn branch_before_swaps(x: &[f64], n: usize) -> f64 {
    let len = x.len();
    let mut a = x.to_vec();
    let mut b = vec![0.0; len];
    let mut s = 0.0;
    if x[0] > -10.0 {
        s += a[0] * a[1] * a[1];
    }
    for _ in 0..n {
        for i in 0..len {
            b[i] = a[i] * a[(i + 1) % len];
        }
        std::mem::swap(&mut a, &mut b);
    }
    s + a[0]
}

#[autodiff]
fn loop_before_swaps(x: &[f64], n: usize) -> f64 {
    let len = x.len();
    let mut a = x.to_vec();
    let mut b = vec![0.0; len];
    let mut s = 0.0;
    for i in 0..len {
        s += a[i] * a[(i + 1) % len].sin();
    }
    for _ in 0..n {
        b[0] = a[0] * a[1];
        b[1] = a[2].sin();
        std::mem::swap(&mut a, &mut b);
    }
    s + a[0] * b[1]
}

#[autodiff]
fn swaps_in_two_loops(x: &[f64], n: usize) -> f64 {
    let len = x.len();
    let mut a = x.to_vec();
    let mut b = vec![0.0; len];
    let mut s = 0.0;
    for k in 0..n {
        if x[k] > 0.0 {
            s += a[0] * a[1];
        }
        for _ in 0..2 {
            for i in 0..len {
                b[i] = a[i] * a[(i + 1) % len].cos();
            }
            std::mem::swap(&mut a, &mut b);
        }
        std::mem::swap(&mut a, &mut b);
    }
    s + a[0] * b[1]
}

#[test]
fn reads_around_swaps() {
    for n in 0..4 {
        check!(branch_before_swaps(&X, #n));
        check!(loop_before_swaps(&X, #n));
        check!(swaps_in_two_loops(&X, #n));
    }
}

// What a pullback is given again.

#[autodiff]
fn three(t: &[f64]) -> f64 {
    t[0] * t[1] * t[2]
}

#[autodiff]
fn part_of_a_longer_one(x: &[f64]) -> f64 {
    let mut t = vec![x[0], x[1], x[2]];
    let mut s = three(&t[0..3]);
    t = vec![x[0] * s; 2];
    s += t[1] * t[0];
    s
}

#[autodiff]
fn parts_in_a_loop(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut t = vec![x[0], x[1], x[2]];
    for i in 0..3 {
        let p = three(&t[0..3]);
        s += p * p;
        t = vec![x[i] * p; 3 + i];
        t[1] = s;
    }
    t = vec![0.0; 1];
    s
}

#[test]
fn parts_of_what_is_shorter_now() {
    check!(part_of_a_longer_one(&X));
    check!(parts_in_a_loop(&X));
}

#[autodiff]
fn first_elements(x: &[f64], w: &[f64], y: &mut [f64]) -> f64 {
    y[1] = x[0] * w[0] * y[1];
    y[0] = y[0] * x[2];
    x[0] * w[0] + x[1] * w[1] * y[0]
}

#[autodiff]
fn second_without_shadow(x: &[f64]) -> f64 {
    let w = [0.1, 0.2];
    let mut y = [0.5, 0.25];
    let s = first_elements(x, &w, &mut y);
    s * y[1]
}

#[autodiff]
fn first_without_shadow(w: &[f64]) -> f64 {
    let x = [0.1, 0.2, 0.3];
    let mut y = [0.5, 0.25];
    let s = first_elements(&x, w, &mut y);
    s * y[1]
}

#[autodiff]
fn rows_of_both(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..n {
            s += x[i] * w[n * i + j] * w[3] * x[1];
        }
    }
    s * w[3] * x[1]
}

#[autodiff]
fn rows_of_one(w: &[f64], n: usize) -> f64 {
    let x = [0.1, 0.2];
    rows_of_both(&x, w, n) + rows_of_both(w, &[0.1, 0.2, 0.3, 0.5], n)
}

#[test]
fn elements_and_rows_of_shadows_that_are_off() {
    check!(second_without_shadow(&X));
    check!(first_without_shadow(&X));
    for n in 0..3 {
        check!(rows_of_one(&X, #n));
    }
}

// Loops over rows.

#[autodiff]
fn damped_rows(x: &[f64], m: usize) -> f64 {
    let mut y = vec![0.0; m];
    for i in 0..x.len() {
        for j in 0..m {
            y[j] = y[j] * (i as f64 + 0.5) + x[i];
        }
    }
    let mut s = 0.0;
    for j in 0..m {
        s += y[j] * (j as f64);
    }
    s
}

#[autodiff]
fn damped_parts_of_rows(x: &[f64], m: usize) -> f64 {
    let mut y = vec![0.3; m];
    for i in 0..x.len() {
        for j in 1..m {
            y[j] = 0.5 * y[j] + x[i];
        }
        for j in 0..m - 1 {
            y[j] *= 0.5;
            y[j] -= x[i];
        }
    }
    let mut s = 0.0;
    for j in 0..m {
        s += y[j] * (j as f64 + 1.0);
    }
    s
}

#[autodiff]
fn damped_in_place(y: &mut [f64], x: &[f64]) {
    for i in 0..x.len() {
        for j in 0..y.len() {
            y[j] = y[j] * (i as f64 + 0.5) + x[i];
        }
    }
}

#[autodiff]
fn there_and_back(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    for k in 0..3 {
        for i in 1..n {
            y[i] = 0.5 * y[i - 1] + x[k];
        }
        for i in 0..n - 1 {
            y[i] = 0.5 * y[i + 1] + x[k];
        }
    }
    y[0] + 2.0 * y[1]
}

#[test]
fn trips_that_wait_for_another() {
    check!(damped_rows(&X, #4));
    check!(damped_parts_of_rows(&X, #4));
    check!(damped_in_place(&mut X.clone(), &W) -> ());
    check!(there_and_back(&mut X.clone(), &W, #3));
}

#[autodiff]
fn distances_along_rows(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..4 {
        for j in i..n {
            s += x[j - i] * x[j - i] * (i as f64);
        }
    }
    s
}

#[autodiff]
fn too_short_for_the_outer_index(v: &[f64], w: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    let mut out = vec![0.0; 2];
    for i in 0..n {
        for j in i..v.len() {
            s += v[i] * w[j];
        }
        for j in i..2 {
            out[i] += v[i] * w[j] * w[j];
        }
        for j in (2 * i)..3 {
            s += v[2 * i] * w[j] * v[2 * i];
            s += w[j - 2 * i] * v[2 - j];
        }
    }
    s + out[0] * out[1]
}

#[autodiff]
fn one_less_than_none(v: &[f64], w: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for _ in 0..3 {
        for j in 0..n {
            let k = n - 1 + j;
            s += v[n - 1] * w[k] * v[n - 1];
            s += v[n - 1 - j] * w[j + n - 1];
        }
    }
    s
}

#[test]
fn nothing_panics_without_trips() {
    for n in 0..5 {
        check!(distances_along_rows(&X, #n));
        check!(too_short_for_the_outer_index(&X[..3].to_vec(), &W, #n));
    }
    for n in 0..4 {
        check!(one_less_than_none(&X, &W, #n));
    }
}

// Arithmetic.

#[autodiff]
fn single(x: &[f32], c: f32) -> f32 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += 0.5 * (x[i] * 0.1) * 3.0 / c + x[i] / c - 2.0 / c;
        s += x[i] * x[i];
    }
    s * 1e-5 * 1e5
}

#[autodiff]
fn tiny_in_between(x: f64) -> f64 {
    let a = x * 1e-200;
    let b = a * 1e-200;
    let c = b * 1e200;
    let d = c * 1e200;
    d * d
}

#[test]
fn chains_of_literals() {
    check!(single(&[0.7f32, -1.2, 0.4], 1.5f32));
    check!(tiny_in_between(0.5));
}

/// Only code that is passed through changes the order.
#[autodiff]
fn order_reversed(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    let mut order = vec![2usize, 1, 0];
    for i in 0..n {
        s += x[order[i]] * x[0];
        order.reverse();
    }
    s
}

/// Two halves of scratch memory, copied and read by themselves and as a whole.
#[autodiff]
fn halves(x: &[f64], n: usize) -> f64 {
    let mut t = [0.0; 4];
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..4 {
            t[j] = x[j] * x[i];
        }
        let (lo, hi) = t.split_at_mut(2);
        lo.copy_from_slice(hi);
        std::mem::swap(&mut lo[0], &mut hi[1]);
        hi[0] *= lo[1];
        lo[0] = hi[0] * x[i];
        s += lo[0] * hi[1];
        s += t[3] * t[2];
    }
    s
}

/// The inner loops carry what the outer one borrows.
#[autodiff]
fn borrowed_around(x: &[f64], n: usize) -> f64 {
    let mut work = x.to_vec();
    let mut out = x[0];
    for v in work.iter_mut() {
        if *v < out.sin() {
            for _ in 0..n {
                for j in 0..3 {
                    out = 0.7 * out + 0.1 * x[j] * *v;
                    *v = 0.7 * *v + 0.1 * x[j] * out;
                }
            }
        }
    }
    out + work[1]
}

#[test]
fn borrows() {
    for n in 0..4 {
        check!(order_reversed(&X, #n));
        check!(halves(&X, #n));
        check!(borrowed_around(&X, #n));
    }
}

/// Lengths that differ are swapped, and nobody reads them afterwards.
#[autodiff]
fn swapped_and_unread(x: &[f64]) -> f64 {
    let mut grown = vec![0.0; 2];
    let mut spare = vec![x[0], x[0], x[1]];
    let mut s = 0.0;
    for i in 0..3 {
        grown = vec![x[i].sin(); i + 2];
        s += grown[grown.len() - 1] * spare[0];
    }
    std::mem::swap(&mut grown, &mut spare);
    s
}

#[test]
fn swaps_nobody_reads() {
    check!(swapped_and_unread(&X));
}

/// A part of the working memory is filled in each trip; the rest was set before the loop.
#[autodiff]
fn part_filled(c: f64, x: &[f64], m: usize) -> f64 {
    let mut d: f64 = 0.05;
    let mut work = vec![0.0_f64; 3];
    work[1] = 0.4 * x[m] * c;
    for i in 1..3 {
        for j in 0..1 {
            work[j] = 0.5 - c * 0.25 * x[i];
        }
        d = 0.2 * work[m] * work[m] + work[0];
    }
    0.4 * d
}

#[autodiff]
fn weighed(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * v[i] * (i as f64 + 1.0);
    }
    s
}

#[autodiff]
fn squares(x: &[f64], out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] = x[i] * x[i];
    }
}

/// A callee fills the part.
#[autodiff]
fn part_filled_by_callee(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 5];
    t[4] = x[0] * x[1];
    let mut s = 0.0;
    for _ in 0..n {
        squares(&x[..3], &mut t);
        s += weighed(&t).sqrt();
    }
    s
}

/// The loop carries something else, and is run again from checkpoints.
#[autodiff]
fn part_filled_with_checkpoints(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.5; 5];
    t[4] = x[0] * x[1];
    let mut s = 1.0;
    #[checkpoint(budget = 2)]
    for _ in 0..n {
        for i in 0..3 {
            t[i] = x[i] * s;
        }
        s = 0.5 * s + 0.1 * weighed(&t);
    }
    s
}

#[test]
fn what_was_set_before_stays() {
    for m in 0..3 {
        check!(part_filled(0.7, &X, #m));
    }
    for n in 0..5 {
        check!(part_filled_by_callee(&X, #n));
        check!(part_filled_with_checkpoints(&X, #n));
    }
}
