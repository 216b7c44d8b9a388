//! Integers: index arithmetic, casts, and variables that are overwritten later.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn backwards_from_len(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s = s * x[x.len() - 1 - i] + x[i];
    }
    s
}

#[autodiff]
fn down_to_zero(x: &[f64]) -> f64 {
    let mut s = 0.5;
    let mut i = x.len() - 1;
    while i > 0 {
        s = s * x[i] * x[i - 1] + 0.1;
        i -= 1;
    }
    s * x[i]
}

#[autodiff]
fn distances(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        for j in 0..x.len() {
            if i > j {
                s += x[i] * x[i - j] * s + x[j];
            } else if j > i {
                s -= x[j - i] * x[i];
            }
        }
    }
    s
}

#[autodiff]
fn conditional_difference(x: &[f64], i: usize, j: usize) -> f64 {
    let gap = if i > j { i - j } else { j - i };
    let mut s = x[gap];
    if i >= j {
        s *= x[i - j] + (i - j) as f64;
    }
    s * s
}

#[autodiff]
fn overwritten_index(x: &[f64]) -> f64 {
    let mut k = 0;
    let mut s = 1.0;
    for i in 0..x.len() {
        s = s * x[k] + x[i];
        k = (k + 2) % x.len();
    }
    k = 0;
    s * x[k]
}

#[autodiff]
fn overwritten_bound(x: f64, n: usize) -> f64 {
    let mut m = n;
    let mut s = x;
    for _ in 0..m {
        s = s * s + 0.1;
    }
    m = 1;
    for _ in 0..m {
        s *= x;
    }
    m += 7;
    s * m as f64
}

#[autodiff]
fn overwritten_in_inner(x: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    let mut width = n;
    for i in 0..n {
        for j in 0..width {
            s = s * x[j] + x[i];
        }
        width = if width > 1 { width - 1 } else { n };
    }
    s
}

#[autodiff]
fn ring(x: &[f64], steps: usize) -> f64 {
    let mut buffer = [0.1, 0.2, 0.3];
    let mut head = 0;
    let mut s = 0.0;
    for t in 0..steps {
        let old = buffer[head];
        buffer[head] = x[t % x.len()] * old + s;
        s += buffer[head] * old;
        head = (head + 1) % 3;
    }
    s
}

#[autodiff]
fn packed(l: &[f64], n: usize) -> f64 {
    let mut at = 0;
    let mut s = 0.0;
    for i in 0..n {
        let mut row = 1.0;
        for j in 0..=i {
            row *= l[at] + j as f64;
            at += 1;
        }
        s += row * l[at - 1];
    }
    s
}

#[autodiff]
fn indirect(x: &[f64], idx: &[usize]) -> f64 {
    let mut s = 0.0;
    for i in 0..idx.len() {
        s += x[idx[i]] * x[idx[idx.len() - 1 - i]];
    }
    s
}

#[autodiff]
fn scatter(y: &mut [f64], x: &[f64], idx: &[usize]) {
    for (i, &k) in idx.iter().enumerate() {
        y[k] += x[i] * y[k];
    }
}

#[autodiff]
fn local_indices(x: &[f64], n: usize) -> f64 {
    let mut order = vec![0; n];
    for i in 0..n {
        order[i] = (i * 3 + 1) % n;
    }
    let mut s = 1.0;
    for i in 0..n {
        s = s * x[order[i]] + x[i];
        order[i] = 0;
    }
    s + order[0] as f64
}

#[autodiff]
fn casts(x: f64, n: usize, k: i32) -> f64 {
    let a = n as f64 * x;
    let b = k as f64 + x;
    let c = (n as i32 - 5) as f64;
    let d = f64::from(k) * (n as u64 as f64);
    let e = -k as f64 / 3 as f64;
    a * b + c * x + d * x * x + e
}

#[autodiff]
fn cast_to_integer(x: &[f64], t: f64) -> f64 {
    let i = t as usize;
    let w = t - i as f64;
    x[i] * (1.0 - w) + x[i + 1] * w
}

#[autodiff]
fn floor_index(x: &[f64], t: f64, h: f64) -> f64 {
    let i = (t / h).floor() as usize;
    let n = x.len() - 1;
    let k = i.min(n - 1);
    let w = t / h - k as f64;
    (x[k + 1] - x[k]) * w * w + x[k]
}

#[autodiff]
fn signed_offsets(x: &[f64], r: i32) -> f64 {
    let mut s = 0.0;
    let n = x.len() as i32;
    for i in 0..n {
        for o in -r..=r {
            let j = i + o;
            if j >= 0 && j < n {
                s += x[i as usize] * x[j as usize] / (1 + o.abs()) as f64;
            }
        }
    }
    s
}

#[autodiff]
fn wrapping(x: &[f64], seed: u64) -> f64 {
    let mut state = seed;
    let mut s = 1.0;
    for _ in 0..6 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let i = (state >> 33) as usize % x.len();
        s = s * 0.5 + x[i] * s;
    }
    s
}

#[autodiff]
fn bits(x: f64, n: u32) -> f64 {
    let mut base = x;
    let mut power = 1.0;
    let mut k = n;
    while k > 0 {
        if k & 1 == 1 {
            power *= base;
        }
        base *= base;
        k >>= 1;
    }
    power
}

#[autodiff]
fn saturating(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let left = i.saturating_sub(1);
        let right = (i + 1).min(x.len() - 1);
        s += (x[right] - x[left]) * x[i];
    }
    s
}

#[autodiff]
fn counters(x: &[f64]) -> f64 {
    let mut up = 0;
    let mut down = 0_i32;
    let mut s = 0.0;
    for &v in x {
        if v > 0.0 {
            up += 1;
            s += v * up as f64;
        } else {
            down -= 1;
            s *= v * down as f64;
        }
    }
    s / (1 + up) as f64 * down as f64
}

#[autodiff]
fn stride(x: &[f64], rows: usize) -> f64 {
    let cols = x.len() / rows;
    let last = rows * cols - 1;
    let mut trace = 1.0;
    for i in 0..rows {
        trace *= x[i * cols + i % cols] + x[last - i * cols];
    }
    trace
}

#[autodiff]
fn multigrid(x: &[f64]) -> f64 {
    let mut n = x.len();
    let mut a = x.to_vec();
    while n > 1 {
        let half = n / 2;
        for i in 0..half {
            a[i] = a[2 * i] * a[2 * i + 1] + a[i];
        }
        n = half;
    }
    a[0] * a[a.len() - 1]
}

#[test]
fn indices() {
    let x = [0.7, -1.2, 0.4, 0.9, 1.1, 0.3];
    check!(backwards_from_len(&x));
    check!(down_to_zero(&x));
    check!(distances(&x));
    check!(overwritten_index(&x));
    check!(overwritten_in_inner(&x, #4));
    check!(ring(&x, #8));
    check!(packed(&x, #3));
    check!(indirect(&x, #&[1, 1, 3, 0]));
    check!(scatter(&mut [0.1, 0.5, 0.3], &[0.7, 0.2, 1.1], #&[1, 1, 2]) -> ());
    check!(local_indices(&x, #6));
    check!(floor_index(&x, 1.3, 0.5));
    check!(floor_index(&x, 3.3, 0.5));
    check!(cast_to_integer(&x, 2.3));
    check!(signed_offsets(&x, #2));
    check!(wrapping(&x, #42));
    check!(saturating(&x));
    check!(counters(&x));
    check!(stride(&x, #2));
    check!(multigrid(&x));
    for i in 0..4 {
        for j in 0..4 {
            check!(conditional_difference(&x, #i, #j));
        }
    }
}

#[test]
fn scalars() {
    check!(casts(0.7, #3, #-2));
    for n in 0..5 {
        check!(overwritten_bound(0.6, #n));
        check!(bits(0.6, #n as u32));
    }
}
