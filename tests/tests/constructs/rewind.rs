//! Arrays that many read and few write: the reverse sweep takes the writes back.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 6] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9];

/// A recurrent network: the state is copied, gates are elements.
#[autodiff]
fn recurrent(w: &[f64], xs: &[f64], d: usize) -> f64 {
    let mut h = vec![0.1; d];
    let mut gate = vec![0.0; d];
    let mut next = vec![0.0; d];
    let mut loss = 0.0;
    for t in 0..xs.len() {
        for i in 0..d {
            let mut a = xs[t];
            for j in 0..d {
                a += w[(i * d + j) % w.len()] * h[j];
            }
            gate[i] = 1.0 / (1.0 + (-a).exp());
        }
        for i in 0..d {
            let mut c = 0.0;
            for j in 0..d {
                c += w[(i + j) % w.len()] * gate[j] * h[j];
            }
            next[i] = (1.0 - gate[i]) * h[i] + gate[i] * c.tanh();
        }
        h.copy_from_slice(&next);
        for i in 0..d {
            loss += h[i] * h[i];
        }
    }
    loss * h[0]
}

/// Layers that swap their vectors.
#[autodiff]
fn layers(w: &[f64], x: &[f64], depth: usize) -> f64 {
    let n = x.len();
    let mut a = x.to_vec();
    let mut z = vec![0.0; n];
    for l in 0..depth {
        for i in 0..n {
            let mut s = 0.1 * i as f64;
            for j in 0..n {
                s += w[(l * n + i + j) % w.len()] * a[j];
            }
            z[i] = s.tanh();
        }
        std::mem::swap(&mut a, &mut z);
        if l == 1 {
            a[0] *= z[1];
        }
    }
    let mut sum = 0.0;
    for i in 0..n {
        sum += a[i] * a[i] * z[0];
    }
    sum
}

/// Bodies that attract each other, in time.
#[autodiff]
fn bodies(start: &[f64], mass: &[f64], dt: f64, steps: usize) -> f64 {
    let n = start.len();
    let mut pos = start.to_vec();
    let mut vel = vec![0.0; n];
    let mut force = [0.0; 6];
    let mut energy = 0.0;
    for _ in 0..steps {
        force.fill(0.0);
        for i in 0..n {
            for j in 0..n {
                if i != j {
                    let d = pos[j] - pos[i];
                    let r = d * d + 0.5;
                    force[i] += mass[j] * d / (r * r.sqrt());
                }
            }
        }
        for i in 0..n {
            vel[i] += dt * force[i];
            pos[i] += dt * vel[i];
        }
        energy += vel[0] * vel[n - 1];
    }
    for i in 0..n {
        energy += pos[i] * pos[i] * mass[i] + vel[i] * vel[i];
    }
    energy
}

/// Sweeps that use what they have just written, until they are done.
#[autodiff]
fn relaxed(a: &[f64], b: &[f64], sweeps: usize, until: f64) -> f64 {
    let n = b.len();
    let mut x = b.to_vec();
    let mut total = 0.0;
    for k in 0..sweeps {
        let mut change = 0.0;
        for i in 0..n {
            let mut s = b[i];
            for j in 0..n {
                if j != i {
                    s -= a[(i + 2 * j) % n] * x[j] * x[j];
                }
            }
            let old = x[i];
            x[i] = 0.3 * s + 0.1 * x[i];
            change += (x[i] - old) * (x[i] - old);
        }
        total += change.sqrt() * x[k % n];
        if change < until {
            break;
        }
    }
    total + x[0] * x[n - 1]
}

/// Writes in front of the reads, and between two of them.
#[autodiff]
fn in_front(x: &[f64], n: usize) -> f64 {
    let mut h = vec![0.3; 4];
    let mut k = x.to_vec();
    let mut sum = 0.0;
    for t in 0..n {
        h[t % 4] = x[t] + 0.3 * sum * h[0];
        for i in 0..6 {
            k[i] *= 0.9;
        }
        for i in 0..4 {
            for j in 0..6 {
                sum += 0.1 * (h[i] * k[j]).sin();
            }
            k[i] = sum.cos();
            for j in 0..6 {
                sum += 0.02 * h[i] * k[j] * k[j];
            }
        }
        h[1] = sum * k[0];
    }
    sum * h[2]
}

/// Writes in branches, through views, in a `while`, of parts and of all.
#[autodiff]
fn mixed(x: &[f64], n: usize, limit: f64) -> f64 {
    let mut h = x.to_vec();
    let mut g = [0.2; 6];
    let mut sum = 0.0;
    let mut t = 0;
    while t < n {
        for i in 0..6 {
            let mut s = 0.0;
            for j in 0..6 {
                s += h[j] * g[(i + j) % 6] * g[j];
            }
            sum += s.sin();
        }
        if sum > limit {
            let (low, high) = h.split_at_mut(3);
            low[t % 3] = sum.cos();
            high[1] -= 0.1 * sum;
        } else {
            h[t % 6] = 0.5 * h[(t + 1) % 6] * x[0];
        }
        if t == 1 {
            h.fill(0.3 * x[1]);
            h[2..4].copy_from_slice(&x[1..3]);
        }
        let row = &mut g[1..4];
        row[t % 3] = sum * 0.1;
        row[0] *= 0.9;
        t += 1;
    }
    sum + h[2] * g[2]
}

/// What is returned stays, and so does what belongs to the caller.
#[autodiff]
fn advanced(state: &mut [f64], x: &[f64], n: usize) -> Vec<f64> {
    let mut h = x.to_vec();
    let mut inner = x.to_vec();
    for t in 0..n {
        for i in 0..x.len() {
            let mut s = 0.0;
            for j in 0..x.len() {
                s += h[j] * inner[i] * state[j] * inner[j];
            }
            h[i] = s.sin();
            state[i] += 0.2 * s;
        }
        inner[t % x.len()] = h[0] * state[1];
    }
    h
}

#[autodiff]
fn advanced_in_turn(x: &[f64], y: &[f64], n: usize) -> f64 {
    let mut state = y.to_vec();
    let mut sum = 0.0;
    for k in 0..n {
        let h = advanced(&mut state, x, k);
        sum += h[0] * h[1] + state[2];
        sum += layers(y, &h, k);
    }
    sum
}

/// Swaps of elements, and of vectors that are also used whole.
#[autodiff]
fn not_taken_back(x: &[f64], n: usize) -> f64 {
    let mut h = x.to_vec();
    let mut k = x.to_vec();
    let mut v = x.to_vec();
    let mut sum = 0.0;
    for t in 0..n {
        for i in 0..6 {
            for j in 0..6 {
                sum += 0.1 * (h[j] * k[i] * v[j]).sin();
            }
        }
        h.swap(t, t + 1);
        h[t] *= sum;
        k = vec![sum * 0.2; 6];
        v[t] = sum;
        let w = v.clone();
        v = w;
    }
    sum + h[0] + k[1] * v[0]
}

#[test]
fn taken_back() {
    for d in 1..5 {
        check!(recurrent(&X, &[0.2, -0.5, 0.7], #d));
    }
    for depth in 0..5 {
        check!(layers(&[0.5, -0.3, 0.8, 0.1, 0.6], &X, #depth));
        check!(bodies(&X, &[0.5, 0.3, 0.8, 0.1, 0.6, 0.4], 0.2, #depth));
    }
    for sweeps in 0..4 {
        for until in [0.0, 0.3, 10.0] {
            check!(relaxed(&[0.5, -0.3, 0.8, 0.1, 0.6, 0.4], &X, #sweeps, until));
        }
    }
    for n in 0..5 {
        check!(in_front(&X, #n));
        check!(mixed(&X, #n, 0.4));
        check!(mixed(&X, #n, -9.0));
        check!(mixed(&X, #n, 9.0));
    }
}

#[test]
fn not_everything_is() {
    for n in 0..4 {
        check!(advanced_in_turn(&X, &X.map(|x| 0.7 - x), #n));
        check!(not_taken_back(&X, #n));
    }
}

#[autodiff]
fn image_of(q: &[f64], v: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = 0.5 * out[i] + v[i] * q[i % q.len()];
    }
}

/// What belongs to the caller is only read, and read again in an iteration that is run again.
#[autodiff]
fn images(y: &mut [f64], c: f64) -> f64 {
    let centred = vec![0.3; 2];
    let mut image = vec![0.1; 2];
    let mut sum = c;
    for _ in 0..2 {
        image_of(&y[..], &centred, &mut image);
        sum += (image[0] * image[1]).sin();
    }
    sum
}

/// The caller changes it before the reverse sweep.
#[autodiff]
fn changed_behind(out: &mut [f64], v: &[f64]) -> f64 {
    let first = images(&mut out[..3], v[0]);
    out.swap(1, 3);
    out[0] *= v[1];
    let second = images(&mut out[1..], v[2]);
    out[2] = 0.5;
    first * second
}

#[test]
fn what_is_lent_may_change() {
    check!(changed_behind(&mut [0.3, 0.8, -0.5, 0.4], &X));
}
