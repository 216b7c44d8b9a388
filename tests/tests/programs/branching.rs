//! Programs in which branches, early exits and pairs make the shape.
use super::{Program, add};
use ad_tests::programs::{energy, fixpoint, pricing};

#[test]
fn energy() {
    for n in [1, 2, 3, 17, 60] {
        let data = energy::inputs(n);
        let mass = &data.mass;
        Program {
            at: [&data.pos[..], &[data.eps2]].concat(),
            plain: &|v| energy::energy(&v[..3 * n], mass, v[3 * n]),
            by_hand: &|v, g| {
                let (d_pos, d_eps2) = g.split_at_mut(3 * n);
                energy::energy_gradient_by_hand(&v[..3 * n], d_pos, mass, v[3 * n], &mut d_eps2[0])
            },
            reverse: &|v, g, seed| {
                let (d_pos, d_eps2) = g.split_at_mut(3 * n);
                d_eps2[0] += energy::energy::reverse(&v[..3 * n], d_pos, mass, v[3 * n], seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (d_pos, d_eps2) = g.split_at_mut(3 * n);
                let (pos, eps2) = (&v[..3 * n], v[3 * n]);
                let (primal, d) = energy::energy::reverse_with_primal(pos, d_pos, mass, eps2, seed);
                d_eps2[0] += d;
                primal
            },
            forward: &|v, d| {
                energy::energy::forward(&v[..3 * n], &d[..3 * n], mass, v[3 * n], d[3 * n])
            },
            forward_with_primal: &|v, d| {
                let (pos, d_pos) = (&v[..3 * n], &d[..3 * n]);
                energy::energy::forward_with_primal(pos, d_pos, mass, v[3 * n], d[3 * n])
            },
        }
        .check();
    }
}

#[test]
fn barrier_call() {
    for (paths, steps) in [(3, 1), (20, 5), (300, 12)] {
        let data = pricing::inputs(paths, steps);
        let (barrier, end, normals) = (data.barrier, data.maturity, &data.normals);
        Program {
            at: data.market.to_vec(),
            plain: &|v| pricing::barrier_call(v[0], v[1], v[2], v[3], barrier, end, steps, normals),
            by_hand: &|v, g| {
                pricing::barrier_call_gradient_by_hand(
                    v[0], v[1], v[2], v[3], barrier, end, steps, normals, g,
                )
            },
            reverse: &|v, g, seed| {
                let gradient = pricing::barrier_call::reverse(
                    v[0], v[1], v[2], v[3], barrier, end, steps, normals, seed,
                );
                add(g, gradient);
            },
            reverse_with_primal: &|v, g, seed| {
                let (primal, gradient) = pricing::barrier_call::reverse_with_primal(
                    v[0], v[1], v[2], v[3], barrier, end, steps, normals, seed,
                );
                add(g, gradient);
                primal
            },
            forward: &|v, d| {
                pricing::barrier_call::forward(
                    v[0], d[0], v[1], d[1], v[2], d[2], v[3], d[3], barrier, end, steps, normals,
                )
            },
            forward_with_primal: &|v, d| {
                pricing::barrier_call::forward_with_primal(
                    v[0], d[0], v[1], d[1], v[2], d[2], v[3], d[3], barrier, end, steps, normals,
                )
            },
        }
        .check();
    }
}

#[test]
fn kepler() {
    for n in [1, 5, 200] {
        let data = fixpoint::inputs(n);
        let seen = &data.seen;
        Program {
            at: [&data.e[..], &data.m].concat(),
            plain: &|v| fixpoint::kepler_misfit(&v[..n], &v[n..], seen),
            by_hand: &|v, g| {
                let (d_e, d_m) = g.split_at_mut(n);
                fixpoint::kepler_gradient_by_hand(&v[..n], d_e, &v[n..], d_m, seen)
            },
            reverse: &|v, g, seed| {
                let (d_e, d_m) = g.split_at_mut(n);
                fixpoint::kepler_misfit::reverse(&v[..n], d_e, &v[n..], d_m, seen, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (d_e, d_m) = g.split_at_mut(n);
                let (e, m) = (&v[..n], &v[n..]);
                fixpoint::kepler_misfit::reverse_with_primal(e, d_e, m, d_m, seen, seed).0
            },
            forward: &|v, d| {
                fixpoint::kepler_misfit::forward(&v[..n], &d[..n], &v[n..], &d[n..], seen)
            },
            forward_with_primal: &|v, d| {
                let (e, m) = (&v[..n], &v[n..]);
                fixpoint::kepler_misfit::forward_with_primal(e, &d[..n], m, &d[n..], seen)
            },
        }
        .check();
    }
}
