//! The price of a barrier option.

use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::Scalar;
use ad_tests::programs::pricing::{self, barrier_call, barrier_call_gradient_by_hand};

/// The gradient by spot, volatility, rate and strike.
pub struct Pricing {
    data: pricing::Inputs,
}

impl Pricing {
    /// `paths` paths of `steps` dates.
    #[must_use]
    pub fn new(paths: usize, steps: usize) -> Pricing {
        Pricing {
            data: pricing::inputs(paths, steps),
        }
    }

    /// What is no argument of the gradient.
    fn rest(&self) -> (f64, f64, usize, &[f64]) {
        let data = &self.data;
        (data.barrier, data.maturity, data.steps, &data.normals)
    }
}

impl Problem for Pricing {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        self.data.market.to_vec()
    }

    fn primal(&mut self, v: &[f64]) -> f64 {
        let (barrier, maturity, steps, normals) = self.rest();
        barrier_call(v[0], v[1], v[2], v[3], barrier, maturity, steps, normals)
    }

    fn ours(&mut self, v: &[f64], d: &mut [f64]) {
        let (barrier, maturity, steps, normals) = self.rest();
        let gradient = barrier_call::reverse(
            v[0], v[1], v[2], v[3], barrier, maturity, steps, normals, 1.0,
        );
        d.copy_from_slice(&<[f64; 4]>::from(gradient));
    }

    fn ours_with_primal(&mut self, v: &[f64], d: &mut [f64]) -> f64 {
        let (barrier, maturity, steps, normals) = self.rest();
        let (value, gradient) = barrier_call::reverse_with_primal(
            v[0], v[1], v[2], v[3], barrier, maturity, steps, normals, 1.0,
        );
        d.copy_from_slice(&<[f64; 4]>::from(gradient));
        value
    }

    fn by_hand(&mut self, v: &[f64], d: &mut [f64]) -> f64 {
        let (barrier, maturity, steps, normals) = self.rest();
        barrier_call_gradient_by_hand(v[0], v[1], v[2], v[3], barrier, maturity, steps, normals, d)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::NumDual, Method::Tape]
    }

    fn peer(&mut self, peer: Method, at: &[f64], d: &mut [f64]) {
        peers::either::<4>(peer, self, at, d);
    }
}

impl Function for Pricing {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (barrier, maturity, steps, normals) = self.rest();
        let (strike, dt) = (v[3], maturity / steps as f64);
        let paths = normals.chunks_exact(steps);
        let count = paths.len() as f64;
        let mut total = strike.constant(0.0);
        for path in paths {
            if let Some(price) = last_price(v, barrier, dt, path)
                && price.value() > strike.value()
            {
                total = total + (price - strike);
            }
        }
        [(v[2] * -maturity).exp() * total / count]
    }
}

/// The last price of a path that stays below the barrier.
fn last_price<S: Scalar>(market: &[S], barrier: f64, dt: f64, path: &[f64]) -> Option<S> {
    let (mut s, vol, rate) = (market[0], market[1], market[2]);
    for z in path {
        let drift = (rate - vol * vol * 0.5) * dt;
        s = s * (drift + vol * (dt.sqrt() * z)).exp();
        if s.value() > barrier {
            return None;
        }
    }
    Some(s)
}
