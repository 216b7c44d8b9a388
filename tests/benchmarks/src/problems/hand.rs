//! The pose of a hand.

use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::hand::{self, BONES, THETA};
use ad_tests::programs::hand::{hand_jacobian_by_hand, hand_jacobian_complicated_by_hand};
use ad_tests::programs::hand::{hand_residuals, hand_residuals_complicated};

/// Calls a function with the hand between its first and its last arguments.
macro_rules! with_hand {
    ($function:path, [$($first:expr),*], $data:expr, [$($last:expr),*]) => {
        $function(
            $($first,)*
            &$data.parents,
            &$data.base_relatives,
            &$data.inverses,
            &$data.base_positions,
            &$data.weights,
            $data.mirrored,
            $($last,)*
        )
    };
}

/// The Jacobian of the simple residuals by the pose, column by column.
pub struct Simple {
    data: hand::Inputs,
    residuals: Vec<f64>,
    direction: [f64; THETA],
}

impl Simple {
    /// `n` points near a hand of `v` vertices.
    #[must_use]
    pub fn new(v: usize, n: usize) -> Simple {
        Simple {
            data: hand::inputs(v, n),
            residuals: vec![0.0; 3 * n],
            direction: [0.0; THETA],
        }
    }

    /// Fills the columns by `forward`, which takes the data, the direction, room for the
    /// residuals and the column.
    fn columns(
        &mut self,
        d: &mut [f64],
        forward: impl Fn(&hand::Inputs, &[f64], &mut [f64], &mut [f64]),
    ) {
        for (k, column) in d.chunks_exact_mut(self.residuals.len()).enumerate() {
            self.direction[k] = 1.0;
            forward(&self.data, &self.direction, &mut self.residuals, column);
            self.direction[k] = 0.0;
        }
    }
}

impl Problem for Simple {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        self.data.theta.clone()
    }

    fn entries(&self) -> usize {
        THETA * self.residuals.len()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (data, out) = (&self.data, &mut self.residuals);
        let (near, points) = (&data.correspondences, &data.points);
        with_hand!(hand_residuals, [at], data, [near, points, out]);
        out[0]
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        self.columns(d, |data, along, out, column| {
            let (near, points) = (&data.correspondences, &data.points);
            with_hand!(
                hand_residuals::forward,
                [at, along],
                data,
                [near, points, out, column]
            );
        });
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        self.columns(d, |data, along, out, column| {
            let (near, points) = (&data.correspondences, &data.points);
            with_hand!(
                hand_residuals::forward_with_primal,
                [at, along],
                data,
                [near, points, out, column]
            );
        });
        self.residuals[0]
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let (data, out) = (&self.data, &mut self.residuals);
        let (near, points) = (&data.correspondences, &data.points);
        with_hand!(hand_jacobian_by_hand, [at], data, [near, points, out, d]);
        out[0]
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::NumDual]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        let rows = self.residuals.len();
        peers::num_dual::<CHUNK>(self, at, |row, column, x| d[rows * column + row] = x);
    }
}

impl Function for Simple {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let vertices = vertices(v, &self.data);
        let near = self.data.correspondences.iter();
        let places: Vec<[S; 3]> = near.map(|&vertex| vertices[vertex]).collect();
        residuals(&places, &self.data)
    }
}

/// The columns of the complicated residuals' Jacobian: one by each of the two places in
/// its triangle that a residual depends on, then those of the pose.
const COLUMNS: usize = 2 + THETA;

/// The Jacobian of the complicated residuals, column by column.
pub struct Complicated {
    data: hand::Inputs,
    residuals: Vec<f64>,
    along_theta: [f64; THETA],
    along_us: Vec<f64>,
}

impl Complicated {
    /// `n` points near a hand of `v` vertices.
    #[must_use]
    pub fn new(v: usize, n: usize) -> Complicated {
        Complicated {
            data: hand::inputs(v, n),
            residuals: vec![0.0; 3 * n],
            along_theta: [0.0; THETA],
            along_us: vec![0.0; 2 * n],
        }
    }

    /// Fills the columns by `forward`, which takes the data, the directions of the pose
    /// and of the places, room for the residuals and the column.
    fn columns(
        &mut self,
        d: &mut [f64],
        forward: impl Fn(&hand::Inputs, [&[f64]; 2], &mut [f64], &mut [f64]),
    ) {
        for (k, column) in d.chunks_exact_mut(self.residuals.len()).enumerate() {
            self.aim(k, 1.0);
            let along = [&self.along_theta[..], &self.along_us];
            forward(&self.data, along, &mut self.residuals, column);
            self.aim(k, 0.0);
        }
    }

    /// Makes column `k` the direction of the derivative, or no longer.
    fn aim(&mut self, k: usize, length: f64) {
        if k < 2 {
            self.along_us
                .iter_mut()
                .skip(k)
                .step_by(2)
                .for_each(|x| *x = length);
        } else {
            self.along_theta[k - 2] = length;
        }
    }
}

impl Problem for Complicated {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.theta[..], &self.data.us].concat()
    }

    fn entries(&self) -> usize {
        COLUMNS * self.residuals.len()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let ((theta, us), out) = (at.split_at(THETA), &mut self.residuals);
        let data = &self.data;
        let (mesh, near, points) = (&data.triangles, &data.correspondences, &data.points);
        let function = hand_residuals_complicated;
        with_hand!(function, [theta, us], data, [mesh, near, points, out]);
        out[0]
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let (theta, us) = at.split_at(THETA);
        self.columns(d, |data, [along_theta, along_us], out, column| {
            let (mesh, near, points) = (&data.triangles, &data.correspondences, &data.points);
            with_hand!(
                hand_residuals_complicated::forward,
                [theta, along_theta, us, along_us],
                data,
                [mesh, near, points, out, column]
            );
        });
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let (theta, us) = at.split_at(THETA);
        self.columns(d, |data, [along_theta, along_us], out, column| {
            let (mesh, near, points) = (&data.triangles, &data.correspondences, &data.points);
            with_hand!(
                hand_residuals_complicated::forward_with_primal,
                [theta, along_theta, us, along_us],
                data,
                [mesh, near, points, out, column]
            );
        });
        self.residuals[0]
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ((theta, us), out) = (at.split_at(THETA), &mut self.residuals);
        let data = &self.data;
        let (mesh, near, points) = (&data.triangles, &data.correspondences, &data.points);
        let function = hand_jacobian_complicated_by_hand;
        with_hand!(function, [theta, us], data, [mesh, near, points, out, d]);
        out[0]
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::NumDual]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        let (rows, mut v) = (self.residuals.len(), vec![0.0; 2]);
        v.extend(&at[..THETA]);
        peers::num_dual::<CHUNK>(self, &v, |row, column, x| d[rows * column + row] = x);
    }
}

impl Function for Complicated {
    /// Of what all places are moved by in their triangles, and of the pose.
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (vertices, data) = (vertices(&v[2..], &self.data), &self.data);
        let (triangles, us) = (
            data.triangles.as_chunks::<3>().0,
            data.us.as_chunks::<2>().0,
        );
        let place = |(&triangle, at): (&usize, &[f64; 2])| -> [S; 3] {
            let corners = triangles[triangle].map(|vertex| vertices[vertex]);
            let (u, w) = (v[0] + at[0], v[1] + at[1]);
            let rest = -(u + w) + 1.0;
            std::array::from_fn(|k| u * corners[0][k] + w * corners[1][k] + rest * corners[2][k])
        };
        let places: Vec<[S; 3]> = data.correspondences.iter().zip(us).map(place).collect();
        residuals(&places, data)
    }
}

/// The columns that dual numbers carry at once: the fastest of those tried up to 28.
const CHUNK: usize = 7;

/// The points against places on the hand.
fn residuals<S: Scalar>(places: &[[S; 3]], data: &hand::Inputs) -> Vec<S> {
    let places = places.iter().flatten();
    let both = data.points.iter().zip(places);
    both.map(|(&point, &place)| -place + point).collect()
}

/// The upper three rows of a transform.
type Affine<S> = [[S; 4]; 3];

/// The vertices of the hand in the pose `theta`.
fn vertices<S: Scalar>(theta: &[S], data: &hand::Inputs) -> Vec<[S; 3]> {
    let (v, zero) = (data.base_positions.len() / 4, theta[0].constant(0.0));
    let mut absolutes: Vec<Affine<S>> = Vec::with_capacity(BONES);
    let mut vertices = vec![[zero; 3]; v];
    for bone in 0..BONES {
        let local = local(theta, bone, &data.base_relatives[16 * bone..]);
        absolutes.push(match usize::try_from(data.parents[bone]) {
            Ok(parent) => times(&absolutes[parent], &local),
            Err(_) => local,
        });
        let inverse = constant(zero, &data.inverses[16 * bone..]);
        let skin = times(&absolutes[bone], &inverse);
        let weights = &data.weights[bone * v..(bone + 1) * v];
        for (j, (vertex, &weight)) in vertices.iter_mut().zip(weights).enumerate() {
            for (x, row) in vertex.iter_mut().zip(&skin) {
                let moved = sum((0..4).map(|k| row[k] * data.base_positions[k * v + j]));
                *x = *x + moved * weight;
            }
        }
    }
    let turn = global(theta);
    let place = |x: &[S; 3]| placed(&turn, x, theta, data.mirrored);
    vertices.iter().map(place).collect()
}

/// A vertex after the mirror, the global rotation and the translation.
fn placed<S: Scalar>(turn: &[[S; 3]; 3], x: &[S; 3], theta: &[S], mirrored: bool) -> [S; 3] {
    let x = if mirrored { [-x[0], x[1], x[2]] } else { *x };
    std::array::from_fn(|i| sum((0..3).map(|k| turn[i][k] * x[k])) + theta[3 + i])
}

/// A bone's transform against its parent.
fn local<S: Scalar>(theta: &[S], bone: usize, base: &[f64]) -> Affine<S> {
    let base = constant(theta[0], base);
    if !(2..21).contains(&bone) || bone % 4 == 1 {
        return base;
    }
    let first = 6 + 4 * ((bone - 2) / 4);
    match bone % 4 {
        2 => turned(&turned(&base, 2, theta[first + 1]), 0, theta[first]),
        3 => turned(&base, 0, theta[first + 2]),
        _ => turned(&base, 0, theta[first + 3]),
    }
}

/// A transform after a turn about a coordinate axis.
fn turned<S: Scalar>(m: &Affine<S>, axis: usize, angle: S) -> Affine<S> {
    let (sin, cos) = (angle.sin(), angle.cos());
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    m.map(|row| {
        let mut out = row;
        out[i] = row[i] * cos + row[j] * sin;
        out[j] = row[j] * cos - row[i] * sin;
        out
    })
}

/// The transform `m[16]`, beside `near`.
fn constant<S: Scalar>(near: S, m: &[f64]) -> Affine<S> {
    std::array::from_fn(|i| std::array::from_fn(|j| near.constant(m[4 * i + j])))
}

/// The transform `b`, then `a`.
fn times<S: Scalar>(a: &Affine<S>, b: &Affine<S>) -> Affine<S> {
    let entry = |i: usize, j: usize| {
        let linear = sum((0..3).map(|k| a[i][k] * b[k][j]));
        if j == 3 { linear + a[i][3] } else { linear }
    };
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

/// The rotation by the vector that begins `theta`.
fn global<S: Scalar>(theta: &[S]) -> [[S; 3]; 3] {
    let norm = sum((0..3).map(|i| theta[i] * theta[i])).sqrt();
    let axis: [S; 3] = std::array::from_fn(|i| theta[i] / norm);
    let (sin, cos) = (norm.sin(), norm.cos());
    let entry = |i: usize, j: usize| {
        let along = axis[i] * axis[j] * (-cos + 1.0);
        match (3 + j - i) % 3 {
            0 => along + cos,
            1 => along - axis[3 - i - j] * sin,
            _ => along + axis[3 - i - j] * sin,
        }
    };
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}
