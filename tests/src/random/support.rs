//! One program and the points it is checked at; a part of every generated package.

use super::compare::{Verdict, compare, steady};
use super::rng::Rng;

pub use super::compare::{Flat, run};

/// Points every program is run at.
pub const POINTS: u64 = 5;

/// Arguments of a function, by kind, or their derivatives.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// Slices, shared and mutable.
    pub slices: Vec<Vec<f64>>,
    /// Floats by value.
    pub floats: Vec<f64>,
    /// Integers by value.
    pub ints: Vec<usize>,
    /// Booleans by value.
    pub bools: Vec<bool>,
}

/// A derivative in forward mode, at a point and in a direction.
pub type Forward = fn(&mut Point, &mut Point) -> Vec<f64>;
/// A derivative in reverse mode, at a point, with shadows and the seed.
pub type Reverse = fn(&mut Point, &mut Point, f64) -> Vec<f64>;

/// The functions the attribute generates.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Derivatives {
    pub forward: Forward,
    pub forward_with_primal: Forward,
    pub reverse: Reverse,
    pub reverse_with_primal: Reverse,
}

/// A program to check.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its number.
    pub number: usize,
    /// Chooses the points.
    pub points: usize,
    /// Length of each slice and whether it is mutable.
    pub slices: &'static [(usize, bool)],
    /// How many floats there are.
    pub floats: usize,
    /// The largest value of each integer.
    pub ints: &'static [usize],
    /// How many booleans there are.
    pub bools: usize,
    /// Whether the function returns a float.
    pub returns: bool,
    /// The function itself.
    pub plain: fn(&mut Point) -> Vec<f64>,
    /// Its derivatives; none in a check of the generator.
    pub derivatives: Option<Derivatives>,
}

impl Case {
    fn point(&self, rng: &mut Rng) -> Point {
        Point {
            slices: self.shadow(rng).slices,
            floats: self.shadow(rng).floats,
            ints: self.ints.iter().map(|max| rng.between(0, *max)).collect(),
            bools: (0..self.bools).map(|_| rng.chance(0.5)).collect(),
        }
    }

    pub(super) fn shadow(&self, rng: &mut Rng) -> Point {
        let mut floats = |len: usize| (0..len).map(|_| rng.signed(1.5)).collect::<Vec<f64>>();
        Point {
            slices: self.slices.iter().map(|(len, _)| floats(*len)).collect(),
            floats: floats(self.floats),
            ..Point::default()
        }
    }

    /// Everything the function leaves behind at a point.
    pub(super) fn outputs(&self, point: &Point) -> Vec<f64> {
        let mut point = point.clone();
        let mut all = (self.plain)(&mut point);
        all.extend(self.written(&point));
        all
    }

    /// The contents of the mutable slices.
    pub(super) fn written(&self, point: &Point) -> Vec<f64> {
        let written = self
            .slices
            .iter()
            .zip(&point.slices)
            .filter(|((_, mutable), _)| *mutable);
        written
            .flat_map(|(_, slice)| slice.iter().copied())
            .collect()
    }

    /// The gradients of shared slices and floats: what derivatives add onto.
    pub(super) fn read_only(&self, point: &Point) -> Vec<f64> {
        let read = self
            .slices
            .iter()
            .zip(&point.slices)
            .filter(|((_, mutable), _)| !*mutable);
        read.flat_map(|(_, slice)| slice.iter().copied()).collect()
    }

    /// The function along a line.
    fn along(&self, point: &Point, direction: &Point, h: f64) -> Vec<f64> {
        let mut moved = point.clone();
        for (slice, change) in moved.slices.iter_mut().zip(&direction.slices) {
            slice.iter_mut().zip(change).for_each(|(x, d)| *x += h * d);
        }
        moved
            .floats
            .iter_mut()
            .zip(&direction.floats)
            .for_each(|(x, d)| *x += h * d);
        self.outputs(&moved)
    }

    /// Checks the program; how many points were not smooth.
    pub fn check(&self) -> Result<u64, String> {
        let mut skipped = 0;
        for at in 0..POINTS {
            let mut rng = Rng::new(0x5eed, self.points as u64 * POINTS + at);
            let smooth = self
                .check_point(&mut rng)
                .map_err(|text| format!("point {at}: {text}"))?;
            skipped += u64::from(!smooth);
        }
        Ok(skipped)
    }

    fn check_point(&self, rng: &mut Rng) -> Result<bool, String> {
        let (point, direction) = (self.point(rng), self.shadow(rng));
        let expected = self.outputs(&point);
        if let Some(value) = expected
            .iter()
            .find(|value| value.is_nan() || value.abs() > 1e6)
        {
            return Err(format!("generator: the value {value:?} is out of bounds"));
        }
        let Some(derivatives) = &self.derivatives else {
            let steps = [1e-4, 1e-5].map(|h| self.difference(&point, &direction, h));
            return Ok(steady(&steps[0], &steps[1]));
        };
        let tangent = self.check_forward(derivatives, &point, &direction, &expected)?;
        let smooth = self.compare_all(&point, &direction, &tangent)?;
        self.check_reverse(derivatives, &point, &direction, &tangent, &expected, rng)?;
        Ok(smooth)
    }

    /// A central difference in every output.
    fn difference(&self, point: &Point, direction: &Point, h: f64) -> Vec<f64> {
        let (up, down) = (
            self.along(point, direction, h),
            self.along(point, direction, -h),
        );
        up.iter()
            .zip(&down)
            .map(|(a, b)| (a - b) / (2.0 * h))
            .collect()
    }

    /// Compares all tangents with differences; false if some output is not smooth.
    fn compare_all(
        &self,
        point: &Point,
        direction: &Point,
        tangent: &[f64],
    ) -> Result<bool, String> {
        let steps = [1e-4, 3e-5, 1e-5, 3e-6, 1e-6];
        let sizes = steps.map(|h| self.difference(point, direction, h));
        let sides = steps.map(|h| self.one_sided(point, direction, h));
        let mut smooth = true;
        for (at, tangent) in tangent.iter().enumerate() {
            let differences: Vec<f64> = sizes.iter().map(|size| size[at]).collect();
            let bends: Vec<f64> = sides.iter().map(|side| side[at]).collect();
            match compare(*tangent, &differences, &bends) {
                Verdict::Good => {}
                Verdict::Skip => smooth = false,
                Verdict::Bad(text) => return Err(format!("tangent of output {at}: {text}")),
            }
        }
        Ok(smooth)
    }

    /// By how much the slopes to the right and to the left differ.
    fn one_sided(&self, point: &Point, direction: &Point, h: f64) -> Vec<f64> {
        let (up, down) = (
            self.along(point, direction, h),
            self.along(point, direction, -h),
        );
        let here = self.outputs(point);
        let sides = up.iter().zip(&down).zip(&here);
        sides
            .map(|((up, down), here)| (up - 2.0 * here + down) / h)
            .collect()
    }
}

impl Point {
    /// All floats: slices, then scalars.
    pub(super) fn all(&self) -> Vec<f64> {
        self.slices
            .iter()
            .flatten()
            .chain(&self.floats)
            .copied()
            .collect()
    }
}
