//! Checks of the derivatives at one point; a part of every generated package.

use super::compare::{added, dot, same_bits};
use super::rng::Rng;
use super::support::{Case, Derivatives, Point};

impl Case {
    /// Runs forward mode; the tangents of all outputs.
    pub(super) fn check_forward(
        &self,
        derivatives: &Derivatives,
        point: &Point,
        direction: &Point,
        expected: &[f64],
    ) -> Result<Vec<f64>, String> {
        let (mut p, mut d) = (point.clone(), direction.clone());
        let mut both = (derivatives.forward_with_primal)(&mut p, &mut d);
        let mut primal: Vec<f64> = if self.returns {
            vec![both.remove(0)]
        } else {
            Vec::new()
        };
        primal.extend(self.written(&p));
        same_bits("primal of forward_with_primal", &primal, expected)?;
        both.extend(self.written(&d));
        let (mut p, mut d) = (point.clone(), direction.clone());
        let mut tangent = (derivatives.forward)(&mut p, &mut d);
        same_bits(
            "arguments after forward",
            &self.written(&p),
            &expected[tangent.len()..],
        )?;
        tangent.extend(self.written(&d));
        same_bits("forward and forward_with_primal", &tangent, &both)?;
        same_bits(
            "shadows only read by forward",
            &self.read_only(&d),
            &self.read_only(direction),
        )?;
        Ok(tangent)
    }

    pub(super) fn check_reverse(
        &self,
        derivatives: &Derivatives,
        point: &Point,
        direction: &Point,
        tangent: &[f64],
        expected: &[f64],
        rng: &mut Rng,
    ) -> Result<(), String> {
        let seed = rng.signed(1.5);
        let start = self.shadow(rng);
        let mut zeroed = start.clone();
        for ((_, mutable), slice) in self.slices.iter().zip(&mut zeroed.slices) {
            if !mutable {
                slice.fill(0.0);
            }
        }
        let gradient = self.reverse(derivatives, point, &zeroed, seed, expected)?;
        let again = self.reverse(derivatives, point, &zeroed, seed, expected)?;
        same_bits("reverse run twice", &gradient.all(), &again.all())?;
        self.check_primal(derivatives, point, &zeroed, seed, expected, &gradient)?;
        let onto = self.reverse(derivatives, point, &start, seed, expected)?;
        added(
            "reverse onto shadows that are not zero",
            &self.added_to(&onto, &start),
            &gradient.all(),
        )?;
        self.dot_products(tangent, direction, &gradient, &start, seed)
    }

    /// What reverse mode makes of some shadows.
    fn reverse(
        &self,
        derivatives: &Derivatives,
        point: &Point,
        shadows: &Point,
        seed: f64,
        expected: &[f64],
    ) -> Result<Point, String> {
        let (mut p, mut d) = (point.clone(), shadows.clone());
        d.floats = (derivatives.reverse)(&mut p, &mut d, seed);
        let skip = usize::from(self.returns);
        same_bits(
            "arguments after reverse",
            &self.written(&p),
            &expected[skip..],
        )?;
        Ok(d)
    }

    fn check_primal(
        &self,
        derivatives: &Derivatives,
        point: &Point,
        shadows: &Point,
        seed: f64,
        expected: &[f64],
        gradient: &Point,
    ) -> Result<(), String> {
        let (mut p, mut d) = (point.clone(), shadows.clone());
        let mut floats = (derivatives.reverse_with_primal)(&mut p, &mut d, seed);
        let mut primal: Vec<f64> = if self.returns {
            vec![floats.remove(0)]
        } else {
            Vec::new()
        };
        primal.extend(self.written(&p));
        same_bits("primal of reverse_with_primal", &primal, expected)?;
        d.floats = floats;
        // One may sum in another order than the other.
        added("reverse and reverse_with_primal", &gradient.all(), &d.all())
    }

    /// The gradient after subtraction of what the shadows of shared slices held.
    fn added_to(&self, after: &Point, before: &Point) -> Vec<f64> {
        let mut difference = after.clone();
        let slices = difference.slices.iter_mut().zip(&before.slices);
        for ((slice, before), (_, mutable)) in slices.zip(self.slices) {
            if !mutable {
                slice.iter_mut().zip(before).for_each(|(a, b)| *a -= b);
            }
        }
        difference.all()
    }

    /// `<seed, tangent> + <dy, tangent of y> == <gradient, direction>`.
    fn dot_products(
        &self,
        tangent: &[f64],
        direction: &Point,
        gradient: &Point,
        start: &Point,
        seed: f64,
    ) -> Result<(), String> {
        let mut weights: Vec<f64> = if self.returns { vec![seed] } else { Vec::new() };
        weights.extend(self.written(start));
        let (left, size) = dot(&weights, tangent);
        let (right, other) = dot(&gradient.all(), &direction.all());
        let error = (left - right).abs();
        if error <= 1e-10 * (size + other + 1e-3) {
            return Ok(());
        }
        Err(format!(
            "forward and reverse disagree: {left:e} and {right:e}, error {error:e}"
        ))
    }
}
