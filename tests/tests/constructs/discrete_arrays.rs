//! Arrays of integers and the like that the reverse sweep takes back.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 6] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9];
const Y: [f64; 6] = [0.7, 0.2, -0.5, 0.6, 0.4, -0.9];

#[autodiff]
fn int_rewound(x: &[f64], n: usize) -> f64 {
    let mut perm = vec![0usize; 6];
    let mut kind = [0u8; 6];
    let mut flag = [false; 6];
    let mut sign = vec![1i32; 6];
    let mut any = vec![0; 6];
    let mut s = 0.0;
    for i in 0..6 {
        perm[i] = (i * 5 + 2) % 6;
        any[i] = i;
    }
    for t in 0..n {
        for i in 0..6 {
            for j in 0..6 {
                let v = x[perm[i]] * x[any[j]] * sign[j] as f64 + x[kind[i] as usize];
                if flag[j] {
                    s += v.sin();
                } else {
                    s += 0.2 * v * v;
                }
            }
        }
        perm[t % 6] = (t * t) % 6;
        kind[t % 6] += 1;
        flag[t % 6] = s > 0.3;
        sign[t % 6] = -sign[(t + 1) % 6];
        any[t % 6] = perm[0];
        if t == 2 {
            perm.fill(3);
            flag.fill(true);
        }
        if t == 3 {
            any.copy_from_slice(&perm);
        }
    }
    s
}

/// Two integer arrays that swap.
#[autodiff]
fn int_swaps(x: &[f64], n: usize) -> f64 {
    let mut p = vec![0usize; 6];
    let mut q = vec![1usize; 6];
    let mut u = x.to_vec();
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..6 {
            for j in 0..6 {
                s += 0.1 * (u[p[i]] * u[q[j]] * x[j]).sin();
            }
        }
        q[t % 6] = (t + 3) % 6;
        std::mem::swap(&mut p, &mut q);
        u[p[0]] = s.cos();
    }
    s
}

/// A union of floats and counts.
#[autodiff]
fn counts(x: &[f64], n: usize) -> f64 {
    let mut c = [0usize; 3];
    let mut m = vec![0.0; 3];
    let mut s = 0.0;
    for t in 0..n {
        for k in 0..3 {
            for i in 0..6 {
                let e = x[i] - m[k];
                s += 0.1 * e * e * (c[k] as f64).sqrt();
            }
        }
        let k = (t * 2 + 1) % 3;
        c[k] += 1;
        m[k] += (x[t % 6] - m[k]) / c[k] as f64;
    }
    s
}

/// While with a condition on a rewound array.
#[autodiff]
fn conditions(x: &[f64], n: usize) -> f64 {
    let mut h = x.to_vec();
    let mut s = 0.0;
    let mut t = 0;
    while h[0] < 2.0 && t < n {
        for i in 0..6 {
            for j in 0..6 {
                s += 0.05 * (h[i] * h[j]).sin();
            }
        }
        h[0] += 0.3 + 0.1 * s;
        h[1] = h[0] * 0.2;
        t += 1;
    }
    while {
        h[2] *= 0.9;
        h[2] > 0.3
    } {
        for i in 0..6 {
            for j in 0..6 {
                s += 0.05 * (h[i] * h[j]).sin();
            }
        }
        h[3] = s;
    }
    s
}

/// A match around writes, values of blocks.
#[autodiff]
fn matched(x: &[f64], n: usize) -> f64 {
    let mut h = x.to_vec();
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..6 {
            for j in 0..6 {
                s += 0.05 * (h[i] * h[j]).sin();
            }
        }
        let v = match t % 3 {
            0 => {
                h[0] = s;
                h[1] * 2.0
            }
            1 if h[2] > 0.0 => {
                h.fill(0.3);
                h[0] + x[0]
            }
            _ => {
                h[t % 6] -= x[1];
                s
            }
        };
        h[5] = 0.3 * v;
        let w = loop {
            h[4] *= 0.8;
            if h[4].abs() < 0.5 {
                break h[4] * h[5];
            }
        };
        h[3] = w;
        std::mem::swap(&mut h[0], &mut s);
        h.swap(0, t % 6);
        let old = std::mem::replace(&mut h[1], w);
        s += 0.1 * old;
    }
    s
}

/// An array that is swapped element by element, and wholly.
#[autodiff]
fn element_swaps(x: &[f64], n: usize) -> f64 {
    let mut h = x.to_vec();
    let mut g = vec![0.1; 6];
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..6 {
            for j in 0..6 {
                s += 0.05 * (h[i] * g[j]).sin();
            }
        }
        g.swap(t % 6, 0);
        std::mem::swap(&mut h, &mut g);
        h[0] = 0.1 * s;
        let (a, b) = g.split_at_mut(3);
        a[1] = b[0] * s;
        b[2] *= 0.5;
    }
    s
}

/// The last write with steps and inclusive ranges and types.
#[autodiff]
fn last_ranges(x: &[f64], c: f64) -> f64 {
    let mut a = vec![0.0; 6];
    let mut m = -9.0;
    for j in (0..6).step_by(2) {
        let s = x[j] * c;
        a[j] = s;
        if s > m {
            m = s;
        }
    }
    let mut q = -9.0;
    for j in (0..=5).rev() {
        let s = x[j] * c * m;
        a[j] = s;
        if s > q {
            q = s;
        }
    }
    let mut r = -9.0;
    for j in 0..6u32 {
        let s = x[j as usize] * c * m;
        a[j as usize] = s;
        if s > r {
            r = s;
        }
    }
    let mut z = -9.0;
    for (j, v) in x.iter().enumerate() {
        let s = v * c + a[j];
        a[j] = s;
        if s > z {
            z = s;
        }
    }
    let mut y = -9.0;
    for v in a.iter_mut() {
        *v *= c;
        let s = *v;
        if s > y {
            y = s;
        }
    }
    let mut w = -9.0;
    for j in 0..6 {
        let row = &mut a[..];
        row[j] += 0.1;
        let s = row[j];
        if s > w {
            w = s;
        }
    }
    let mut u = -9.0;
    for j in 0..5 {
        let row = &mut a[1..];
        let s = x[j] * y;
        row[j] = s;
        if s > u {
            u = s;
        }
    }
    let mut t = -9.0;
    for j in 0..5 {
        let s = x[j] * y;
        a[j] = s;
        if s > t {
            t = s;
        }
        a[j + 1] = 0.3;
    }
    let mut k = -9.0;
    for j in 0..6 {
        let s = x[j] * y;
        a[j] = s;
        if s > k {
            k = s;
        }
        a.swap(0, 1);
    }
    let mut l = -9.0;
    for j in 0..6 {
        let s = x[j] * y;
        a[j] = s;
        if s > l {
            l = s;
        }
        if j == 4 {
            a = x.to_vec();
        }
    }
    m * q + r * z + y * w + u * t + k * l
}

#[autodiff]
fn last_nested(x: &[f64], n: usize) -> f64 {
    let mut a = vec![0.0; 6];
    let mut s = 0.0;
    let mut top = -1.0;
    for i in 0..n {
        for j in 0..6 {
            let q = x[i] * x[j] - 0.01 * s;
            a[j] = q;
            if q > top {
                top = q;
            }
        }
        for j in 0..6 {
            a[j] = (a[j] - top).exp();
            s += a[j];
        }
        let mut low = 1.0;
        for j in 0..6 {
            for k in 0..j {
                let q = x[k] * x[j];
                a[k] = q;
                if q < low {
                    low = q;
                }
            }
            a[0] += 0.1;
        }
        s += low * a[2];
    }
    s + top
}

#[test]
fn t_int() {
    for n in 0..7 {
        check!(int_rewound(&X, #n));
        check!(int_swaps(&X, #n));
        check!(counts(&X, #n));
    }
}
#[test]
fn t_conditions() {
    for n in 0..7 {
        check!(conditions(&X, #n));
    }
}
#[test]
fn t_matched() {
    for n in 0..7 {
        check!(matched(&X, #n));
        check!(element_swaps(&X, #n));
    }
}
#[test]
fn t_last_ranges() {
    check!(last_ranges(&X, 0.7));
    check!(last_ranges(&Y, -0.7));
}
#[test]
fn t_last_nested() {
    for n in 0..6 {
        check!(last_nested(&X, #n));
        check!(last_nested(&Y, #n));
    }
}
