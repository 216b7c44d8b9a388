//! Simulations with states in matrices, that stop early, called with and without derivatives.
use ad_runtime::prelude::*;
use ad_tests::check;

/// A step of a coupled field in place: each row from the rows above as they are by now, each
/// column from all of the old row; stops where it has settled.
#[autodiff]
fn relax(field: &mut [f64], old: &mut [f64], w: &[f64], n: usize, tolerance: usize) -> f64 {
    let mut moved = 0.0;
    for i in 0..n {
        let mut change = 0.0;
        for j in 0..n {
            old[j] = field[i * n + j];
        }
        for j in 0..n {
            let mut s = 0.1 * moved;
            for k in 0..n {
                s += w[(j + k) % w.len()] * old[k] * old[j];
            }
            for k in 0..i {
                s += 0.2 * field[k * n + j] * old[j];
            }
            field[i * n + j] = s.tanh();
            change += (field[i * n + j] - old[j]) * (field[i * n + j] - old[j]);
        }
        moved += change.sqrt();
        if change < 0.05 * tolerance as f64 {
            break;
        }
    }
    moved
}

/// Weights that are parameters in one call and results of another in the next.
#[autodiff]
fn settled(start: &[f64], w: &[f64], steps: usize, tolerance: usize) -> f64 {
    let n = w.len();
    let mut field = start.to_vec();
    let mut old = vec![0.5; n];
    let mut mix = w.to_vec();
    let fixed = vec![0.3, -0.2, 0.4];
    let mut total = 0.0;
    for t in 0..steps {
        total += relax(&mut field, &mut old, &mix, n, tolerance);
        total += relax(&mut field, &mut old, &fixed, n, 0) * old[t % n];
        mix[t % n] = 0.5 * mix[t % n] + 0.1 * total.sin();
        if total > 9.0 {
            return total * mix[0];
        }
    }
    total + field[0] * old[n - 1] * mix[0]
}

/// A window that slides over a signal, with a state that it carries and a history it overwrites.
#[autodiff]
fn windowed(x: &[f64], taps: &[f64], gain: f64) -> f64 {
    let m = taps.len();
    let mut ring = vec![0.0; m];
    let mut best = 0.0;
    let mut level = gain;
    let mut out = 0.0;
    for t in 0..x.len() {
        ring[t % m] = x[t] * level;
        let mut peak = -1.0;
        for a in 0..2 {
            let mut y = 0.0;
            for k in 0..m {
                y += taps[k] * ring[(t + m - k) % m] * (1.0 + 0.1 * a as f64 * ring[k]);
            }
            if y > peak {
                peak = y;
            }
            level = 0.9 * level + 0.1 * (y * peak).cos();
        }
        if peak > best {
            best = peak;
        } else if peak < -0.4 {
            continue;
        }
        out += peak * best * level;
        if out > 2.5 {
            break;
        }
    }
    out + best * ring[0]
}

/// Particles in cells: positions move in place, forces come from all, and a list of pairs that
/// shrinks.
#[autodiff]
fn paired(pos: &mut [f64], pull: &[f64], pairs: &[(usize, usize)], steps: usize) -> f64 {
    let n = pos.len();
    let mut last = pos.to_vec();
    let mut kinetic = 0.0;
    for s in 0..steps {
        let mut force = vec![0.0; n];
        for p in 0..pairs.len() - s.min(pairs.len()) {
            let (a, b) = pairs[p];
            let d = pos[b] - pos[a];
            let f = pull[p % pull.len()] * d / (1.0 + d * d);
            force[a] += f;
            force[b] -= f;
        }
        for i in 0..n {
            let next = 2.0 * pos[i] - last[i] + 0.05 * force[i];
            last[i] = pos[i];
            pos[i] = next;
            for j in 0..i {
                kinetic += 0.1 * (pos[i] - last[i]) * (pos[j] - last[j]);
            }
        }
    }
    kinetic + last[0] * pos[n - 1]
}

#[autodiff]
fn paired_in_turn(x: &[f64], pull: &[f64], pairs: &[(usize, usize)], steps: usize) -> f64 {
    let mut pos = x.to_vec();
    let mut still = vec![0.2, 0.9, -0.4, 0.1];
    let free = paired(&mut still, pull, pairs, steps);
    let held = paired(&mut pos, &[0.5, 0.7], pairs, steps);
    still[1] *= pos[2];
    free * held + paired(&mut still, pull, pairs, 1) * pos[0]
}

const X: [f64; 9] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2, -0.6, 0.7];

#[test]
fn settle() {
    for tolerance in [0, 1, 100] {
        check!(relax(&mut X.clone(), &mut [0.1, 0.2, 0.3], &[0.5, -0.3, 0.8], #3, #tolerance));
        for steps in 0..4 {
            check!(settled(&X, &[0.5, -0.3, 0.8], #steps, #tolerance));
        }
    }
}

#[test]
fn windows() {
    for gain in [0.3, 0.4, 2.6] {
        check!(windowed(&X, &[0.5, -0.3, 0.8], gain));
        check!(windowed(
            &X[..1].try_into().map(|x: [f64; 1]| x).unwrap(),
            &[0.5, 0.2],
            gain
        ));
        check!(windowed(&[0.0; 0], &[0.5, 0.2], gain));
    }
}

#[test]
fn pairs() {
    let pairs = [(0, 1), (2, 1), (3, 0), (3, 2)];
    for steps in 0..6 {
        check!(paired(&mut [0.3, -0.8, 0.5, 1.1], &[0.5, -0.3, 0.8], #&pairs, #steps));
        check!(paired_in_turn(&[0.3, -0.8, 0.5, 1.1], &[0.5, -0.3, 0.8], #&pairs, #steps));
    }
}
