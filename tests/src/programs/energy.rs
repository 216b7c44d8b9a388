//! Softened gravitational energy of particles in three dimensions, pair by pair.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The potential energy of particles at `pos[3*n]` of masses `mass[n]`, with
/// `eps2` added to every squared distance.
#[autodiff(Forward, Duplicated, Duplicated, Const, Duplicated)]
#[autodiff(Reverse, Active, Duplicated, Const, Active)]
pub fn energy(pos: &[f64], mass: &[f64], eps2: f64) -> f64 {
    let n = mass.len();
    let mut e = 0.0;
    for i in 0..n {
        for j in i + 1..n {
            let dx = pos[3 * i] - pos[3 * j];
            let dy = pos[3 * i + 1] - pos[3 * j + 1];
            let dz = pos[3 * i + 2] - pos[3 * j + 2];
            let r = (dx * dx + dy * dy + dz * dz + eps2).sqrt();
            e -= mass[i] * mass[j] / r;
        }
    }
    e
}

/// The sum of `x`, in eight parts.
fn sum(x: &[f64]) -> f64 {
    let (groups, rest) = x.as_chunks::<8>();
    let mut parts = [0.0; 8];
    for group in groups {
        for l in 0..8 {
            parts[l] += group[l];
        }
    }
    parts.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// The value of [`energy`]; adds its gradient to `d_pos[3*n]` and `d_eps2`.
///
/// The pairs of a particle are reversed directly after they are met: both move by
/// one factor, the inverse distance cubed. Coordinates lie apart and sums are
/// taken from buffers, so that every loop works on several pairs at once.
pub fn energy_gradient_by_hand(
    pos: &[f64],
    d_pos: &mut [f64],
    mass: &[f64],
    eps2: f64,
    d_eps2: &mut f64,
) -> f64 {
    let n = mass.len();
    let places = [0, 1, 2].map(|c| pos.iter().skip(c).step_by(3).copied().collect::<Vec<_>>());
    let mut moves = [0, 1, 2].map(|_| vec![0.0; n]);
    let [mut overs, mut cubes, mut pushes] = [0, 1, 2].map(|_| vec![0.0; n]);
    let (mut e, mut along_eps2) = (0.0, 0.0);
    for i in 0..n {
        let left = n - i - 1;
        let [x, y, z] = places.each_ref().map(|row| &row[i + 1..][..left]);
        let place = places.each_ref().map(|row| row[i]);
        let (m, masses) = (mass[i], &mass[i + 1..][..left]);
        let (overs, cubes) = (&mut overs[..left], &mut cubes[..left]);
        for j in 0..left {
            let (dx, dy, dz) = (place[0] - x[j], place[1] - y[j], place[2] - z[j]);
            let inverse = 1.0 / (dx * dx + dy * dy + dz * dz + eps2).sqrt();
            overs[j] = masses[j] * inverse;
            cubes[j] = overs[j] * (inverse * inverse);
        }
        for (c, row) in [x, y, z].into_iter().enumerate() {
            let (own, others) = moves[c][i..].split_at_mut(1);
            let (others, pushes) = (&mut others[..left], &mut pushes[..left]);
            for j in 0..left {
                let push = cubes[j] * (place[c] - row[j]);
                pushes[j] = push;
                others[j] -= m * push;
            }
            own[0] += m * sum(pushes);
        }
        e -= m * sum(overs);
        along_eps2 += m * sum(cubes);
    }
    for (c, row) in moves.iter().enumerate() {
        for (d, moved) in d_pos.iter_mut().skip(c).step_by(3).zip(row) {
            *d += moved;
        }
    }
    *d_eps2 += 0.5 * along_eps2;
    e
}

/// A problem for [`energy`].
pub struct Inputs {
    /// Positions, `[3*n]`.
    pub pos: Vec<f64>,
    /// Masses, `[n]`.
    pub mass: Vec<f64>,
    /// Square of the softening length.
    pub eps2: f64,
}

/// A cloud of `n` particles.
pub fn inputs(n: usize) -> Inputs {
    let mut rng = Rng::new(9);
    Inputs {
        pos: rng.normal_vec(3 * n, 1.0),
        mass: rng.uniform_vec(n, 0.5, 1.5),
        eps2: 0.01,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn energy_dual<D: Num>(v: &[D], mass: &[f64]) -> D {
        let n = mass.len();
        let mut sum = D::from(0.0);
        for i in 0..n {
            for j in 0..i {
                let square: D = (0..3).map(|k| (v[3 * i + k] - v[3 * j + k]).powi(2)).sum();
                sum -= (square + v[3 * n]).sqrt().recip() * (mass[i] * mass[j]);
            }
        }
        sum
    }

    #[test]
    fn gradient() {
        for n in [2, 3, 17] {
            let data = inputs(n);
            check::gradient(
                &[&data.pos[..], &[data.eps2]].concat(),
                &|v| energy(&v[..3 * n], &data.mass, v[3 * n]),
                &|v| energy_dual(v, &data.mass),
                &|v, g| {
                    let (d_pos, d_eps2) = g.split_at_mut(3 * n);
                    let (pos, eps2) = (&v[..3 * n], v[3 * n]);
                    energy_gradient_by_hand(pos, d_pos, &data.mass, eps2, &mut d_eps2[0])
                },
            );
        }
    }
}
