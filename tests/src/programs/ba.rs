//! Bundle adjustment residuals, as in ADBench.
//!
//! A camera is eleven numbers: the rotation vector, the centre, the focal
//! length, the principal point and two radial distortion coefficients.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The number of parameters of a camera.
pub const CAM: usize = 11;

/// The columns of an observation's Jacobian: camera, point `[3]`, weight.
pub const COLS: usize = CAM + 4;

/// The cross product of `a[3]` and `b[3]`.
#[autodiff]
pub fn cross(a: &[f64], b: &[f64]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// The inner product of `a[3]` and `b[3]`.
#[autodiff]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// `x[3]` turned by the rotation vector `rot[3]`; first order at zero.
#[autodiff]
pub fn rodrigues(rot: &[f64], x: &[f64]) -> [f64; 3] {
    let sqtheta = dot(rot, rot);
    let mut out = [0.0; 3];
    if sqtheta != 0.0 {
        let theta = sqtheta.sqrt();
        let cos = theta.cos();
        let sin = theta.sin();
        let axis = [rot[0] / theta, rot[1] / theta, rot[2] / theta];
        let turned = cross(&axis, x);
        let along = dot(&axis, x) * (1.0 - cos);
        for i in 0..3 {
            out[i] = x[i] * cos + turned[i] * sin + axis[i] * along;
        }
    } else {
        let turned = cross(rot, x);
        for i in 0..3 {
            out[i] = x[i] + turned[i];
        }
    }
    out
}

/// Scales `p[2]` by the radial distortion with coefficients `k[2]`.
#[autodiff]
pub fn distort(k: &[f64], p: &mut [f64]) {
    let rsq = p[0] * p[0] + p[1] * p[1];
    let scale = 1.0 + k[0] * rsq + k[1] * rsq * rsq;
    p[0] *= scale;
    p[1] *= scale;
}

/// The weighted reprojection error `err[2]` of the point `x[3]` seen by
/// `cam[11]` at `feat[2]`.
#[autodiff(Forward, Const, Duplicated, Duplicated, Duplicated, Const, Duplicated)]
#[autodiff(Reverse, Const, Duplicated, Duplicated, Active, Const, Duplicated)]
pub fn reprojection(cam: &[f64], x: &[f64], w: f64, feat: &[f64], err: &mut [f64]) {
    let centre = &cam[3..6];
    let moved = [x[0] - centre[0], x[1] - centre[1], x[2] - centre[2]];
    let seen = rodrigues(&cam[0..3], &moved);
    let mut p = [seen[0] / seen[2], seen[1] / seen[2]];
    distort(&cam[9..11], &mut p);
    for i in 0..2 {
        err[i] = w * (p[i] * cam[6] + cam[7 + i] - feat[i]);
    }
}

/// The residual that pulls a weight towards one.
#[autodiff]
pub fn w_err(w: f64) -> f64 {
    1.0 - w * w
}

/// All residuals: `cams[n*11]`, `pts[m*3]`, `ws[p]`, `obs[2*p]` (camera and
/// point of each observation), `feats[2*p]`; `out[3*p]` takes the `2*p`
/// reprojection errors, then the `p` weight residuals.
#[autodiff(
    Forward, Const, Duplicated, Duplicated, Duplicated, Const, Const, Duplicated
)]
#[autodiff(
    Reverse, Const, Duplicated, Duplicated, Duplicated, Const, Const, Duplicated
)]
pub fn ba_residuals(
    cams: &[f64],
    pts: &[f64],
    ws: &[f64],
    obs: &[usize],
    feats: &[f64],
    out: &mut [f64],
) {
    let p = ws.len();
    let (errs, w_errs) = out.split_at_mut(2 * p);
    for i in 0..p {
        let c = obs[2 * i];
        let x = obs[2 * i + 1];
        reprojection(
            &cams[c * CAM..(c + 1) * CAM],
            &pts[x * 3..(x + 1) * 3],
            ws[i],
            &feats[2 * i..2 * (i + 1)],
            &mut errs[2 * i..2 * (i + 1)],
        );
    }
    for i in 0..p {
        w_errs[i] = w_err(ws[i]);
    }
}

/// A rotation vector taken apart: the axis, the angle's sine and cosine, and
/// their quotients `sin / angle` and `(1 - cos) / angle`, continued to angle zero.
type Turn = ([f64; 3], [f64; 2], [f64; 2]);

#[inline(always)]
fn turn(rot: &[f64; 3]) -> Turn {
    let theta = dot(rot, rot).sqrt();
    if theta == 0.0 {
        return ([0.0; 3], [0.0, 1.0], [1.0, 0.0]);
    }
    let (sin, cos) = theta.sin_cos();
    let inverse = 1.0 / theta;
    (
        [rot[0] * inverse, rot[1] * inverse, rot[2] * inverse],
        [sin, cos],
        [sin * inverse, (1.0 - cos) * inverse],
    )
}

/// `x` turned about `axis` by the angle of this sine and cosine.
#[inline(always)]
fn rotate(axis: &[f64; 3], sin: f64, cos: f64, x: &[f64; 3]) -> [f64; 3] {
    let turned = cross(axis, x);
    let along = dot(axis, x) * (1.0 - cos);
    [
        x[0] * cos + turned[0] * sin + axis[0] * along,
        x[1] * cos + turned[1] * sin + axis[1] * along,
        x[2] * cos + turned[2] * sin + axis[2] * along,
    ]
}

/// The adjoints of the rotation vector and of the point for the adjoint `a` of
/// the turned point `seen`: a change `r` of the rotation vector moves `seen` by
/// `(J r) x seen`, with `J` the left Jacobian of the rotation group.
#[inline(always)]
fn rotate_reverse(turn: &Turn, seen: &[f64; 3], a: &[f64; 3]) -> ([f64; 3], [f64; 3]) {
    let (axis, [sin, cos], [level, swing]) = turn;
    let lever = cross(seen, a);
    let along = dot(axis, &lever) * (1.0 - level);
    let back = cross(&lever, axis);
    let d_rot = [
        level * lever[0] + along * axis[0] + swing * back[0],
        level * lever[1] + along * axis[1] + swing * back[1],
        level * lever[2] + along * axis[2] + swing * back[2],
    ];
    (d_rot, rotate(axis, -sin, *cos, a))
}

/// What both derivatives of an observation need: the rotation, the point seen
/// from the camera, its perspective image, the inverse depth, the squared
/// radius, and the distortion's scale and slope by each coordinate's half square.
type Seen = (Turn, [f64; 3], [f64; 2], f64, f64, f64, f64);

#[inline(always)]
fn see(cam: &[f64; CAM], x: &[f64; 3]) -> Seen {
    let turn = turn(&[cam[0], cam[1], cam[2]]);
    let moved = [x[0] - cam[3], x[1] - cam[4], x[2] - cam[5]];
    let (axis, [sin, cos], _) = &turn;
    let seen = rotate(axis, *sin, *cos, &moved);
    let inverse = 1.0 / seen[2];
    let p = [seen[0] * inverse, seen[1] * inverse];
    let rsq = p[0] * p[0] + p[1] * p[1];
    let scale = 1.0 + cam[9] * rsq + cam[10] * rsq * rsq;
    let slope = 2.0 * (cam[9] + 2.0 * cam[10] * rsq);
    (turn, seen, p, inverse, rsq, scale, slope)
}

/// The adjoint of the point seen for the adjoint `d_p` of its perspective image.
#[inline(always)]
fn project_reverse(p: &[f64; 2], inverse: f64, d_p: &[f64; 2]) -> [f64; 3] {
    [
        d_p[0] * inverse,
        d_p[1] * inverse,
        -(d_p[0] * p[0] + d_p[1] * p[1]) * inverse,
    ]
}

/// The leading `N` elements of `x` as an array.
#[inline(always)]
fn array<const N: usize>(x: &[f64]) -> &[f64; N] {
    x.first_chunk().expect("a long enough slice")
}

/// The error of [`reprojection`] in `err[2]`; adds its Jacobian to
/// `jac[2*15]`, two rows of camera, point and weight columns.
pub fn reprojection_jacobian_by_hand(
    cam: &[f64],
    x: &[f64],
    w: f64,
    feat: &[f64],
    err: &mut [f64],
    jac: &mut [f64],
) {
    let cam = array::<CAM>(cam);
    let (turn, seen, p, inverse, rsq, scale, slope) = see(cam, array(x));
    let wf = w * cam[6];
    let (rows, _) = jac.as_chunks_mut::<COLS>();
    for e in 0..2 {
        let row = &mut rows[e];
        let bare = p[e] * scale * cam[6] + cam[7 + e] - feat[e];
        err[e] = w * bare;

        let wfp = wf * p[e];
        let mut d_p = [wfp * slope * p[0], wfp * slope * p[1]];
        d_p[e] += wf * scale;
        let a = project_reverse(&p, inverse, &d_p);
        let (d_rot, d_x) = rotate_reverse(&turn, &seen, &a);
        for i in 0..3 {
            row[i] += d_rot[i];
            row[3 + i] -= d_x[i];
            row[CAM + i] += d_x[i];
        }
        row[6] += w * p[e] * scale;
        row[7 + e] += w;
        row[9] += wfp * rsq;
        row[10] += wfp * rsq * rsq;
        row[CAM + 3] += bare;
    }
}

/// The residuals of [`ba_residuals`] in `out[3*p]`; adds the Jacobian's
/// non-zero blocks to `jac[p*2*15]` and the weight residuals' diagonal to
/// `d_w_err[p]`.
pub fn ba_jacobian_by_hand(
    cams: &[f64],
    pts: &[f64],
    ws: &[f64],
    obs: &[usize],
    feats: &[f64],
    out: &mut [f64],
    jac: &mut [f64],
    d_w_err: &mut [f64],
) {
    let p = ws.len();
    let (errs, w_errs) = out.split_at_mut(2 * p);
    for i in 0..p {
        let (c, x) = (obs[2 * i], obs[2 * i + 1]);
        reprojection_jacobian_by_hand(
            &cams[c * CAM..(c + 1) * CAM],
            &pts[x * 3..(x + 1) * 3],
            ws[i],
            &feats[2 * i..2 * (i + 1)],
            &mut errs[2 * i..2 * (i + 1)],
            &mut jac[2 * COLS * i..2 * COLS * (i + 1)],
        );
        w_errs[i] = w_err(ws[i]);
        d_w_err[i] -= 2.0 * ws[i];
    }
}

/// The error of [`reprojection`] in `err[2]`; adds the gradient of
/// `d_err . err` to `d_cam[11]` and `d_x[3]`, and returns that of `w`.
pub fn reprojection_gradient_by_hand(
    cam: &[f64],
    d_cam: &mut [f64],
    x: &[f64],
    d_x: &mut [f64],
    w: f64,
    feat: &[f64],
    err: &mut [f64],
    d_err: &[f64],
) -> f64 {
    let cam = array::<CAM>(cam);
    let d_cam: &mut [f64; CAM] = d_cam.first_chunk_mut().expect("a camera");
    let (turn, seen, p, inverse, rsq, scale, slope) = see(cam, array(x));
    let bare = [
        p[0] * scale * cam[6] + cam[7] - feat[0],
        p[1] * scale * cam[6] + cam[8] - feat[1],
    ];
    err[0] = w * bare[0];
    err[1] = w * bare[1];

    let g = [w * d_err[0], w * d_err[1]];
    let along = g[0] * p[0] + g[1] * p[1];
    let d_scale = along * cam[6];
    let (radial, direct) = (d_scale * slope, scale * cam[6]);
    let d_p = [radial * p[0] + direct * g[0], radial * p[1] + direct * g[1]];
    let a = project_reverse(&p, inverse, &d_p);
    let (d_rot, d_moved) = rotate_reverse(&turn, &seen, &a);
    for i in 0..3 {
        d_cam[i] += d_rot[i];
        d_cam[3 + i] -= d_moved[i];
        d_x[i] += d_moved[i];
    }
    d_cam[6] += along * scale;
    d_cam[7] += g[0];
    d_cam[8] += g[1];
    d_cam[9] += d_scale * rsq;
    d_cam[10] += d_scale * rsq * rsq;
    d_err[0] * bare[0] + d_err[1] * bare[1]
}

/// The residuals of [`ba_residuals`] in `out[3*p]`; adds the gradient of
/// `d_out . out` to `d_cams[n*11]`, `d_pts[m*3]` and `d_ws[p]`.
pub fn ba_gradient_by_hand(
    cams: &[f64],
    d_cams: &mut [f64],
    pts: &[f64],
    d_pts: &mut [f64],
    ws: &[f64],
    d_ws: &mut [f64],
    obs: &[usize],
    feats: &[f64],
    out: &mut [f64],
    d_out: &[f64],
) {
    let p = ws.len();
    let (errs, w_errs) = out.split_at_mut(2 * p);
    for i in 0..p {
        let (c, x) = (obs[2 * i], obs[2 * i + 1]);
        let d_w = reprojection_gradient_by_hand(
            &cams[c * CAM..(c + 1) * CAM],
            &mut d_cams[c * CAM..(c + 1) * CAM],
            &pts[x * 3..(x + 1) * 3],
            &mut d_pts[x * 3..(x + 1) * 3],
            ws[i],
            &feats[2 * i..2 * (i + 1)],
            &mut errs[2 * i..2 * (i + 1)],
            &d_out[2 * i..2 * (i + 1)],
        );
        w_errs[i] = w_err(ws[i]);
        d_ws[i] += d_w - 2.0 * ws[i] * d_out[2 * p + i];
    }
}

/// A problem for [`ba_residuals`].
pub struct Inputs {
    /// Cameras, `[n*11]`.
    pub cams: Vec<f64>,
    /// Points, `[m*3]`.
    pub pts: Vec<f64>,
    /// Weights, `[p]`.
    pub ws: Vec<f64>,
    /// Camera and point of each observation, `[2*p]`.
    pub obs: Vec<usize>,
    /// Observed image positions, `[2*p]`.
    pub feats: Vec<f64>,
}

/// `n` cameras some ten units before `m` points, and `p` noisy observations of
/// them. The first camera is not turned.
pub fn inputs(n: usize, m: usize, p: usize) -> Inputs {
    let mut rng = Rng::new(3);
    let mut cams = Vec::with_capacity(n * CAM);
    for c in 0..n {
        let tilt = if c == 0 { 0.0 } else { 0.2 };
        cams.extend(rng.normal_vec(3, tilt));
        cams.extend(rng.uniform_vec(2, -0.5, 0.5));
        cams.extend([-10.0, 500.0, 320.0, 240.0]);
        cams.extend([rng.uniform(-0.1, 0.1), rng.uniform(-0.01, 0.01)]);
    }
    let pts = rng.uniform_vec(m * 3, -2.0, 2.0);
    let ws = rng.uniform_vec(p, 0.5, 1.5);
    let mut obs = Vec::with_capacity(2 * p);
    let mut feats = Vec::with_capacity(2 * p);
    for i in 0..p {
        let (c, x) = (i % n, rng.index(m));
        let mut seen = [0.0; 2];
        let (cam, point) = (&cams[c * CAM..(c + 1) * CAM], &pts[x * 3..(x + 1) * 3]);
        reprojection(cam, point, 1.0, &[0.0, 0.0], &mut seen);
        obs.extend([c, x]);
        feats.extend([seen[0] + 2.0 * rng.normal(), seen[1] + 2.0 * rng.normal()]);
    }
    Inputs {
        cams,
        pts,
        ws,
        obs,
        feats,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn cross_dual<D: Num>(a: &[D], b: &[D]) -> [D; 3] {
        std::array::from_fn(|i| {
            let (j, k) = ((i + 1) % 3, (i + 2) % 3);
            a[j] * b[k] - a[k] * b[j]
        })
    }

    fn reprojection_dual<D: Num>(cam: &[D], x: &[D], w: D, feat: &[f64]) -> [D; 2] {
        let dot = |a: &[D], b: &[D]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let rot = &cam[..3];
        let moved: [D; 3] = std::array::from_fn(|i| x[i] - cam[3 + i]);
        let sqtheta = dot(rot, rot);
        let seen: [D; 3] = if sqtheta.re() != 0.0 {
            let theta = sqtheta.sqrt();
            let axis: [D; 3] = std::array::from_fn(|i| rot[i] / theta);
            let turned = cross_dual(&axis, &moved);
            let along = dot(&axis, &moved) * (-theta.cos() + 1.0);
            std::array::from_fn(|i| {
                moved[i] * theta.cos() + turned[i] * theta.sin() + axis[i] * along
            })
        } else {
            let turned = cross_dual(rot, &moved);
            std::array::from_fn(|i| moved[i] + turned[i])
        };
        let p = [seen[0] / seen[2], seen[1] / seen[2]];
        let rsq = p[0] * p[0] + p[1] * p[1];
        let scale = cam[9] * rsq + cam[10] * rsq * rsq + 1.0;
        std::array::from_fn(|i| w * (p[i] * scale * cam[6] + cam[7 + i] - feat[i]))
    }

    #[test]
    fn jacobian() {
        for turned in [false, true] {
            let data = inputs(2, 3, 2);
            let obs = usize::from(turned);
            let (x, feat) = (data.obs[2 * obs + 1], &data.feats[2 * obs..][..2]);
            let at = [
                &data.cams[obs * CAM..(obs + 1) * CAM],
                &data.pts[x * 3..][..3],
                &[data.ws[obs]],
            ]
            .concat();
            assert_eq!(at[0] != 0.0, turned);
            for e in 0..2 {
                check::gradient(
                    &at,
                    &|v| {
                        let mut err = [0.0; 2];
                        reprojection(&v[..CAM], &v[CAM..14], v[14], feat, &mut err);
                        err[e]
                    },
                    &|v| reprojection_dual(&v[..CAM], &v[CAM..14], v[14], feat)[e],
                    &|v, g| {
                        let (mut err, mut jac) = ([0.0; 2], [0.0; 2 * COLS]);
                        jac[e * COLS..(e + 1) * COLS].copy_from_slice(g);
                        let (cam, x) = (&v[..CAM], &v[CAM..14]);
                        reprojection_jacobian_by_hand(cam, x, v[14], feat, &mut err, &mut jac);
                        g.copy_from_slice(&jac[e * COLS..(e + 1) * COLS]);
                        err[e]
                    },
                );
            }
        }
    }

    fn weighted_dual<D: Num>(data: &Inputs, v: &[D], d_out: &[f64]) -> D {
        let (c, p) = (data.cams.len(), data.ws.len());
        let (cams, rest) = v.split_at(c);
        let (pts, ws) = rest.split_at(data.pts.len());
        let mut sum = D::from(0.0);
        for i in 0..p {
            let (c, x) = (data.obs[2 * i], data.obs[2 * i + 1]);
            let cam = &cams[c * CAM..(c + 1) * CAM];
            let err = reprojection_dual(cam, &pts[3 * x..], ws[i], &data.feats[2 * i..]);
            sum += err[0] * d_out[2 * i] + err[1] * d_out[2 * i + 1];
            sum += (-ws[i] * ws[i] + 1.0) * d_out[2 * p + i];
        }
        sum
    }

    #[test]
    fn gradient_and_all_blocks() {
        let data = inputs(3, 5, 14);
        let (p, obs, feats) = (data.ws.len(), &data.obs, &data.feats);
        let d_out = Rng::new(4).uniform_vec(3 * p, -1.0, 1.0);
        let weigh = |out: &[f64]| (0..3 * p).map(|i| out[i] * d_out[i]).sum::<f64>();
        let (a, b) = (data.cams.len(), data.cams.len() + data.pts.len());
        let at = [&data.cams[..], &data.pts, &data.ws].concat();
        check::gradient(
            &at,
            &|v| {
                let mut out = vec![0.0; 3 * p];
                ba_residuals(&v[..a], &v[a..b], &v[b..], obs, feats, &mut out);
                weigh(&out)
            },
            &|v| weighted_dual(&data, v, &d_out),
            &|v, g| {
                let mut out = vec![0.0; 3 * p];
                let (gc, rest) = g.split_at_mut(a);
                let (gp, gw) = rest.split_at_mut(b - a);
                let (vc, vp, vw) = (&v[..a], &v[a..b], &v[b..]);
                ba_gradient_by_hand(vc, gc, vp, gp, vw, gw, obs, feats, &mut out, &d_out);
                weigh(&out)
            },
        );
        check::gradient(
            &at,
            &|v| {
                let mut out = vec![0.0; 3 * p];
                ba_residuals(&v[..a], &v[a..b], &v[b..], obs, feats, &mut out);
                weigh(&out)
            },
            &|v| weighted_dual(&data, v, &d_out),
            &|v, g| {
                let mut out = vec![0.0; 3 * p];
                let (mut jac, mut diag) = (vec![0.0; 2 * COLS * p], vec![0.0; p]);
                let (vc, vp, vw) = (&v[..a], &v[a..b], &v[b..]);
                ba_jacobian_by_hand(vc, vp, vw, obs, feats, &mut out, &mut jac, &mut diag);
                for (r, row) in jac.chunks_exact(COLS).enumerate() {
                    let (c, x) = (obs[r / 2 * 2], obs[r / 2 * 2 + 1]);
                    for i in 0..CAM {
                        g[c * CAM + i] += d_out[r] * row[i];
                    }
                    for i in 0..3 {
                        g[a + 3 * x + i] += d_out[r] * row[CAM + i];
                    }
                    g[b + r / 2] += d_out[r] * row[CAM + 3];
                }
                for i in 0..p {
                    g[b + i] += d_out[2 * p + i] * diag[i];
                }
                weigh(&out)
            },
        );
    }
}
