//! Elements that stay while others are written, and elements that do not.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 7] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2];

/// Each element from the ones before it, upwards and downwards.
#[autodiff]
fn recurrences(x: &[f64], decay: f64) -> f64 {
    let n = x.len();
    let mut up = x.to_vec();
    for i in 2..n {
        let old = up[i - 2];
        up[i] = up[i] * decay + up[i - 1] * old.sin();
    }
    let mut down = vec![1.0; n];
    for i in (0..n - 1).rev() {
        down[i] = up[i] * down[i + 1] * down[i + 1] + decay;
    }
    for i in (1..n).step_by(2) {
        down[i] = down[i] * down[i - 1];
    }
    let mut sum = 0.0;
    for i in 0..n {
        sum += down[i] * down[i] * up[i];
    }
    sum
}

/// What is read in front of the loop that writes it.
#[autodiff]
fn ahead(x: &[f64]) -> f64 {
    let mut u = x.to_vec();
    for i in 0..u.len() - 1 {
        u[i] = u[i] * u[i + 1];
    }
    for i in (1..u.len()).rev() {
        u[i] = u[i] * u[i - 1] + x[i];
    }
    for i in 0..u.len() - 1 {
        u[i + 1] = u[i] * u[i + 1];
        let left = u[i];
        u[i] = left * left * u[i + 1];
    }
    u[0] * u[3] + u[6]
}

/// One loop and nothing behind it: upwards, and downwards.
#[autodiff]
fn ahead_of_one(x: &[f64], up: bool) -> f64 {
    let mut u = x.to_vec();
    let mut w = x.to_vec();
    if up {
        for i in 0..u.len() - 1 {
            u[i] = u[i + 1] * u[i + 1] * x[i];
        }
    } else {
        for i in (1..w.len()).rev() {
            w[i] = w[i - 1] * w[i - 1] * x[i];
        }
    }
    u[0] + u[3] * u[4] + w[2] * w[5]
}

/// The same in steps.
#[autodiff]
fn steps_ahead(x: &[f64], way: usize) -> f64 {
    let mut u = x.to_vec();
    let mut v = x.to_vec();
    let mut w = x.to_vec();
    if way == 0 {
        for i in (0..3).step_by(2) {
            let t = u[i + 2];
            u[i] = t * t;
        }
    } else if way == 1 {
        for i in (2..5).rev().step_by(2) {
            let t = v[i - 2];
            v[i] = t * t;
        }
    } else {
        for i in (2..5).step_by(2).rev() {
            let t = w[i - 2];
            w[i] = t * t;
        }
    }
    u[0] * u[2] + v[4] * v[2] + w[4] * w[2]
}

/// What is left behind, with nothing behind it.
#[autodiff]
fn left_behind(x: &[f64], up: bool) -> f64 {
    let mut u = x.to_vec();
    let mut w = x.to_vec();
    if up {
        for i in 1..u.len() {
            u[i] += u[i - 1] * u[i - 1] * x[i];
        }
    } else {
        for i in (0..w.len() - 2).rev() {
            w[i] += w[i + 2] * w[i + 1] * w[i + 1] * x[i];
        }
    }
    u[6] + u[3] * u[4] + w[2] * w[0]
}

/// Two writes a trip, before and behind the read, and under a condition.
#[autodiff]
fn several(x: &[f64], y: f64) -> f64 {
    let mut u = x.to_vec();
    let mut sum = 0.0;
    for i in 0..u.len() - 1 {
        u[i] *= y;
        u[i + 1] = u[i] * u[i] + u[i + 1];
        sum += u[i + 1] * u[i];
        if sum > 0.5 {
            u[i] = sum.sin() * y;
        }
        sum += u[i] * u[i] * y;
    }
    for i in 0..u.len() {
        if x[i] > 0.0 {
            u[i] = x[i] * u[i];
        }
        let v = u[i] * u[i];
        sum += v * v;
        u[i] += v;
        sum -= u[i] * u[i];
    }
    sum
}

/// The same array again and again, in an outer loop.
#[autodiff]
fn again(x: &[f64], n: usize) -> f64 {
    let mut u = x.to_vec();
    let mut sum = 0.0;
    for _ in 0..n {
        for i in 1..u.len() {
            u[i] = 0.5 * u[i] * u[i - 1] + x[i];
            sum += u[i] * u[i];
        }
        sum *= u[2];
    }
    for k in 0..n {
        for i in 1..u.len() {
            sum += u[i] * u[i - 1].sin();
            u[i] = sum * 0.1 + k as f64;
        }
    }
    sum
}

/// Elements of rows; rows that overlap; rows of a matrix in a list.
#[autodiff]
fn matrices(x: &[f64], rows: usize) -> f64 {
    let mut flat = vec![0.5; rows * 2 + 4];
    let mut grid = [[0.0; 3]; 4];
    for j in 0..rows {
        for i in 0..4 {
            flat[j * 2 + i] = flat[j * 2 + i] * x[i] + flat[j * 2];
            flat[j * 2 + i] *= flat[j * 2 + i];
        }
    }
    for j in 0..4 {
        for i in 0..3 {
            grid[j][i] = x[j] * flat[i];
            let square = grid[j][i] * grid[j][i];
            grid[(j + 1) % 4][i] += square * grid[j][i];
        }
    }
    for j in 1..4 {
        for i in 0..3 {
            grid[j][i] = grid[j - 1][i] * grid[j][i] + x[i];
            flat[0] += grid[j][i] * grid[j][i];
        }
    }
    flat[0] * grid[3][2] + flat[3]
}

/// Through views, some of which move along.
#[autodiff]
fn views(x: &[f64], half: usize) -> f64 {
    let mut u = x.to_vec();
    let (low, high) = u.split_at_mut(half);
    for i in 1..high.len() {
        high[i] = high[i] * high[i - 1];
        let h = high[i] * high[i];
        low[0] += h * low[0];
    }
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let pair = &mut u[i..i + 2];
        pair[1] = pair[0] * pair[1];
        pair[0] = pair[1] * pair[1];
        sum += pair[0] * pair[1];
    }
    let row = &mut u[1..5];
    for i in 1..row.len() {
        row[i] = row[i - 1] * row[i];
        sum += row[i] * row[i];
    }
    for i in 0..u.len() - 1 {
        u.swap(i, i + 1);
        sum += u[i] * u[i] * u[i + 1];
    }
    sum
}

/// Indices that do not move along with the loop.
#[autodiff]
fn elsewhere(x: &[f64], order: &[usize]) -> f64 {
    let mut u = x.to_vec();
    let n = u.len();
    let mut at = 0;
    let mut sum = 0.0;
    for i in 0..n {
        u[n - 1 - i] = u[n - 1 - i] * u[i];
        sum += u[i] * u[i];
        let p = order[i];
        u[p] = u[p] * u[p] + u[i];
        sum += u[p] * u[p];
        u[at] *= u[at];
        sum += u[at] * u[at];
        at = (at + 3) % n;
    }
    for i in 0..n / 2 {
        u[i + i] = u[i] * u[i];
        sum += u[i] * u[2 * i + 1];
        u[0] *= x[i];
    }
    sum
}

/// What the caller may write, too, and loops with an early end.
#[autodiff]
fn integrate(x: &mut [f64], v: &mut [f64], dt: f64, end: f64) -> f64 {
    let mut t = 0.0;
    for i in 1..x.len() {
        v[i] += dt * v[i - 1] * x[i];
        x[i] += dt * v[i] * x[i - 1];
        t += x[i] * x[i];
        if t > end {
            break;
        }
        v[i - 1] *= t;
    }
    let mut i = 1;
    while i < x.len() {
        x[i] = x[i - 1] * x[i] + v[i];
        v[i] = x[i] * x[i];
        i += 1;
    }
    t
}

#[test]
fn stay_or_go() {
    check!(recurrences(&X, 0.7));
    check!(ahead(&X));
    for up in [true, false] {
        check!(ahead_of_one(&X, #up));
        check!(left_behind(&X, #up));
    }
    for way in 0..3 {
        check!(steps_ahead(&X, #way));
    }
    check!(several(&X.map(|x| 0.4 * x), 0.8));
    for n in 0..4 {
        check!(again(&X, #n));
        check!(matrices(&X, #n));
    }
    for half in 1..7 {
        check!(views(&X, #half));
    }
    check!(elsewhere(&X, #&[2, 0, 6, 3, 1, 5, 4]));
    for end in [0.0, 1.0, 100.0] {
        check!(integrate(&mut X.clone(), &mut [0.4; 7], 0.3, end));
    }
}

/// The same with iterations that are run again, from checkpoints.
#[autodiff]
fn checkpoints(x: &[f64], n: usize) -> f64 {
    let mut u = x.to_vec();
    let mut sum = 0.5;
    #[checkpoint]
    for k in 1..n {
        u[k] = u[k] * u[k - 1];
        for i in 1..u.len() {
            let old = u[i - 1] * u[i - 1];
            u[i] = (u[i] * old).sin() + x[k];
            sum += u[i].sin() * old * 0.1;
        }
    }
    sum * u[3]
}

#[test]
fn stay_or_go_from_checkpoints() {
    for n in [1, 2, 4, 6] {
        check!(checkpoints(&X, #n));
    }
}
