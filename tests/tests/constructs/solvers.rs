//! Solvers and simulations, as people write them.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn implicit_heat(u0: &[f64], k: &[f64], dt: f64, steps: usize, settled: f64) -> f64 {
    let n = u0.len();
    let mut u = u0.to_vec();
    let mut energy = 0.0;
    for s in 0..steps {
        let mut a = vec![0.0; n];
        let mut b = vec![1.0; n];
        let mut c = vec![0.0; n];
        for i in 1..n - 1 {
            a[i] = -dt * (k[i] + k[i - 1]) * 0.5;
            c[i] = -dt * (k[i] + k[i + 1]) * 0.5;
            b[i] = 1.0 - a[i] - c[i] + dt * u[i] * u[i];
        }
        let mut d = u.clone();
        for i in 1..n {
            let m = a[i] / b[i - 1];
            b[i] -= m * c[i - 1];
            d[i] -= m * d[i - 1];
        }
        d[n - 1] /= b[n - 1];
        for i in (0..n - 1).rev() {
            d[i] = (d[i] - c[i] * d[i + 1]) / b[i];
        }
        let mut change = 0.0;
        for i in 0..n {
            change += (d[i] - u[i]) * (d[i] - u[i]);
        }
        u = d;
        energy += change * (s as f64 + 1.0);
        if change < settled {
            break;
        }
    }
    for i in 0..n {
        energy += u[i] * u[i] * (i as f64 + 0.5);
    }
    energy
}

#[autodiff]
fn cg_fit(jac: &[f64], r: &[f64], lambda: f64, iters: usize) -> f64 {
    let m = r.len();
    let n = jac.len() / m;
    let mut rhs = vec![0.0; n];
    for i in 0..m {
        let row = &jac[i * n..(i + 1) * n];
        for (g, a) in rhs.iter_mut().zip(row) {
            *g += a * r[i];
        }
    }
    let mut x = vec![0.0; n];
    let mut res = rhs.clone();
    let mut p = rhs.clone();
    let mut rr = 0.0;
    for i in 0..n {
        rr += res[i] * res[i];
    }
    for _ in 0..iters {
        if rr < 1e-14 {
            break;
        }
        let mut ap = vec![0.0; n];
        for i in 0..m {
            let row = &jac[i * n..(i + 1) * n];
            let mut t = 0.0;
            for (a, b) in row.iter().zip(p.iter()) {
                t += a * b;
            }
            for j in 0..n {
                ap[j] += row[j] * t;
            }
        }
        let mut curve = 0.0;
        for j in 0..n {
            ap[j] += lambda * p[j];
            curve += ap[j] * p[j];
        }
        let alpha = rr / curve;
        let mut next = 0.0;
        for j in 0..n {
            x[j] += alpha * p[j];
            res[j] -= alpha * ap[j];
            next += res[j] * res[j];
        }
        let beta = next / rr;
        for j in 0..n {
            p[j] = res[j] + beta * p[j];
        }
        rr = next;
    }
    let mut norm = 0.0;
    for j in 0..n {
        norm += x[j] * x[j] * (j as f64 + 1.0);
    }
    norm
}

#[autodiff]
fn attention(q: &[f64], k: &[f64], v: &[f64], d: usize) -> f64 {
    let n = q.len() / d;
    let mut out = vec![0.0; n * d];
    let mut loss = 0.0;
    for i in 0..n {
        let mut score = vec![0.0; n];
        let mut top = -1e30;
        for j in 0..n {
            let mut s = 0.0;
            for c in 0..d {
                s += q[i * d + c] * k[j * d + c];
            }
            score[j] = s;
            if s > top {
                top = s;
            }
        }
        let mut z = 0.0;
        for j in 0..n {
            score[j] = (score[j] - top).exp();
            z += score[j];
        }
        for c in 0..d {
            let mut s = 0.0;
            for j in 0..n {
                s += score[j] * v[j * d + c];
            }
            out[i * d + c] = s / z;
        }
        for c in 0..d {
            loss += out[i * d + c] * out[i * d + c] * (c as f64 + 1.0);
        }
    }
    loss / (n * d) as f64
}

#[autodiff]
fn leapfrog(u0: &[f64], speed: &[f64], steps: usize, damp: f64) -> f64 {
    let n = u0.len();
    let mut before = u0.to_vec();
    let mut now = u0.to_vec();
    let mut seen = 0.0;
    for t in 0..steps {
        let mut after = vec![0.0; n];
        for i in 2..n - 2 {
            let lap =
                (16.0 * (now[i + 1] + now[i - 1]) - now[i + 2] - now[i - 2] - 30.0 * now[i]) / 12.0;
            after[i] = 2.0 * now[i] - before[i] + speed[i] * speed[i] * lap;
        }
        for i in 0..n {
            after[i] *= 1.0 - damp * after[i] * after[i];
        }
        before = now;
        now = after;
        seen += now[n / 2] * (t as f64 + 1.0);
    }
    seen * seen + before[n / 2] * now[n / 3]
}

#[autodiff]
fn row_energy(w: &[f64], x: &[f64], scale: f64) -> f64 {
    let n = x.len();
    let mut total = 0.25;
    for o in 0..w.len() / n {
        let mut s = 0.0;
        for i in 0..n {
            s += w[o * n + i] * x[i];
        }
        total += scale * s * s;
    }
    total / n as f64
}

#[autodiff]
fn alternate(w: &[f64], x: &[f64], y: &[f64], n: usize) -> f64 {
    let fixed = [0.3, -0.2, 0.6];
    let mut z = x.to_vec();
    let mut e = 0.0;
    for k in 0..n {
        if k % 2 == 0 {
            e += row_energy(w, &z, 1.0 + k as f64);
        } else {
            e += row_energy(&y[..6], &fixed, z[0]);
        }
        for i in 1..z.len() - 1 {
            z[i] = 0.5 * z[i] + 0.1 * z[i - 1] * z[i + 1];
        }
        if e > 40.0 {
            return e * z[1];
        }
    }
    let mut tail = 0.0;
    for i in 0..z.len() {
        tail += z[i] * z[i];
    }
    e + tail
}

#[test]
fn implicit_steps_and_rotating_buffers() {
    let u = [0.3, -0.4, 0.5, 0.8, -0.2, 0.6, 0.1];
    let k = [1.0, 0.7, 1.3, 0.9, 1.1, 0.8, 1.2];
    let speed = [0.3, 0.2, 0.4, 0.5, 0.1, 0.3, 0.2];
    for steps in 0..4 {
        check!(implicit_heat(&u, &k, 0.1, #steps, 1e-4));
        check!(implicit_heat(&u, &k, 0.1, #steps, 0.05));
        check!(leapfrog(&u, &speed, #steps, 0.05));
    }
}

#[test]
fn conjugate_gradients_and_attention() {
    let f = |n: usize, from: f64| -> Vec<f64> {
        (0..n).map(|i| (i as f64 * 0.7 + from).sin()).collect()
    };
    // Three independent columns: two would end the iterations a step early,
    // where the result is not smooth in the entries.
    let jac: Vec<f64> = (0..12).map(|i| (i as f64 * i as f64 + 0.2).sin()).collect();
    for iterations in 0..4 {
        check!(cg_fit(&jac.clone(), &[0.3, -0.5, 0.7, 0.2], 0.3, #iterations));
    }
    for (n, d) in [(1, 2), (3, 2), (5, 3), (6, 1)] {
        check!(attention(&f(n * d, 0.1), &f(n * d, 1.1), &f(n * d, 2.3), #d));
    }
    for n in 0..5 {
        let large: Vec<f64> = f(15, 3.0).iter().map(|v| v * 9.0).collect();
        check!(alternate(&f(12, 0.4), &f(3, 0.9), &f(7, 1.7), #n));
        check!(alternate(&f(0, 0.4), &f(4, 0.9), &f(7, 1.7), #n));
        check!(alternate(&large, &f(3, 0.9), &f(7, 1.7), #n));
    }
}
