//! The derivatives of the hand's residuals by hand.
//!
//! They hold for rigid bones of which the last three of a finger are a chain with
//! no other bone behind it. Then every joint turns what lies behind it about an
//! axis through its centre, and a vertex moves by the cross product of the axis
//! with its lever. The global rotation and the mirror act on the wrist, before
//! the chains.

use super::{BONES, THETA};

type Vector = [f64; 3];

/// The columns of a transform's first three rows.
type Affine = [Vector; 4];

fn cross(a: &Vector, b: &Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// `s a + t b`.
fn mix(s: f64, a: &Vector, t: f64, b: &Vector) -> Vector {
    std::array::from_fn(|i| s * a[i] + t * b[i])
}

/// `a` before the transform `m[16]`.
fn times(a: &Affine, m: &[f64]) -> Affine {
    let mut out: Affine = std::array::from_fn(|j| {
        std::array::from_fn(|i| a[0][i] * m[j] + a[1][i] * m[4 + j] + a[2][i] * m[8 + j])
    });
    for i in 0..3 {
        out[3][i] += a[3][i];
    }
    out
}

/// The rotation by the vector `v[3]`, and the axes about which its coordinates
/// turn what is turned already.
fn global(v: &[f64]) -> ([Vector; 3], [Vector; 3]) {
    let unit = |k: usize| -> Vector { std::array::from_fn(|i| f64::from(u8::from(i == k))) };
    let theta = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    if theta < 0.0001 {
        return (std::array::from_fn(unit), [[0.0; 3]; 3]);
    }
    let (sin, cos) = theta.sin_cos();
    let axis = [v[0] / theta, v[1] / theta, v[2] / theta];
    let (level, swing) = (sin / theta, (1.0 - cos) / theta);
    let column = |k: usize, straight: f64, aside: f64| {
        let e = unit(k);
        let flat = mix(straight, &e, (1.0 - straight) * axis[k], &axis);
        mix(1.0, &flat, aside, &cross(&axis, &e))
    };
    (
        std::array::from_fn(|k| column(k, cos, sin)),
        std::array::from_fn(|k| column(k, level, swing)),
    )
}

/// The bones in a pose, turned and mirrored but not moved as a whole.
struct Posed {
    /// What takes a vertex at rest along with each bone.
    skins: [Affine; BONES],
    /// The axes of the global rotation.
    spins: [Vector; 3],
    /// The axes of the joints, in the order of the parameters.
    axes: [Vector; THETA - 6],
    /// The centres of the turning bones, three of each finger.
    centres: [[Vector; 3]; 5],
}

impl Posed {
    fn new(theta: &[f64], parents: &[i32], base: &[f64], inverses: &[f64], flip: bool) -> Posed {
        let (mut turn, spins) = global(&theta[..3]);
        let sign = if flip { -1.0 } else { 1.0 };
        turn[0] = turn[0].map(|x| sign * x);
        let root = [turn[0], turn[1], turn[2], [0.0; 3]];

        let mut bones = [[[0.0; 3]; 4]; BONES];
        let mut skins = bones;
        let mut axes = [[0.0; 3]; THETA - 6];
        let mut centres = [[[0.0; 3]; 3]; 5];
        for b in 0..BONES {
            let before = usize::try_from(parents[b]).map_or(root, |p| bones[p]);
            let mut bone = times(&before, &base[16 * b..16 * (b + 1)]);
            if (1..BONES - 1).contains(&b) && b % 4 != 1 {
                let (finger, joint) = ((b - 2) / 4, (b - 2) % 4);
                let at = 4 * finger + joint + usize::from(joint > 0);
                if joint == 0 {
                    let (sin, cos) = theta[6 + at + 1].sin_cos();
                    let [x, y, z, _] = bone;
                    bone[0] = mix(cos, &x, sin, &y);
                    bone[1] = mix(cos, &y, -sin, &x);
                    axes[at + 1] = z.map(|x| sign * x);
                }
                let (sin, cos) = theta[6 + at].sin_cos();
                let [x, y, z, centre] = bone;
                bone[1] = mix(cos, &y, sin, &z);
                bone[2] = mix(cos, &z, -sin, &y);
                axes[at] = x.map(|x| sign * x);
                centres[finger][joint] = centre;
            }
            bones[b] = bone;
            skins[b] = times(&bone, &inverses[16 * b..16 * (b + 1)]);
        }
        Posed {
            skins,
            spins,
            axes,
            centres,
        }
    }
}

/// The three rows of `x[3*v]`.
fn rows(x: &[f64]) -> [&[f64]; 3] {
    let v = x.len() / 3;
    [&x[..v], &x[v..2 * v], &x[2 * v..]]
}

fn rows_mut(x: &mut [f64]) -> [&mut [f64]; 3] {
    let (first, rest) = x.split_at_mut(x.len() / 3);
    let (second, third) = rest.split_at_mut(first.len());
    [first, second, third]
}

/// Adds to `onto[3*v]` the vertices `base[4*v]` under `skin`, weighted.
fn add_skin(skin: &Affine, base: &[f64], weights: &[f64], onto: &mut [f64]) {
    let v = weights.len();
    let [x, y, z] = rows(&base[..3 * v]);
    let [a, b, c] = rows_mut(onto);
    let [p, q, r, s] = skin;
    let (a, b, c) = (&mut a[..v], &mut b[..v], &mut c[..v]);
    for j in 0..v {
        let (x, y, z, w) = (x[j], y[j], z[j], weights[j]);
        a[j] += w * (p[0] * x + q[0] * y + r[0] * z + s[0]);
        b[j] += w * (p[1] * x + q[1] * y + r[1] * z + s[1]);
        c[j] += w * (p[2] * x + q[2] * y + r[2] * z + s[2]);
    }
}

/// Writes how the negative of `places[3*v]` moves with a turn about `axis`
/// through `centre`, of which a vertex follows `shares[v]`.
fn levers(places: &[f64], shares: &[f64], centre: &Vector, axis: &Vector, out: &mut [f64]) {
    let v = shares.len();
    let [x, y, z] = rows(places);
    let [a, b, c] = rows_mut(out);
    let (a, b, c) = (&mut a[..v], &mut b[..v], &mut c[..v]);
    let (x, y, z) = (&x[..v], &y[..v], &z[..v]);
    let shift = cross(centre, axis);
    for j in 0..v {
        let (x, y, z, w) = (x[j], y[j], z[j], shares[j]);
        a[j] = y * axis[2] - z * axis[1] - w * shift[0];
        b[j] = z * axis[0] - x * axis[2] - w * shift[1];
        c[j] = x * axis[1] - y * axis[0] - w * shift[2];
    }
}

/// The vertices `[3*v]` before the global translation, and how their negatives
/// move with the rotation and the joints: `[(3+20)*3*v]`.
fn tangents(posed: &Posed, base: &[f64], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let v = base.len() / 4;
    let weights = |b: usize| &weights[b * v..(b + 1) * v];
    let mut places = vec![0.0; 3 * v];
    let mut moves = vec![0.0; (THETA - 3) * 3 * v];
    let (spun, jointed) = moves.split_at_mut(9 * v);
    for b in [0, BONES - 1] {
        add_skin(&posed.skins[b], base, weights(b), &mut places);
    }
    let mut sums = vec![0.0; 3 * v];
    let mut shares = vec![0.0; v];
    for (finger, out) in jointed.chunks_exact_mut(12 * v).enumerate() {
        sums.fill(0.0);
        shares.fill(0.0);
        for joint in (0..3).rev() {
            let b = 4 * finger + 2 + joint;
            add_skin(&posed.skins[b], base, weights(b), &mut sums);
            for (share, w) in shares.iter_mut().zip(weights(b)) {
                *share += w;
            }
            let centre = &posed.centres[finger][joint];
            let first = if joint == 0 { 0 } else { joint + 1 };
            for k in first..joint + 2 {
                let out = &mut out[3 * v * k..3 * v * (k + 1)];
                levers(&sums, &shares, centre, &posed.axes[4 * finger + k], out);
            }
        }
        add_skin(
            &posed.skins[4 * finger + 1],
            base,
            weights(4 * finger + 1),
            &mut sums,
        );
        for (place, sum) in places.iter_mut().zip(&sums) {
            *place += sum;
        }
    }
    shares.fill(0.0);
    for (axis, out) in posed.spins.iter().zip(spun.chunks_exact_mut(3 * v)) {
        levers(&places, &shares, &[0.0; 3], axis, out);
    }
    (places, moves)
}

/// The vertices `[3*v]` before the global translation.
fn places(posed: &Posed, base: &[f64], weights: &[f64]) -> Vec<f64> {
    let v = base.len() / 4;
    let mut places = vec![0.0; 3 * v];
    for (skin, weights) in posed.skins.iter().zip(weights.chunks_exact(v)) {
        add_skin(skin, base, weights, &mut places);
    }
    places
}

/// The columns of the rotation and of the joints among the 26 of `theta`, and the
/// vertices' part of `moves` for each.
fn columns(moves: &[f64]) -> impl Iterator<Item = (usize, [&[f64]; 3])> {
    let parts = moves.chunks_exact(moves.len() / (THETA - 3));
    let of = |k| if k < 3 { k } else { k + 3 };
    parts.enumerate().map(move |(k, part)| (of(k), rows(part)))
}

/// Fills the three columns of the global translation.
fn translation(jac: &mut [f64], rows: usize) {
    for (k, column) in jac[3 * rows..6 * rows].chunks_exact_mut(rows).enumerate() {
        column.fill(0.0);
        for entry in column.iter_mut().skip(k).step_by(3) {
            *entry = -1.0;
        }
    }
}

/// The residuals of [`hand_residuals`](super::hand_residuals) in `out[3*n]` and
/// their Jacobian, column by column, in `jac[26*3*n]`.
///
/// The vertices' tangents are formed for all columns in one pass over the bones.
pub fn hand_jacobian_by_hand(
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
    jac: &mut [f64],
) {
    let posed = Posed::new(theta, parents, base_relatives, inverses, mirrored);
    let (places, moves) = tangents(&posed, base_positions, weights);
    let [x, y, z] = rows(&places);
    let (out, points) = (out.as_chunks_mut::<3>().0, points.as_chunks::<3>().0);
    for ((out, p), &j) in out.iter_mut().zip(points).zip(correspondences) {
        *out = [
            p[0] - (x[j] + theta[3]),
            p[1] - (y[j] + theta[4]),
            p[2] - (z[j] + theta[5]),
        ];
    }
    let n = 3 * correspondences.len();
    translation(jac, n);
    for (k, [x, y, z]) in columns(&moves) {
        let (column, _) = jac[k * n..(k + 1) * n].as_chunks_mut::<3>();
        for (entry, &j) in column.iter_mut().zip(correspondences) {
            *entry = [x[j], y[j], z[j]];
        }
    }
}

/// The residuals of
/// [`hand_residuals_complicated`](super::hand_residuals_complicated) in `out[3*n]`
/// and their Jacobian, column by column, in `jac[28*3*n]`: by the first and the
/// second of `us` that a residual depends on, then by `theta`.
pub fn hand_jacobian_complicated_by_hand(
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
    jac: &mut [f64],
) {
    let posed = Posed::new(theta, parents, base_relatives, inverses, mirrored);
    let (places, moves) = tangents(&posed, base_positions, weights);
    let (triangles, _) = triangles.as_chunks::<3>();
    let (us, _) = us.as_chunks::<2>();
    let n = 3 * correspondences.len();
    let (by_us, jac) = jac.split_at_mut(2 * n);
    let (by_u, by_w) = by_us.split_at_mut(n);
    let places = rows(&places);
    for (i, &t) in correspondences.iter().enumerate() {
        let ([a, b, c], [u, w]) = (triangles[t], us[i]);
        for (k, x) in places.iter().enumerate() {
            let (first, second) = (x[c] - x[a], x[c] - x[b]);
            by_u[3 * i + k] = first;
            by_w[3 * i + k] = second;
            out[3 * i + k] = points[3 * i + k] - (x[c] + theta[3 + k]) + u * first + w * second;
        }
    }
    translation(jac, n);
    for (k, moves) in columns(&moves) {
        let (column, _) = jac[k * n..(k + 1) * n].as_chunks_mut::<3>();
        for ((entry, &t), [u, w]) in column.iter_mut().zip(correspondences).zip(us) {
            let [a, b, c] = triangles[t];
            *entry = moves.map(|x| u * x[a] + w * x[b] + (1.0 - u - w) * x[c]);
        }
    }
}

/// The inner product of `a[v]`, `b[v]` and each of the three rows of `c[3*v]`,
/// and of `a` and `b`.
fn moments(a: &[f64], b: &[f64], c: [&[f64]; 3]) -> [f64; 4] {
    const LANES: usize = 4;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let split = c.map(|c| c.as_chunks::<LANES>());
    let mut sums = [[0.0; LANES]; 4];
    let [x, y, z] = split.map(|(c, _)| &c[..a.len()]);
    let b = &b[..a.len()];
    for i in 0..a.len() {
        for l in 0..LANES {
            let weighed = a[i][l] * b[i][l];
            sums[0][l] += weighed * x[i][l];
            sums[1][l] += weighed * y[i][l];
            sums[2][l] += weighed * z[i][l];
            sums[3][l] += weighed;
        }
    }
    for (i, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        for k in 0..3 {
            sums[k][0] += a * b * split[k].1[i];
        }
        sums[3][0] += a * b;
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// Adds to `d_theta[26]` what the vertices' adjoints `d_places[3*v]` give.
///
/// The force on a bone and the torque about the origin come from the moments of
/// the adjoints with the vertices at rest; a joint takes the torque of the bones
/// behind it, about its own centre, along its axis.
fn reverse(
    posed: &Posed,
    base: &[f64],
    weights: &[f64],
    places: &[f64],
    d_places: &[f64],
    d_theta: &mut [f64],
) {
    let v = base.len() / 4;
    let rest = rows(&base[..3 * v]);
    let d_rows = rows(d_places);
    for finger in 0..5 {
        let (mut torque, mut force) = ([0.0; 3], [0.0; 3]);
        for joint in (0..3).rev() {
            let b = 4 * finger + 2 + joint;
            let weights = &weights[b * v..(b + 1) * v];
            let by_row = d_rows.map(|d| moments(weights, d, rest));
            for (k, column) in posed.skins[b].iter().enumerate() {
                let moment = by_row.map(|row| row[k]);
                torque = mix(1.0, &torque, 1.0, &cross(column, &moment));
            }
            force = mix(1.0, &force, 1.0, &by_row.map(|row| row[3]));
            let about = cross(&posed.centres[finger][joint], &force);
            let own = mix(1.0, &torque, -1.0, &about);
            let first = if joint == 0 { 0 } else { joint + 1 };
            for k in first..joint + 2 {
                d_theta[6 + 4 * finger + k] += dot(&posed.axes[4 * finger + k], &own);
            }
        }
    }
    let [x, y, z] = rows(places);
    let [a, b, c] = d_rows;
    let (mut torque, mut force) = ([0.0; 3], [0.0; 3]);
    for j in 0..v {
        let (place, d) = ([x[j], y[j], z[j]], [a[j], b[j], c[j]]);
        torque = mix(1.0, &torque, 1.0, &cross(&place, &d));
        force = mix(1.0, &force, 1.0, &d);
    }
    for k in 0..3 {
        d_theta[k] += dot(&posed.spins[k], &torque);
        d_theta[3 + k] += force[k];
    }
}

/// The residuals of [`hand_residuals`](super::hand_residuals) in `out[3*n]`; adds
/// the gradient of `d_out . out` to `d_theta[26]`.
pub fn hand_gradient_by_hand(
    theta: &[f64],
    d_theta: &mut [f64],
    parents: &[i32],
    base_relatives: &[f64],
    inverses: &[f64],
    base_positions: &[f64],
    weights: &[f64],
    mirrored: bool,
    correspondences: &[usize],
    points: &[f64],
    out: &mut [f64],
    d_out: &[f64],
) {
    let v = base_positions.len() / 4;
    let posed = Posed::new(theta, parents, base_relatives, inverses, mirrored);
    let places = places(&posed, base_positions, weights);
    let mut d_places = vec![0.0; 3 * v];
    for (i, &j) in correspondences.iter().enumerate() {
        for k in 0..3 {
            out[3 * i + k] = points[3 * i + k] - (places[k * v + j] + theta[3 + k]);
            d_places[k * v + j] -= d_out[3 * i + k];
        }
    }
    reverse(&posed, base_positions, weights, &places, &d_places, d_theta);
}

/// The residuals of
/// [`hand_residuals_complicated`](super::hand_residuals_complicated) in
/// `out[3*n]`; adds the gradient of `d_out . out` to `d_theta[26]` and
/// `d_us[2*n]`.
pub fn hand_gradient_complicated_by_hand(
    theta: &[f64],
    d_theta: &mut [f64],
    us: &[f64],
    d_us: &mut [f64],
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
    d_out: &[f64],
) {
    let v = base_positions.len() / 4;
    let posed = Posed::new(theta, parents, base_relatives, inverses, mirrored);
    let places = places(&posed, base_positions, weights);
    let mut d_places = vec![0.0; 3 * v];
    for (i, &t) in correspondences.iter().enumerate() {
        let (a, b, c) = (triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]);
        let (u, w) = (us[2 * i], us[2 * i + 1]);
        for k in 0..3 {
            let x = &places[k * v..(k + 1) * v];
            let (first, second) = (x[c] - x[a], x[c] - x[b]);
            let d = d_out[3 * i + k];
            out[3 * i + k] = points[3 * i + k] - (x[c] + theta[3 + k]) + u * first + w * second;
            d_us[2 * i] += d * first;
            d_us[2 * i + 1] += d * second;
            let d_x = &mut d_places[k * v..(k + 1) * v];
            d_x[a] -= u * d;
            d_x[b] -= w * d;
            d_x[c] -= (1.0 - u - w) * d;
        }
    }
    reverse(&posed, base_positions, weights, &places, &d_places, d_theta);
}
