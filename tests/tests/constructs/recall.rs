//! Values of the first trips, kept; and calls whose value nobody wants.
use ad_runtime::prelude::*;
use ad_tests::check;
use ad_tests::programs::gmm::log_sum_exp;

fn numbers(n: usize, start: f64) -> Vec<f64> {
    (0..n)
        .map(|i| ((i as f64 + start) * 0.7).sin() * 0.8)
        .collect()
}

/// Two values of each trip, more than are kept; the range starts anywhere and runs down.
#[autodiff]
fn waves(x: &[f64], from: usize, scale: f64) -> f64 {
    let mut real = 0.3;
    let mut imaginary = 0.1;
    for i in (from..x.len()).rev() {
        let phase = x[i] * scale;
        let wave = phase.sin();
        let other = (phase * x[i]).cos();
        let third = (phase - x[i]).exp();
        real += wave * other;
        imaginary += other * third - wave * third * x[i];
    }
    (real * real + imaginary * imaginary).sqrt()
}

/// Loops that are run again, with branches around the ones inside.
#[autodiff]
fn rows(x: &[f64], width: usize) -> f64 {
    let mut total = 0.0;
    for r in 0..x.len() / width {
        let row = &x[r * width..(r + 1) * width];
        let mut power = vec![0.0; width];
        let mut norm = 0.5;
        if r % 2 == 0 {
            for i in 0..width {
                let e = row[i].exp();
                norm += e * e;
            }
        } else {
            for i in 1..=width {
                norm += row[i - 1].cosh();
            }
        }
        for i in 0..width {
            power[i] = row[i] / norm;
        }
        total += log_sum_exp(&power) * norm.ln();
    }
    total * total
}

/// Every second trip; a loop that writes what it reads; values that change between.
#[autodiff]
fn steps(x: &mut [f64], y: f64) -> f64 {
    let mut sum = 1.0;
    for i in (0..x.len()).step_by(2) {
        sum += (x[i] * y).tanh();
    }
    let mut other = 1.5;
    for i in 0..x.len() {
        let t = (x[i] * sum).exp();
        x[i] += t;
        other += t * x[i];
    }
    for i in 0..x.len() {
        other += (x[i] * 0.1).sin() * y;
    }
    sum * other
}

#[autodiff]
fn narrow(x: &[f32]) -> f32 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += (x[i] * 0.5).exp();
    }
    sum.ln()
}

/// A value that the user has given a name, and reads by it.
#[autodiff]
fn with_a_name(x: &[f64], out: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for v in out.iter_mut() {
        *v = ({
            let named: f64 = x[0].tanh().exp();
            let result: f64 = { named };
            result
        })
        .tanh();
        sum += *v * *v;
    }
    sum
}

#[test]
fn any_number_of_trips() {
    check!(with_a_name(&[0.4], &mut [0.3, 0.7]));
    for n in [0, 1, 2, 31, 32, 33, 50] {
        if n > 0 {
            check!(log_sum_exp(&numbers(n, 0.4)));
            let single: Vec<f32> = numbers(n, 0.2).iter().map(|x| *x as f32).collect();
            check!(narrow(&single));
        }
        for from in [0, 1, 30, 40] {
            check!(waves(&numbers(n, 0.9), #from, 0.7));
        }
        check!(steps(&mut numbers(n, 1.7), 0.4));
    }
    for width in [1, 3, 31, 34] {
        check!(rows(&numbers(width * 4, 2.1), #width));
    }
}

/// Calls whose values are sums only: of parameters, of what is overwritten behind them, of
/// views, and two of one variable.
#[autodiff]
fn sums(x: &[f64], scale: f64) -> f64 {
    let mut total = log_sum_exp(x);
    let mut own = x.to_vec();
    total += 2.0 * log_sum_exp(&own);
    for i in 0..own.len() {
        own[i] *= scale;
    }
    total -= log_sum_exp(&own);
    total += weighed(&own[1..], &own[..own.len() - 1], scale);
    own[0] = total * scale * 0.02;
    total += weighed(&own, &own, total * 0.01);
    own[0] = 0.25;
    total + own[0]
}

#[autodiff]
fn weighed(x: &[f64], w: &[f64], scale: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += (x[i] * scale).sin() * w[i];
    }
    sum * scale
}

/// In a loop that is run again, with working memory that changes between the calls.
#[autodiff]
fn windows(x: &[f64], width: usize) -> f64 {
    let mut window = vec![0.0; width];
    let mut total = 0.0;
    for at in 0..x.len() - width {
        for i in 0..width {
            window[i] = x[at + i] * x[at + width];
        }
        total += log_sum_exp(&window);
        for i in 0..width {
            window[i] = window[i] * window[i] - x[i];
        }
        total -= weighed(&window, &x[at..at + width], x[at]);
    }
    total * 0.5
}

#[test]
fn calls_whose_value_nobody_wants() {
    check!(sums(&numbers(5, 0.8), 1.2));
    check!(sums(&numbers(36, 0.8), -0.4));
    for width in [1, 2, 5] {
        check!(windows(&numbers(9, 0.6), #width));
    }
}
