//! Explicit steps of the two-dimensional heat equation with a conductivity for
//! each cell, against a target field.
//!
//! Fields have `ny` rows of `nx` cells. The cells at the border keep their
//! values; the conductivity between two cells is the mean of theirs.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The squared misfit to `target[ny*nx]` after `steps` steps of length `dt`
/// from `u0[ny*nx]` with conductivities `k[ny*nx]`.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Const, Const, Const, Const
)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const, Const, Const)]
pub fn heat_misfit(u0: &[f64], k: &[f64], target: &[f64], nx: usize, steps: usize, dt: f64) -> f64 {
    let ny = u0.len() / nx;
    let mut u = u0.to_vec();
    let mut next = u0.to_vec();
    for _ in 0..steps {
        for j in 1..ny - 1 {
            for i in 1..nx - 1 {
                let c = j * nx + i;
                let east = 0.5 * (k[c] + k[c + 1]) * (u[c + 1] - u[c]);
                let west = 0.5 * (k[c] + k[c - 1]) * (u[c - 1] - u[c]);
                let north = 0.5 * (k[c] + k[c + nx]) * (u[c + nx] - u[c]);
                let south = 0.5 * (k[c] + k[c - nx]) * (u[c - nx] - u[c]);
                next[c] = u[c] + dt * (east + west + north + south);
            }
        }
        std::mem::swap(&mut u, &mut next);
    }
    let mut sum = 0.0;
    for c in 0..u.len() {
        let miss = u[c] - target[c];
        sum += miss * miss;
    }
    sum
}

/// Row `j` of one step, inner cells only; `along[c]` and `across[c]` couple cell
/// `c` to the next one in its row and in its column.
fn step_row(u: &[f64], next: &mut [f64], along: &[f64], across: &[f64], nx: usize, j: usize) {
    let inner = nx - 2;
    let here = &u[j * nx..][..nx];
    let (west, centre, east) = (&here[..inner], &here[1..][..inner], &here[2..][..inner]);
    let south = &u[(j - 1) * nx + 1..][..inner];
    let north = &u[(j + 1) * nx + 1..][..inner];
    let before = &along[j * nx..][..inner];
    let after = &along[j * nx + 1..][..inner];
    let below = &across[(j - 1) * nx + 1..][..inner];
    let above = &across[j * nx + 1..][..inner];
    let next = &mut next[j * nx + 1..][..inner];
    for i in 0..inner {
        let u = centre[i];
        next[i] = u
            + (after[i] * (east[i] - u)
                + before[i] * (west[i] - u)
                + above[i] * (north[i] - u)
                + below[i] * (south[i] - u));
    }
}

/// Adds to the couplings' adjoints `d_along` and `d_across` what row `j` of a
/// step from `u` gives, `w` the adjoints of its result.
fn couplings_row(
    u: &[f64],
    w: &[f64],
    d_along: &mut [f64],
    d_across: &mut [f64],
    nx: usize,
    j: usize,
) {
    let pairs = nx - 1;
    let (here, east) = (&u[j * nx..][..pairs], &u[j * nx + 1..][..pairs]);
    let (w_here, w_east) = (&w[j * nx..][..pairs], &w[j * nx + 1..][..pairs]);
    let (north, w_north) = (&u[(j + 1) * nx..][..pairs], &w[(j + 1) * nx..][..pairs]);
    let d_along = &mut d_along[j * nx..][..pairs];
    let d_across = &mut d_across[j * nx..][..pairs];
    for i in 0..pairs {
        d_along[i] += (east[i] - here[i]) * (w_here[i] - w_east[i]);
        d_across[i] += (north[i] - here[i]) * (w_here[i] - w_north[i]);
    }
}

/// Adds to the border of `d_u0` the adjoints it takes from a step's result `w`.
fn border(w: &[f64], d_u0: &mut [f64], along: &[f64], across: &[f64], nx: usize) {
    let ny = w.len() / nx;
    let last = (ny - 1) * nx;
    for i in 1..nx - 1 {
        d_u0[i] += across[i] * w[nx + i];
        d_u0[last + i] += across[last - nx + i] * w[last - nx + i];
    }
    for j in 1..ny - 1 {
        let (left, right) = (j * nx, (j + 1) * nx - 1);
        d_u0[left] += along[left] * w[left + 1];
        d_u0[right] += along[right - 1] * w[right - 1];
    }
}

/// The value of [`heat_misfit`]; adds its gradient to `d_u0[ny*nx]` and
/// `d_k[ny*nx]`. At least two rows and two columns.
///
/// A step is linear in the field and in the couplings between cells, so the
/// couplings are formed once, the step's own stencil carries the adjoint of the
/// inner cells, and the couplings' adjoints reach the conductivities at the end.
pub fn heat_gradient_by_hand(
    u0: &[f64],
    d_u0: &mut [f64],
    k: &[f64],
    d_k: &mut [f64],
    target: &[f64],
    nx: usize,
    steps: usize,
    dt: f64,
) -> f64 {
    let n = u0.len();
    let ny = n / nx;
    let half = 0.5 * dt;
    let mut along = vec![0.0; n];
    let mut across = vec![0.0; n];
    for c in 0..n - 1 {
        along[c] = half * (k[c] + k[c + 1]);
    }
    for c in 0..n - nx {
        across[c] = half * (k[c] + k[c + nx]);
    }

    let mut fields = Vec::with_capacity((steps + 1) * n);
    fields.extend_from_slice(u0);
    for s in 0..steps {
        fields.extend_from_within(s * n..);
        let (u, next) = fields[s * n..].split_at_mut(n);
        for j in 1..ny - 1 {
            step_row(u, next, &along, &across, nx, j);
        }
    }

    let mut w = vec![0.0; n];
    let mut earlier = vec![0.0; n];
    let mut sum = 0.0;
    for j in 0..ny {
        for i in 0..nx {
            let c = j * nx + i;
            let miss = fields[steps * n + c] - target[c];
            sum += miss * miss;
            if j == 0 || j == ny - 1 || i == 0 || i == nx - 1 {
                d_u0[c] += 2.0 * miss;
            } else {
                w[c] = 2.0 * miss;
            }
        }
    }

    let mut d_along = vec![0.0; n];
    let mut d_across = vec![0.0; n];
    for s in (0..steps).rev() {
        let u = &fields[s * n..(s + 1) * n];
        border(&w, d_u0, &along, &across, nx);
        couplings_row(u, &w, &mut d_along, &mut d_across, nx, 0);
        for j in 1..ny - 1 {
            couplings_row(u, &w, &mut d_along, &mut d_across, nx, j);
            step_row(&w, &mut earlier, &along, &across, nx, j);
        }
        std::mem::swap(&mut w, &mut earlier);
    }

    for c in 0..n {
        d_u0[c] += w[c];
    }
    for c in 0..n - 1 {
        d_k[c] += half * d_along[c];
        d_k[c + 1] += half * d_along[c];
    }
    for c in 0..n - nx {
        d_k[c] += half * d_across[c];
        d_k[c + nx] += half * d_across[c];
    }
    sum
}

/// A problem for [`heat_misfit`].
pub struct Inputs {
    /// Initial field, `[ny*nx]`.
    pub u0: Vec<f64>,
    /// Conductivities, `[ny*nx]`.
    pub k: Vec<f64>,
    /// Field to reach, `[ny*nx]`.
    pub target: Vec<f64>,
    /// Cells in a row.
    pub nx: usize,
    /// Number of steps.
    pub steps: usize,
    /// Length of a step, small enough to be stable.
    pub dt: f64,
}

/// A hot spot on `ny` rows of `nx` cells of uneven conductivity, some of whose
/// heat should end up elsewhere.
pub fn inputs(nx: usize, ny: usize, steps: usize) -> Inputs {
    let mut rng = Rng::new(6);
    let spot = |x: f64, y: f64, width: f64| {
        let mut field = Vec::with_capacity(nx * ny);
        for j in 0..ny {
            for i in 0..nx {
                let (dx, dy) = (i as f64 / nx as f64 - x, j as f64 / ny as f64 - y);
                field.push((-(dx * dx + dy * dy) / (width * width)).exp());
            }
        }
        field
    };
    let mut u0 = spot(0.4, 0.5, 0.2);
    for u in &mut u0 {
        *u += rng.uniform(0.0, 0.1);
    }
    Inputs {
        u0,
        k: rng.uniform_vec(nx * ny, 0.5, 1.5),
        target: spot(0.6, 0.5, 0.3),
        nx,
        steps,
        dt: 0.15,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn misfit_dual<D: Num>(u: &[D], k: &[D], data: &Inputs) -> D {
        let nx = data.nx;
        let mut u = u.to_vec();
        for _ in 0..data.steps {
            let mut next = u.clone();
            for j in 1..u.len() / nx - 1 {
                for i in 1..nx - 1 {
                    let c = j * nx + i;
                    for other in [c + 1, c - 1, c + nx, c - nx] {
                        next[c] += (k[c] + k[other]) * (u[other] - u[c]) * (0.5 * data.dt);
                    }
                }
            }
            u = next;
        }
        u.iter()
            .zip(&data.target)
            .map(|(u, t)| (*u - *t).powi(2))
            .sum()
    }

    #[test]
    fn gradient() {
        for (nx, ny, steps) in [(2, 2, 3), (3, 3, 2), (4, 6, 1), (7, 5, 12)] {
            let data = inputs(nx, ny, steps);
            let n = nx * ny;
            check::gradient(
                &[&data.u0[..], &data.k].concat(),
                &|v| heat_misfit(&v[..n], &v[n..], &data.target, nx, steps, data.dt),
                &|v| misfit_dual(&v[..n], &v[n..], &data),
                &|v, g| {
                    let (gu, gk) = g.split_at_mut(n);
                    let target = &data.target;
                    heat_gradient_by_hand(&v[..n], gu, &v[n..], gk, target, nx, steps, data.dt)
                },
            );
        }
    }
}
