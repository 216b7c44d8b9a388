//! A Monte Carlo price of an up-and-out call option over normals drawn before.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The discounted mean payoff, over the paths of `normals[paths*steps]`, of a
/// call that is worth nothing once the price has been above `barrier` at one of
/// `steps` dates up to `maturity`.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const, Const, Const
)]
#[autodiff(
    Reverse, Active, Active, Active, Active, Active, Const, Const, Const, Const
)]
pub fn barrier_call(
    spot: f64,
    vol: f64,
    rate: f64,
    strike: f64,
    barrier: f64,
    maturity: f64,
    steps: usize,
    normals: &[f64],
) -> f64 {
    let paths = normals.len() / steps;
    let dt = maturity / steps as f64;
    let mut sum = 0.0;
    for p in 0..paths {
        let mut s = spot;
        let mut alive = true;
        for t in 0..steps {
            let drift = (rate - 0.5 * vol * vol) * dt;
            s *= (drift + vol * dt.sqrt() * normals[p * steps + t]).exp();
            if s > barrier {
                alive = false;
                break;
            }
        }
        if alive {
            sum += (s - strike).max(0.0);
        }
    }
    (-rate * maturity).exp() * sum / paths as f64
}

/// The value of [`barrier_call`]; adds its gradient by spot, volatility, rate
/// and strike to `grad[4]`.
///
/// A path that pays moves with the logarithm of its last price, which is linear
/// in the normals and does not need the prices between: three sums over the
/// paths that pay give everything.
pub fn barrier_call_gradient_by_hand(
    spot: f64,
    vol: f64,
    rate: f64,
    strike: f64,
    barrier: f64,
    maturity: f64,
    steps: usize,
    normals: &[f64],
    grad: &mut [f64],
) -> f64 {
    let paths = normals.len() / steps;
    let dt = maturity / steps as f64;
    let drift = (rate - 0.5 * vol * vol) * dt;
    let spread = vol * dt.sqrt();
    let (mut prices, mut turned, mut paying) = (0.0, 0.0, 0.0);
    for path in normals.chunks_exact(steps) {
        let mut s = spot;
        let mut alive = true;
        let mut drawn = 0.0;
        for z in path {
            s *= (drift + spread * z).exp();
            if s > barrier {
                alive = false;
                break;
            }
            drawn += z;
        }
        if alive && s > strike {
            prices += s;
            turned += s * drawn;
            paying += 1.0;
        }
    }
    let scale = (-rate * maturity).exp() / paths as f64;
    let sum = prices - strike * paying;
    grad[0] += scale * prices / spot;
    grad[1] += scale * (dt.sqrt() * turned - vol * maturity * prices);
    grad[2] += scale * maturity * (prices - sum);
    grad[3] -= scale * paying;
    scale * sum
}

/// A problem for [`barrier_call`].
pub struct Inputs {
    /// Spot price, volatility, interest rate and strike price.
    pub market: [f64; 4],
    /// Price above which the option is lost.
    pub barrier: f64,
    /// Years until the option is exercised.
    pub maturity: f64,
    /// Dates of a path.
    pub steps: usize,
    /// Standard normal numbers, `[paths*steps]`.
    pub normals: Vec<f64>,
}

/// One year of `paths` paths, about a third of which pay.
pub fn inputs(paths: usize, steps: usize) -> Inputs {
    Inputs {
        market: [100.0, 0.2, 0.03, 98.0],
        barrier: 125.0,
        maturity: 1.0,
        steps,
        normals: Rng::new(12).normal_vec(paths * steps, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn price_dual<D: Num>(v: &[D], data: &Inputs) -> D {
        let [spot, vol, rate, strike] = [v[0], v[1], v[2], v[3]];
        let paths = data.normals.len() / data.steps;
        let dt = data.maturity / data.steps as f64;
        let mut sum = D::from(0.0);
        for path in data.normals.chunks(data.steps) {
            let (mut s, mut alive) = (spot, true);
            for z in path {
                s *= ((rate - vol * vol * 0.5) * dt + vol * (dt.sqrt() * z)).exp();
                alive &= s.re() <= data.barrier;
            }
            if alive && s.re() > strike.re() {
                sum += s - strike;
            }
        }
        (-rate * data.maturity).exp() * sum / paths as f64
    }

    #[test]
    fn gradient() {
        for (paths, steps) in [(3, 1), (20, 5), (300, 12)] {
            let data = inputs(paths, steps);
            let (barrier, maturity, normals) = (data.barrier, data.maturity, &data.normals);
            check::gradient(
                &data.market,
                &|v| barrier_call(v[0], v[1], v[2], v[3], barrier, maturity, steps, normals),
                &|v| price_dual(v, &data),
                &|v, g| {
                    barrier_call_gradient_by_hand(
                        v[0], v[1], v[2], v[3], barrier, maturity, steps, normals, g,
                    )
                },
            );
        }
    }

    #[test]
    fn paths_of_every_kind() {
        let data = inputs(1000, 12);
        let mut seen = [0; 3];
        for path in data.normals.chunks(data.steps) {
            let [spot, vol, rate, strike] = data.market;
            let up = |barrier| barrier_call(spot, vol, rate, strike, barrier, 1.0, 12, path);
            let kind = match (up(f64::INFINITY) > 0.0, up(data.barrier) > 0.0) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => 2,
            };
            seen[kind] += 1;
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
    }
}
