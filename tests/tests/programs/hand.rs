//! The hand: residuals, weighted, as an objective, and the columns of their
//! Jacobian in forward mode.
use super::{Program, assert_all_close, dot};
use ad_tests::programs::data::Rng;
use ad_tests::programs::hand::{self, Inputs, THETA};

/// Calls a function with the model behind the given arguments.
macro_rules! call {
    (simple $data:ident, $f:path, ($($first:expr),*), ($($last:expr),*)) => {
        $f(
            $($first,)*
            &$data.parents,
            &$data.base_relatives,
            &$data.inverses,
            &$data.base_positions,
            &$data.weights,
            $data.mirrored,
            &$data.correspondences,
            &$data.points,
            $($last),*
        )
    };
    (complicated $data:ident, $f:path, ($($first:expr),*), ($($last:expr),*)) => {
        $f(
            $($first,)*
            &$data.parents,
            &$data.base_relatives,
            &$data.inverses,
            &$data.base_positions,
            &$data.weights,
            $data.mirrored,
            &$data.triangles,
            &$data.correspondences,
            &$data.points,
            $($last),*
        )
    };
}

/// Problems with and without a mirror and a global rotation.
fn problems() -> impl Iterator<Item = (Inputs, Vec<f64>)> {
    let shapes = [(3, 2), (9, 30), (41, 17), (544, 100)];
    shapes.into_iter().enumerate().map(|(i, (v, n))| {
        let mut data = hand::inputs(v, n);
        data.mirrored = i % 2 == 0;
        if i == 1 {
            data.theta[..3].fill(0.0);
        }
        (data, Rng::new(18).uniform_vec(3 * n, 0.0, 1.0))
    })
}

fn simple(data: &Inputs, theta: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; data.points.len()];
    call!(simple data, hand::hand_residuals, (theta), (&mut out));
    out
}

fn complicated(data: &Inputs, v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; data.points.len()];
    let (theta, us) = v.split_at(THETA);
    call!(complicated data, hand::hand_residuals_complicated, (theta, us), (&mut out));
    out
}

#[test]
fn gradient() {
    for (data, seeds) in problems() {
        let data = &data;
        let n = seeds.len();
        let scaled = |seed: f64| -> Vec<f64> { seeds.iter().map(|s| seed * s).collect() };
        Program {
            at: data.theta.clone(),
            plain: &|v| dot(&simple(data, v), &seeds),
            by_hand: &|v, g| {
                let mut out = vec![0.0; n];
                call!(simple data, hand::hand_gradient_by_hand, (v, g), (&mut out, &seeds));
                dot(&out, &seeds)
            },
            reverse: &|v, g, seed| {
                let (mut out, mut d_out) = (vec![0.0; n], scaled(seed));
                call!(simple data, hand::hand_residuals::reverse, (v, g), (&mut out, &mut d_out));
                assert_eq!(d_out, vec![0.0; n], "the seed is taken");
            },
            reverse_with_primal: &|v, g, seed| {
                let (mut out, mut d_out) = (vec![0.0; n], scaled(seed));
                call!(
                    simple data, hand::hand_residuals::reverse_with_primal, (v, g),
                    (&mut out, &mut d_out)
                );
                dot(&out, &seeds)
            },
            forward: &|v, d| {
                let (mut out, mut d_out) = (vec![0.0; n], vec![0.0; n]);
                call!(simple data, hand::hand_residuals::forward, (v, d), (&mut out, &mut d_out));
                dot(&d_out, &seeds)
            },
            forward_with_primal: &|v, d| {
                let (mut out, mut d_out) = (vec![0.0; n], vec![0.0; n]);
                call!(
                    simple data, hand::hand_residuals::forward_with_primal, (v, d),
                    (&mut out, &mut d_out)
                );
                (dot(&out, &seeds), dot(&d_out, &seeds))
            },
        }
        .check();
    }
}

#[test]
fn gradient_complicated() {
    for (data, seeds) in problems() {
        let data = &data;
        let n = seeds.len();
        let scaled = |seed: f64| -> Vec<f64> { seeds.iter().map(|s| seed * s).collect() };
        Program {
            at: [&data.theta[..], &data.us].concat(),
            plain: &|v| dot(&complicated(data, v), &seeds),
            by_hand: &|v, g| {
                let ((theta, us), (d_theta, d_us)) = (v.split_at(THETA), g.split_at_mut(THETA));
                let mut out = vec![0.0; n];
                call!(
                    complicated data, hand::hand_gradient_complicated_by_hand,
                    (theta, d_theta, us, d_us), (&mut out, &seeds)
                );
                dot(&out, &seeds)
            },
            reverse: &|v, g, seed| {
                let ((theta, us), (d_theta, d_us)) = (v.split_at(THETA), g.split_at_mut(THETA));
                let (mut out, mut d_out) = (vec![0.0; n], scaled(seed));
                call!(
                    complicated data, hand::hand_residuals_complicated::reverse,
                    (theta, d_theta, us, d_us), (&mut out, &mut d_out)
                );
                assert_eq!(d_out, vec![0.0; n], "the seed is taken");
            },
            reverse_with_primal: &|v, g, seed| {
                let ((theta, us), (d_theta, d_us)) = (v.split_at(THETA), g.split_at_mut(THETA));
                let (mut out, mut d_out) = (vec![0.0; n], scaled(seed));
                call!(
                    complicated data, hand::hand_residuals_complicated::reverse_with_primal,
                    (theta, d_theta, us, d_us), (&mut out, &mut d_out)
                );
                dot(&out, &seeds)
            },
            forward: &|v, d| {
                let ((theta, us), (d_theta, d_us)) = (v.split_at(THETA), d.split_at(THETA));
                let (mut out, mut d_out) = (vec![0.0; n], vec![0.0; n]);
                call!(
                    complicated data, hand::hand_residuals_complicated::forward,
                    (theta, d_theta, us, d_us), (&mut out, &mut d_out)
                );
                dot(&d_out, &seeds)
            },
            forward_with_primal: &|v, d| {
                let ((theta, us), (d_theta, d_us)) = (v.split_at(THETA), d.split_at(THETA));
                let (mut out, mut d_out) = (vec![0.0; n], vec![0.0; n]);
                call!(
                    complicated data, hand::hand_residuals_complicated::forward_with_primal,
                    (theta, d_theta, us, d_us), (&mut out, &mut d_out)
                );
                (dot(&out, &seeds), dot(&d_out, &seeds))
            },
        }
        .check();
    }
}

#[test]
fn jacobian() {
    for (data, seeds) in problems() {
        let (data, n) = (&data, seeds.len());
        let theta = &data.theta;
        let (mut out, mut jac) = (vec![0.0; n], vec![f64::NAN; THETA * n]);
        call!(simple data, hand::hand_jacobian_by_hand, (theta), (&mut out, &mut jac));
        assert_all_close("residuals", &simple(data, theta), &out);
        for (k, want) in jac.chunks_exact(n).enumerate() {
            let (mut direction, mut column) = (vec![0.0; THETA], vec![f64::NAN; n]);
            direction[k] = 1.0;
            call!(
                simple data, hand::hand_residuals::forward, (theta, &direction),
                (&mut out, &mut column)
            );
            assert_all_close(&format!("column {k}"), &column, want);
        }
    }
}

/// One column for each parameter, and one for the first and for the second of
/// all `us`.
#[test]
fn jacobian_complicated() {
    for (data, seeds) in problems() {
        let (data, n) = (&data, seeds.len());
        let (theta, us) = (&data.theta, &data.us);
        let (mut out, mut jac) = (vec![0.0; n], vec![f64::NAN; (2 + THETA) * n]);
        call!(
            complicated data, hand::hand_jacobian_complicated_by_hand, (theta, us),
            (&mut out, &mut jac)
        );
        let residuals = complicated(data, &[&theta[..], us].concat());
        assert_all_close("residuals", &residuals, &out);
        for (k, want) in jac.chunks_exact(n).enumerate() {
            let (mut d_theta, mut d_us) = (vec![0.0; THETA], vec![0.0; us.len()]);
            if k < 2 {
                d_us.iter_mut().skip(k).step_by(2).for_each(|d| *d = 1.0);
            } else {
                d_theta[k - 2] = 1.0;
            }
            let mut column = vec![f64::NAN; n];
            call!(
                complicated data, hand::hand_residuals_complicated::forward,
                (theta, &d_theta, us, &d_us), (&mut out, &mut column)
            );
            assert_all_close(&format!("column {k}"), &column, want);
        }
    }
}
