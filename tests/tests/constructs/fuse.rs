//! Sums that `reverse_with_primal` takes in the reverse sweep, and those it must not.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 4] = [0.7, -1.2, 0.4, 0.9];
const Y: [f64; 5] = [0.3, 0.8, -0.6, 1.1, -0.2];

#[autodiff]
fn mean_square(x: &[f64], y: &[f64]) -> f64 {
    let mut loss = 0.25;
    for i in 0..x.len() {
        let miss = x[i] * x[i] - y[i].sin();
        loss += miss * miss;
        loss -= 0.1 * x[i];
    }
    loss / x.len() as f64
}

#[autodiff]
fn two_sums(x: &[f64], y: &[f64], weight: f64) -> f64 {
    let mut data = 0.0;
    for i in 0..x.len() {
        for j in 0..y.len() {
            if x[i] > y[j] {
                data += (x[i] * y[j]).exp();
            }
        }
    }
    let mut size = 0.0;
    for i in 0..x.len() {
        size += x[i] * x[i];
    }
    data += weight * size;
    let total = 2.0 * data - size;
    total * 0.5
}

#[autodiff]
fn far_pairs(x: &[f64], y: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        for j in i..y.len() {
            if x[i] > y[j] {
                sum += (x[i] * y[j]).exp();
            } else if j > 0 {
                let near = x[i] - y[j - 1];
                let _ = near;
            }
        }
    }
    let half = 0.5 * sum;
    -half
}

#[test]
fn what_follows_from_sums() {
    check!(far_pairs(&X, &Y));
    check!(mean_square(&X, &Y));
    check!(mean_square(&[0.5], &[0.1]));
    check!(two_sums(&X, &Y, 0.3));
    check!(two_sums(&X, &[0.0; 0], 0.3));
}

#[autodiff]
fn wanted_by_the_reverse(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * x[i];
    }
    sum.sqrt()
}

#[autodiff]
fn wanted_in_another_loop(x: &[f64], y: &[f64]) -> f64 {
    let mut first = 0.0;
    for i in 0..x.len() {
        first += x[i].sin();
    }
    let mut second = first;
    for j in 0..y.len() {
        second += y[j] * y[j] * first;
    }
    second
}

#[autodiff]
fn seen_by_a_branch(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i].cos();
    }
    if sum > 1.0 {
        sum += x[0];
    }
    sum
}

#[autodiff]
fn read_on_the_way(x: &[f64]) -> f64 {
    let mut sum = 0.1;
    for i in 0..x.len() {
        sum += x[i] * sum;
    }
    3.0 * sum
}

#[test]
fn sums_that_are_wanted_before() {
    check!(wanted_by_the_reverse(&X));
    check!(wanted_in_another_loop(&X, &Y));
    check!(seen_by_a_branch(&X));
    check!(seen_by_a_branch(&[3.0, 2.0]));
    check!(read_on_the_way(&X));
}

#[autodiff]
fn left_behind(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; x.len()];
    let mut sum = 0.0;
    for k in 0..n {
        for i in 0..x.len() {
            t[i] = x[i] * (k as f64 + 1.0) * x[(i + k) % x.len()];
        }
        sum += t[0] * t[1];
    }
    sum + t[1] + t[2]
}

#[autodiff]
fn last_one(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; x.len()];
    let mut sum = 0.0;
    let mut last = x[0];
    for k in 0..n {
        for i in 0..x.len() {
            t[i] = x[i] * (k as f64 + 1.0) * x[(i + k) % x.len()];
        }
        sum += t[0] * t[1];
        last = t[k] * t[2];
    }
    sum + last
}

#[autodiff]
fn nothing_left(x: &[f64], n: usize) -> f64 {
    let mut t = vec![0.0; x.len()];
    let mut sum = 1.0;
    for k in 0..n {
        for i in 0..x.len() {
            t[i] = x[i] * (k as f64 + 1.0) * x[(i + k) % x.len()];
        }
        for i in 0..x.len() {
            t[i] = t[i] * t[i];
        }
        sum -= t[0] * t[1] - t[3];
    }
    sum * 2.0
}

#[test]
fn working_memory() {
    for n in 0..4 {
        check!(left_behind(&X, #n));
        check!(last_one(&X, #n));
        check!(nothing_left(&X, #n));
    }
}

#[autodiff]
fn backwards(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in (0..x.len()).rev() {
        sum += x[i].exp() * 0.1;
    }
    let mut some = 0.0;
    for i in (0..x.len()).step_by(2) {
        some += x[i].sin();
    }
    sum + some
}

#[autodiff]
fn until(x: &[f64], limit: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        if x[i] > limit {
            break;
        }
        sum += x[i] * x[i];
    }
    sum
}

#[autodiff]
fn counted(x: &[f64], y: &[f64]) -> f64 {
    let mut at = 0;
    let mut sum = 0.0;
    let mut count = 0;
    for i in 0..2 {
        for j in i..2 {
            sum += x[at] * y[i] * y[j];
            at += 1;
        }
        count += 1;
    }
    sum / count as f64
}

#[autodiff]
fn changing_operands(x: &[f64]) -> f64 {
    let mut scale = 2.0;
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * x[i];
    }
    let scaled = sum * scale;
    scale = 3.0;
    scaled + scale * x[0]
}

#[test]
fn other_orders() {
    check!(backwards(&X));
    check!(until(&X, 0.6));
    check!(until(&X, 2.0));
    check!(counted(&X, &Y));
    check!(changing_operands(&X));
}

#[autodiff]
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[autodiff]
fn fill(x: f64, out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x * x * (i as f64 + 1.0);
    }
}

#[autodiff]
fn keeps_some(x: f64, out: &mut [f64]) {
    out[0] = x * x;
    out[1] += x * out[0];
}

#[autodiff]
fn of_calls(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let y = softplus(x[i]);
        sum += y * y + softplus(y);
    }
    sum
}

#[autodiff]
fn of_scratch(x: &[f64]) -> f64 {
    let mut t = vec![0.0; 3];
    let mut sum = 0.0;
    for i in 0..x.len() {
        fill(x[i], &mut t);
        sum += t[0] * t[1] + t[2];
    }
    sum * 0.5
}

#[autodiff]
fn of_what_is_carried(x: &[f64]) -> f64 {
    let mut t = vec![0.0; 2];
    let mut sum = 0.0;
    for i in 0..x.len() {
        keeps_some(x[i], &mut t);
        sum += t[0] * t[1];
    }
    sum * 0.5
}

#[test]
fn calls() {
    check!(of_calls(&X));
    check!(of_scratch(&X));
    check!(of_what_is_carried(&X));
}

#[autodiff]
fn called_on_what_changes(x0: f64, n: usize) -> f64 {
    let mut x = x0;
    let mut sum = 0.0;
    for k in 0..n {
        let before = softplus(x);
        x = 0.5 * x + 0.1 * (k as f64);
        let after = softplus(x);
        sum += before * after * softplus(x);
    }
    sum
}

#[test]
fn the_same_call_twice() {
    for n in 0..4 {
        check!(called_on_what_changes(0.4, #n));
    }
}

#[autodiff]
fn roots(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let r = (x[i] * x[i] + 0.5).sqrt();
        let q = x[i] / r;
        sum += q * q / r;
    }
    sum
}

#[autodiff]
fn over_root(x: f64) -> f64 {
    1.0 / x.sqrt()
}

#[test]
fn quotients_and_roots() {
    check!(roots(&X));
    assert!(!over_root::reverse(0.0, 1.0).is_finite());
    assert!(!over_root::reverse_with_primal(0.0, 1.0).1.is_finite());
}

#[autodiff]
fn single(x: &[f32]) -> f32 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * x[i] / (1.0 + x[i] * x[i]).sqrt();
    }
    sum / x.len() as f32
}

#[test]
fn in_single_precision() {
    let x = [0.5_f32, -0.25, 1.5];
    let (mut d_x, mut other) = ([0.0; 3], [0.0; 3]);
    single::reverse(&x, &mut d_x, 1.0);
    let (value, ()) = single::reverse_with_primal(&x, &mut other, 1.0);
    assert_eq!(value.to_bits(), single(&x).to_bits());
    for i in 0..3 {
        assert!((d_x[i] - other[i]).abs() < 1e-6);
    }
}

#[test]
fn without_a_shadow() {
    let (value, _) =
        ad_runtime::autodiff!(ReverseWithPrimal, wanted_by_the_reverse, Active, Const(&X));
    assert_eq!(value, wanted_by_the_reverse(&X));
    let (value, _) =
        ad_runtime::autodiff!(ReverseWithPrimal, mean_square, Active, Const(&X), Const(&Y));
    assert_eq!(value, mean_square(&X, &Y));
    let (value, _) = ad_runtime::autodiff!(ReverseWithPrimal, of_calls, Active, Const(&X));
    assert_eq!(value, of_calls(&X));
}
