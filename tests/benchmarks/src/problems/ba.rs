//! Bundle adjustment.

use super::{parts, parts_mut};
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::ba::{self, CAM, COLS, ba_jacobian_by_hand, ba_residuals};
use ad_tests::programs::ba::{reprojection, reprojection_gradient_by_hand, w_err};

/// The columns that dual numbers carry at once: the fastest of 3, 4, 5, 8 and 15.
const CHUNK: usize = 3;

/// The non-zero entries of the Jacobian: two rows of [`COLS`] for each observation, then
/// the derivatives of the weights' residuals.
pub struct Ba {
    data: ba::Inputs,
    residuals: Vec<f64>,
    /// By hand, too, every row is a gradient of its own.
    by_rows: bool,
}

impl Ba {
    /// `p` observations of `m` points by `n` cameras. By hand both rows of an observation
    /// share what they can, unless `by_rows`.
    #[must_use]
    pub fn new(n: usize, m: usize, p: usize, by_rows: bool) -> Ba {
        Ba {
            data: ba::inputs(n, m, p),
            residuals: vec![0.0; 3 * p],
            by_rows,
        }
    }

    fn observations(&self) -> usize {
        self.data.ws.len()
    }

    /// The cameras, points and weights among the arguments.
    fn arguments<'a>(&self, at: &'a [f64]) -> [&'a [f64]; 3] {
        let cameras = self.data.cams.len();
        parts(at, cameras, cameras + self.data.pts.len())
    }

    /// Fills the Jacobian by `block`, which fills two rows, and `weight`, the derivative
    /// of a weight's residual.
    fn blocks(
        &self,
        at: &[f64],
        d: &mut [f64],
        block: impl Fn(&Observed, &mut [f64]),
        weight: impl Fn(f64) -> f64,
    ) {
        let [cams, pts, ws] = self.arguments(at);
        let (obs, feats) = (&self.data.obs, &self.data.feats);
        let (blocks, d_weights) = d.split_at_mut(2 * COLS * self.observations());
        for (i, entries) in blocks.chunks_exact_mut(2 * COLS).enumerate() {
            let observed = Observed {
                cam: &cams[CAM * obs[2 * i]..][..CAM],
                x: &pts[3 * obs[2 * i + 1]..][..3],
                w: ws[i],
                feature: &feats[2 * i..2 * (i + 1)],
            };
            block(&observed, entries);
            d_weights[i] = weight(ws[i]);
        }
    }
}

/// Camera, point and weight of an observation, and where it sees the point.
struct Observed<'a> {
    cam: &'a [f64],
    x: &'a [f64],
    w: f64,
    feature: &'a [f64],
}

impl Observed<'_> {
    /// What a row of the Jacobian belongs to.
    fn arguments(&self) -> [f64; COLS] {
        let mut all = [self.w; COLS];
        all[..CAM].copy_from_slice(self.cam);
        all[CAM..CAM + 3].copy_from_slice(self.x);
        all
    }
}

/// Fills two rows by `row`, which takes the shadows of camera and point and the seeds of
/// the errors, and returns the derivative by the weight.
fn rows(block: &mut [f64], row: impl Fn(&mut [f64], &mut [f64], &mut [f64; 2]) -> f64) {
    for (e, entries) in block.chunks_exact_mut(COLS).enumerate() {
        let [d_cam, d_x, d_w] = parts_mut(entries, CAM, CAM + 3);
        let mut seed = [0.0; 2];
        seed[e] = 1.0;
        d_w[0] = row(d_cam, d_x, &mut seed);
    }
}

impl Problem for Ba {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.cams[..], &self.data.pts, &self.data.ws].concat()
    }

    fn entries(&self) -> usize {
        (2 * COLS + 1) * self.observations()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let [cams, pts, ws] = self.arguments(at);
        let (obs, feats) = (&self.data.obs, &self.data.feats);
        ba_residuals(cams, pts, ws, obs, feats, &mut self.residuals);
        self.residuals[0]
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let block = |o: &Observed, block: &mut [f64]| {
            rows(block, |d_cam, d_x, seed| {
                let err = &mut [0.0; 2];
                reprojection::reverse(o.cam, d_cam, o.x, d_x, o.w, o.feature, err, seed)
            });
        };
        self.blocks(at, d, block, |w| w_err::reverse(w, 1.0));
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let block = |o: &Observed, block: &mut [f64]| {
            rows(block, |d_cam, d_x, seed| {
                let err = &mut [0.0; 2];
                reprojection::reverse_with_primal(o.cam, d_cam, o.x, d_x, o.w, o.feature, err, seed)
            });
        };
        self.blocks(at, d, block, |w| w_err::reverse_with_primal(w, 1.0).1);
        0.0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        if self.by_rows {
            let block = |o: &Observed, block: &mut [f64]| {
                rows(block, |d_cam, d_x, seed| {
                    let err = &mut [0.0; 2];
                    let (cam, x, feature) = (o.cam, o.x, o.feature);
                    reprojection_gradient_by_hand(cam, d_cam, x, d_x, o.w, feature, err, seed)
                });
            };
            self.blocks(at, d, block, |w| -2.0 * w);
            return 0.0;
        }
        let [cams, pts, ws] = self.arguments(at);
        let (obs, feats) = (&self.data.obs, &self.data.feats);
        let (blocks, d_weights) = d.split_at_mut(2 * COLS * ws.len());
        ba_jacobian_by_hand(
            cams,
            pts,
            ws,
            obs,
            feats,
            &mut self.residuals,
            blocks,
            d_weights,
        );
        self.residuals[0]
    }

    fn peers(&self) -> &'static [Method] {
        if self.by_rows {
            return &[];
        }
        &[Method::NumDual, Method::Tape]
    }

    fn peer(&mut self, peer: Method, at: &[f64], d: &mut [f64]) {
        let block = |o: &Observed, block: &mut [f64]| {
            peers::either::<CHUNK>(peer, o, &o.arguments(), block);
        };
        self.blocks(at, d, block, |w| -2.0 * w);
    }
}

/// The reprojection error of camera, point and weight.
impl Function for Observed<'_> {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (cam, x, w) = (&v[..CAM], &v[CAM..CAM + 3], v[CAM + 3]);
        let moved: [S; 3] = std::array::from_fn(|i| x[i] - cam[3 + i]);
        let seen = rodrigues(&cam[..3], &moved);
        let p = [seen[0] / seen[2], seen[1] / seen[2]];
        let rsq = p[0] * p[0] + p[1] * p[1];
        let scale = cam[9] * rsq + cam[10] * rsq * rsq + 1.0;
        let error = |i: usize| w * (p[i] * scale * cam[6] + cam[7 + i] - self.feature[i]);
        [error(0), error(1)]
    }
}

/// `x` turned by the rotation vector `rot`.
fn rodrigues<S: Scalar>(rot: &[S], x: &[S; 3]) -> [S; 3] {
    let sqtheta = dot(rot, rot);
    if sqtheta.value() == 0.0 {
        let turned = cross(rot, x);
        return std::array::from_fn(|i| x[i] + turned[i]);
    }
    let theta = sqtheta.sqrt();
    let (sin, cos) = (theta.sin(), theta.cos());
    let axis: [S; 3] = std::array::from_fn(|i| rot[i] / theta);
    let turned = cross(&axis, x);
    let along = dot(&axis, x) * (-cos + 1.0);
    std::array::from_fn(|i| x[i] * cos + turned[i] * sin + axis[i] * along)
}

fn dot<S: Scalar>(a: &[S], b: &[S]) -> S {
    sum((0..3).map(|i| a[i] * b[i]))
}

fn cross<S: Scalar>(a: &[S], b: &[S]) -> [S; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}
