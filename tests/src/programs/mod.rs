//! Whole programs as a numerical programmer writes them, each beside the
//! gradient a careful person derives for it by hand.
//!
//! Every module holds the plain objective over `f64` and slices, a function
//! `..._by_hand` that adds the gradient onto shadow slices of the shapes of the
//! differentiated arguments and returns the value, and a generator of inputs.
//! Matrices are flat slices in row-major order unless a function says otherwise.

#![allow(
    clippy::needless_range_loop,
    reason = "the objectives keep the index loops of numerical code"
)]
#![allow(
    clippy::too_many_arguments,
    reason = "gradients take every argument beside its shadow"
)]

pub mod ba;
pub mod chain;
pub mod conv;
pub mod data;
pub mod energy;
pub mod fixpoint;
pub mod gmm;
pub mod hand;
pub mod heat;
pub mod linear;
pub mod lstm;
pub mod mlp;
pub mod ode;
pub mod pricing;

#[cfg(test)]
mod check {
    use super::data::Rng;
    use num_dual::{Dual64, DualNum};

    /// The scalar type of the objectives' generic versions.
    pub trait Num: DualNum<Primitive = f64> + Copy {}
    impl<D: DualNum<Primitive = f64> + Copy> Num for D {}

    fn assert_close(what: &str, got: f64, want: f64, relative: f64, absolute: f64) {
        let error = (got - want).abs();
        assert!(
            error <= relative * got.abs().max(want.abs()) + absolute,
            "{what}: {got:e} against {want:e}, off by {error:e}"
        );
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Compares a gradient at `at` with dual numbers along random directions
    /// (relative 1e-10) and along every coordinate, and with central
    /// differences; checks its value, and that a second call adds it again.
    pub fn gradient(
        at: &[f64],
        plain: &dyn Fn(&[f64]) -> f64,
        dual: &dyn Fn(&[Dual64]) -> Dual64,
        by_hand: &dyn Fn(&[f64], &mut [f64]) -> f64,
    ) {
        let n = at.len();
        let mut grad = vec![0.0; n];
        let value = by_hand(at, &mut grad);
        assert!(value.is_finite());
        assert_close("value", value, plain(at), 1e-12, 0.0);
        let largest = grad.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        assert!(largest > 0.0 && largest.is_finite());

        let along = |dir: &[f64]| {
            let seeded: Vec<_> = (0..n).map(|i| Dual64::new(at[i], dir[i])).collect();
            let out = dual(&seeded);
            assert_close("dual value", out.re, value, 1e-12, 0.0);
            out.eps
        };
        let mut rng = Rng::new(41);
        for _ in 0..8 {
            let dir = rng.uniform_vec(n, -1.0, 1.0);
            let slope = dot(&grad, &dir);
            assert_close("dual numbers", slope, along(&dir), 1e-10, 0.0);

            let h = 1e-5;
            let moved = |h: f64| -> Vec<f64> { (0..n).map(|i| at[i] + h * dir[i]).collect() };
            let difference = (plain(&moved(h)) - plain(&moved(-h))) / (2.0 * h);
            assert_close("differences", slope, difference, 1e-6, 1e-7 * largest);
        }
        for i in 0..n {
            let mut dir = vec![0.0; n];
            dir[i] = 1.0;
            let what = format!("coordinate {i}");
            assert_close(&what, grad[i], along(&dir), 1e-10, 1e-13 * largest);
        }

        let mut twice = grad.clone();
        by_hand(at, &mut twice);
        for i in 0..n {
            assert_close(
                "second call",
                twice[i],
                2.0 * grad[i],
                1e-12,
                1e-14 * largest,
            );
        }
    }
}
