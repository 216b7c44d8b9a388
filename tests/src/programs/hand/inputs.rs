//! A generated hand, and points near it.

use super::super::data::Rng;
use super::{BONES, THETA, angle_axis_to_rotation, hand_residuals, relatives_to_absolutes};

/// A problem for [`hand_residuals`] and
/// [`hand_residuals_complicated`](super::hand_residuals_complicated).
pub struct Inputs {
    /// Pose, `[26]`.
    pub theta: Vec<f64>,
    /// Places in the triangles, `[2*n]`.
    pub us: Vec<f64>,
    /// The parent of each bone, negative at the root, `[22]`.
    pub parents: Vec<i32>,
    /// Rigid transforms of the bones against their parents, `[22*16]`.
    pub base_relatives: Vec<f64>,
    /// Inverse transforms of the bones at rest, `[22*16]`.
    pub inverses: Vec<f64>,
    /// Vertices at rest, with a last row of ones, `[4*v]`.
    pub base_positions: Vec<f64>,
    /// How much a vertex follows each bone, `[22*v]`.
    pub weights: Vec<f64>,
    /// Whether the first coordinate changes its sign.
    pub mirrored: bool,
    /// Corners of the triangles, `[3*v]`.
    pub triangles: Vec<usize>,
    /// The vertex, or the triangle, that belongs to each point, `[n]`.
    pub correspondences: Vec<usize>,
    /// Points, `[3*n]`.
    pub points: Vec<f64>,
}

/// The inverse of the rigid transform `m[16]`.
fn rigid_inverse(m: &[f64]) -> [f64; 16] {
    let mut out = [0.0; 16];
    for i in 0..3 {
        for j in 0..3 {
            out[4 * i + j] = m[4 * j + i];
            out[4 * i + 3] -= m[4 * j + i] * m[4 * j + 3];
        }
    }
    out[15] = 1.0;
    out
}

/// A mirrored hand of `v` vertices, half a unit or so across, each of which
/// follows a bone, its parent and another one; and `n` points near the hand in
/// another pose.
pub fn inputs(v: usize, n: usize) -> Inputs {
    let mut rng = Rng::new(15);
    // The first of a finger's bones and the forearm sit on the wrist.
    let mut parents = vec![-1];
    for b in 1..BONES as i32 {
        parents.push(if b % 4 == 1 { 0 } else { b - 1 });
    }
    let mut base_relatives = vec![0.0; 16 * BONES];
    for bone in base_relatives.chunks_exact_mut(16) {
        let turn = angle_axis_to_rotation(&rng.uniform_vec(3, -0.4, 0.4));
        for i in 0..3 {
            bone[4 * i..4 * i + 3].copy_from_slice(&turn[3 * i..3 * i + 3]);
            bone[4 * i + 3] = rng.uniform(-0.05, 0.15);
        }
        bone[15] = 1.0;
    }
    let mut absolutes = vec![0.0; 16 * BONES];
    relatives_to_absolutes(&base_relatives, &parents, &mut absolutes);
    let inverses: Vec<f64> = absolutes.chunks_exact(16).flat_map(rigid_inverse).collect();

    let mut base_positions = vec![1.0; 4 * v];
    let mut weights = vec![0.0; BONES * v];
    for j in 0..v {
        let b = rng.index(BONES);
        let place = rng.normal_vec(3, 0.03);
        for i in 0..3 {
            let row = &absolutes[16 * b + 4 * i..16 * b + 4 * i + 4];
            let turned = row[0] * place[0] + row[1] * place[1] + row[2] * place[2];
            base_positions[i * v + j] = turned + row[3];
        }
        let share = rng.uniform(0.1, 0.4);
        weights[b * v + j] += 0.9 - share;
        weights[parents[b].max(0) as usize * v + j] += share;
        weights[rng.index(BONES) * v + j] += 0.1;
    }

    let correspondences: Vec<usize> = (0..n).map(|_| rng.index(v)).collect();
    let mut pose = || rng.uniform_vec(THETA, -0.3, 0.3);
    let (theta, other) = (pose(), pose());
    let mut points = vec![0.0; 3 * n];
    hand_residuals(
        &other,
        &parents,
        &base_relatives,
        &inverses,
        &base_positions,
        &weights,
        true,
        &correspondences,
        &vec![0.0; 3 * n],
        &mut points,
    );
    for p in &mut points {
        *p = 0.01 * rng.normal() - *p;
    }
    let corner = |_| rng.index(v);
    let triangles = (0..3 * v).map(corner).collect();
    Inputs {
        theta,
        us: rng.uniform_vec(2 * n, 0.0, 0.5),
        parents,
        base_relatives,
        inverses,
        base_positions,
        weights,
        mirrored: true,
        triangles,
        correspondences,
        points,
    }
}
