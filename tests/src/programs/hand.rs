//! The pose of a hand: residuals between points and the vertices of a skinned
//! model, as in ADBench.
//!
//! The parameters `theta[26]` are three of the global rotation, three of the
//! global translation and four of each finger. Transforms are 4x4 matrices; the
//! matrix of positions has a row for each coordinate and a column for each vertex.

mod by_hand;
mod inputs;
#[cfg(test)]
mod tests;

pub use by_hand::{
    hand_gradient_by_hand, hand_gradient_complicated_by_hand, hand_jacobian_by_hand,
    hand_jacobian_complicated_by_hand,
};
pub use inputs::{Inputs, inputs};

use ad_runtime::prelude::*;

/// The number of parameters of a pose.
pub const THETA: usize = 26;

/// The number of bones: the wrist, four of each finger, the forearm.
pub const BONES: usize = 22;

/// `out[rows*cols] = a[rows*inner] b[inner*cols]`.
#[autodiff]
pub fn mat_mult(a: &[f64], b: &[f64], out: &mut [f64], inner: usize, cols: usize) {
    for i in 0..a.len() / inner {
        for j in 0..cols {
            out[i * cols + j] = a[i * inner] * b[j];
            for k in 1..inner {
                out[i * cols + j] += a[i * inner + k] * b[k * cols + j];
            }
        }
    }
}

/// The rotation about the vector `v[3]` by its length.
#[autodiff]
pub fn angle_axis_to_rotation(v: &[f64]) -> [f64; 9] {
    let norm = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    if norm < 0.0001 {
        return [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    }
    let x = v[0] / norm;
    let y = v[1] / norm;
    let z = v[2] / norm;
    let s = norm.sin();
    let c = norm.cos();
    [
        x * x + (1.0 - x * x) * c,
        x * y * (1.0 - c) - z * s,
        x * z * (1.0 - c) + y * s,
        x * y * (1.0 - c) + z * s,
        y * y + (1.0 - y * y) * c,
        y * z * (1.0 - c) - x * s,
        x * z * (1.0 - c) - y * s,
        z * y * (1.0 - c) + x * s,
        z * z + (1.0 - z * z) * c,
    ]
}

/// The rotation by the Euler angles `xzy[3]`, about `x` first.
#[autodiff]
pub fn euler_angles_to_rotation(xzy: &[f64]) -> [f64; 9] {
    let (sx, cx) = (xzy[0].sin(), xzy[0].cos());
    let (sz, cz) = (xzy[1].sin(), xzy[1].cos());
    let (sy, cy) = (xzy[2].sin(), xzy[2].cos());
    let rx = [1.0, 0.0, 0.0, 0.0, cx, -sx, 0.0, sx, cx];
    let ry = [cy, 0.0, sy, 0.0, 1.0, 0.0, -sy, 0.0, cy];
    let rz = [cz, -sz, 0.0, sz, cz, 0.0, 0.0, 0.0, 1.0];
    let mut zy = [0.0; 9];
    let mut out = [0.0; 9];
    mat_mult(&rz, &ry, &mut zy, 3, 3);
    mat_mult(&zy, &rx, &mut out, 3, 3);
    out
}

/// Spreads `theta[26]` over `pose[(3+22)*3]`: the rotation, the scale, the
/// translation, then the Euler angles of each bone. The first of a finger's bones
/// does not turn, the second has two angles, the others one.
#[autodiff]
pub fn to_pose(theta: &[f64], pose: &mut [f64]) {
    for i in 0..3 {
        pose[i] = theta[i];
        pose[3 + i] = 1.0;
        pose[6 + i] = theta[3 + i];
    }
    let mut from = 6;
    let mut bone = 5;
    for _ in 0..5 {
        for joint in 0..3 {
            pose[3 * bone] = theta[from];
            from += 1;
            if joint == 0 {
                pose[3 * bone + 1] = theta[from];
                from += 1;
            }
            bone += 1;
        }
        bone += 1;
    }
}

/// The bones' transforms against their parents: `base[22*16]` turned by the
/// angles of `pose[(3+22)*3]`, in `relatives[22*16]`.
#[autodiff(Forward, Const, Const, Duplicated, Duplicated)]
#[autodiff(Reverse, Const, Const, Duplicated, Duplicated)]
pub fn pose_relatives(base: &[f64], pose: &[f64], relatives: &mut [f64]) {
    for b in 0..BONES {
        let turn = euler_angles_to_rotation(&pose[3 * (b + 3)..3 * (b + 4)]);
        let mut local = [0.0; 16];
        for i in 0..3 {
            for j in 0..3 {
                local[4 * i + j] = turn[3 * i + j];
            }
        }
        local[15] = 1.0;
        let out = &mut relatives[16 * b..16 * (b + 1)];
        mat_mult(&base[16 * b..16 * (b + 1)], &local, out, 4, 4);
    }
}

/// The bones' transforms `absolutes[22*16]` from those against their parents;
/// `parents[22]`, each before its children, is negative at a root.
#[autodiff]
pub fn relatives_to_absolutes(relatives: &[f64], parents: &[i32], absolutes: &mut [f64]) {
    for b in 0..parents.len() {
        let (before, after) = absolutes.split_at_mut(16 * b);
        let own = &relatives[16 * b..16 * (b + 1)];
        if parents[b] < 0 {
            after[..16].copy_from_slice(own);
        } else {
            let p = parents[b] as usize;
            mat_mult(&before[16 * p..16 * (p + 1)], own, &mut after[..16], 4, 4);
        }
    }
}

/// Turns, scales and moves `positions[3*v]` by the first three rows of `pose`.
#[autodiff]
pub fn apply_global(pose: &[f64], positions: &mut [f64]) {
    let v = positions.len() / 3;
    let mut turn = angle_axis_to_rotation(&pose[..3]);
    for i in 0..3 {
        for j in 0..3 {
            turn[3 * i + j] *= pose[3 + j];
        }
    }
    let mut turned = vec![0.0; 3 * v];
    mat_mult(&turn, positions, &mut turned, 3, v);
    for i in 0..3 {
        for j in 0..v {
            positions[i * v + j] = turned[i * v + j] + pose[6 + i];
        }
    }
}

/// The vertices `positions[3*v]` of the hand in the pose `theta[26]`: the mean of
/// `base_positions[4*v]` under the bones' transforms with `weights[22*v]`.
/// `inverses[22*16]` undo the bones' transforms at rest; a mirrored hand changes
/// the sign of the first coordinate.
#[autodiff(
    Forward, Const, Duplicated, Const, Const, Const, Const, Const, Const, Duplicated
)]
#[autodiff(
    Reverse, Const, Duplicated, Const, Const, Const, Const, Const, Const, Duplicated
)]
pub fn skinned_positions(
    theta: &[f64],
    parents: &[i32],
    base_relatives: &[f64],
    inverses: &[f64],
    base_positions: &[f64],
    weights: &[f64],
    mirrored: bool,
    positions: &mut [f64],
) {
    let v = positions.len() / 3;
    let mut pose = [0.0; 3 * (BONES + 3)];
    to_pose(theta, &mut pose);
    let mut relatives = vec![0.0; 16 * BONES];
    let mut absolutes = vec![0.0; 16 * BONES];
    pose_relatives(base_relatives, &pose, &mut relatives);
    relatives_to_absolutes(&relatives, parents, &mut absolutes);

    positions.fill(0.0);
    let mut transform = [0.0; 16];
    let mut moved = vec![0.0; 4 * v];
    for b in 0..BONES {
        let absolute = &absolutes[16 * b..16 * (b + 1)];
        let inverse = &inverses[16 * b..16 * (b + 1)];
        mat_mult(absolute, inverse, &mut transform, 4, 4);
        mat_mult(&transform, base_positions, &mut moved, 4, v);
        for i in 0..3 {
            for j in 0..v {
                positions[i * v + j] += moved[i * v + j] * weights[b * v + j];
            }
        }
    }
    if mirrored {
        for j in 0..v {
            positions[j] = -positions[j];
        }
    }
    apply_global(&pose, positions);
}

/// The simple residuals `out[3*n]`: `points[3*n]` against the vertices
/// `correspondences[n]` of the hand in the pose `theta[26]`.
#[autodiff(
    Forward, Const, Duplicated, Const, Const, Const, Const, Const, Const, Const, Const, Duplicated
)]
#[autodiff(
    Reverse, Const, Duplicated, Const, Const, Const, Const, Const, Const, Const, Const, Duplicated
)]
pub fn hand_residuals(
    theta: &[f64],
    parents: &[i32],
    base_relatives: &[f64],
    inverses: &[f64],
    base_positions: &[f64],
    weights: &[f64],
    mirrored: bool,
    correspondences: &[usize],
    points: &[f64],
    out: &mut [f64],
) {
    let v = base_positions.len() / 4;
    let mut positions = vec![0.0; 3 * v];
    skinned_positions(
        theta,
        parents,
        base_relatives,
        inverses,
        base_positions,
        weights,
        mirrored,
        &mut positions,
    );
    for i in 0..correspondences.len() {
        for j in 0..3 {
            out[3 * i + j] = points[3 * i + j] - positions[j * v + correspondences[i]];
        }
    }
}

/// The complicated residuals `out[3*n]`: `points[3*n]` against points on the
/// triangles `correspondences[n]` of `triangles[3*t]`, at `us[2*n]` in them.
#[autodiff(
    Forward, Const, Duplicated, Duplicated, Const, Const, Const, Const, Const, Const, Const, Const,
    Const, Duplicated
)]
#[autodiff(
    Reverse, Const, Duplicated, Duplicated, Const, Const, Const, Const, Const, Const, Const, Const,
    Const, Duplicated
)]
pub fn hand_residuals_complicated(
    theta: &[f64],
    us: &[f64],
    parents: &[i32],
    base_relatives: &[f64],
    inverses: &[f64],
    base_positions: &[f64],
    weights: &[f64],
    mirrored: bool,
    triangles: &[usize],
    correspondences: &[usize],
    points: &[f64],
    out: &mut [f64],
) {
    let v = base_positions.len() / 4;
    let mut positions = vec![0.0; 3 * v];
    skinned_positions(
        theta,
        parents,
        base_relatives,
        inverses,
        base_positions,
        weights,
        mirrored,
        &mut positions,
    );
    for i in 0..correspondences.len() {
        let corners = &triangles[3 * correspondences[i]..3 * correspondences[i] + 3];
        let u = us[2 * i];
        let w = us[2 * i + 1];
        for j in 0..3 {
            let place = u * positions[j * v + corners[0]]
                + w * positions[j * v + corners[1]]
                + (1.0 - u - w) * positions[j * v + corners[2]];
            out[3 * i + j] = points[3 * i + j] - place;
        }
    }
}
