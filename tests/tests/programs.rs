//! Whole programs: our gradients against the ones derived by hand.
use ad_tests::programs::data::Rng;
use ad_tests::programs::{ba, gmm, heat, lstm, mlp, ode};

#[path = "programs/branching.rs"]
mod branching;
#[path = "programs/dense.rs"]
mod dense;
#[path = "programs/hand.rs"]
mod hand;

type Value<'a> = &'a dyn Fn(&[f64]) -> f64;
type ByHand<'a> = &'a dyn Fn(&[f64], &mut [f64]) -> f64;
type Reverse<'a, R> = &'a dyn Fn(&[f64], &mut [f64], f64) -> R;
type Forward<'a, R> = &'a dyn Fn(&[f64], &[f64]) -> R;

/// An objective over one flat list of arguments, and its derivatives.
struct Program<'a> {
    at: Vec<f64>,
    plain: Value<'a>,
    by_hand: ByHand<'a>,
    reverse: Reverse<'a, ()>,
    reverse_with_primal: Reverse<'a, f64>,
    forward: Forward<'a, f64>,
    forward_with_primal: Forward<'a, (f64, f64)>,
}

fn assert_close(what: &str, got: f64, want: f64, absolute: f64) {
    let error = (got - want).abs();
    assert!(
        error <= 1e-10 * got.abs().max(want.abs()) + absolute,
        "{what}: {got:e} against {want:e}, off by {error:e}"
    );
}

/// The same, but for the order of additions.
fn assert_rounded(what: &str, got: &[f64], want: &[f64]) {
    let largest = want.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    assert_eq!(got.len(), want.len());
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let apart = (got - want).abs();
        assert!(apart <= 1e-14 * largest, "{what} {i}: {apart:e}");
    }
}

fn assert_all_close(what: &str, got: &[f64], want: &[f64]) {
    let largest = want.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    assert_eq!(got.len(), want.len());
    for i in 0..want.len() {
        assert_close(&format!("{what} {i}"), got[i], want[i], 1e-13 * largest);
    }
}

impl Program<'_> {
    fn check(&self) {
        let n = self.at.len();
        let mut rng = Rng::new(77);
        let mut by_hand = vec![0.0; n];
        let value = (self.by_hand)(&self.at, &mut by_hand);

        let mut gradient = vec![0.0; n];
        (self.reverse)(&self.at, &mut gradient, 1.0);
        assert_all_close("gradient", &gradient, &by_hand);

        let mut again = vec![0.0; n];
        let primal = (self.reverse_with_primal)(&self.at, &mut again, 1.0);
        assert_rounded("reverse_with_primal", &again, &gradient);
        assert_eq!(primal.to_bits(), (self.plain)(&self.at).to_bits());
        assert_close("value", primal, value, 0.0);

        let (start, seed) = (rng.uniform_vec(n, -1.0, 1.0), rng.uniform(-1.5, 1.5));
        let mut onto = start.clone();
        (self.reverse)(&self.at, &mut onto, seed);
        let want: Vec<f64> = (0..n).map(|i| start[i] + seed * by_hand[i]).collect();
        assert_all_close("onto", &onto, &want);

        for _ in 0..3 {
            let direction = rng.uniform_vec(n, -1.0, 1.0);
            let slope: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            let size: f64 = gradient.iter().map(|g| g.abs()).sum();
            let tangent = (self.forward)(&self.at, &direction);
            assert_close("tangent", tangent, slope, 1e-13 * size);
            let (primal, same) = (self.forward_with_primal)(&self.at, &direction);
            assert_eq!(primal.to_bits(), (self.plain)(&self.at).to_bits());
            assert_eq!(tangent.to_bits(), same.to_bits());
        }
    }
}

/// `v` taken apart at two places.
fn parts(v: &[f64], a: usize, b: usize) -> (&[f64], &[f64], &[f64]) {
    (&v[..a], &v[a..b], &v[b..])
}

fn parts_mut(v: &mut [f64], a: usize, b: usize) -> (&mut [f64], &mut [f64], &mut [f64]) {
    let (first, rest) = v.split_at_mut(a);
    let (second, third) = rest.split_at_mut(b - a);
    (first, second, third)
}

#[test]
fn gmm() {
    for (d, k, n) in [(1, 1, 3), (1, 3, 5), (2, 2, 9), (4, 5, 12), (10, 6, 20)] {
        let data = gmm::inputs(d, k, n);
        let (a, b) = (k, k + k * d);
        let (x, gamma, m) = (&data.x, data.gamma * 0.9, data.m);
        Program {
            at: [&data.alphas[..], &data.means, &data.icf].concat(),
            plain: &|v| {
                let (alphas, means, icf) = parts(v, a, b);
                gmm::gmm_objective(alphas, means, icf, x, gamma, m)
            },
            by_hand: &|v, g| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_gradient_by_hand(v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m)
            },
            reverse: &|v, g, seed| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_objective::reverse(v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_objective::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m, seed,
                )
                .0
            },
            forward: &|v, d| {
                let (v, d) = (parts(v, a, b), parts(d, a, b));
                gmm::gmm_objective::forward(v.0, d.0, v.1, d.1, v.2, d.2, x, gamma, m)
            },
            forward_with_primal: &|v, d| {
                let (v, d) = (parts(v, a, b), parts(d, a, b));
                gmm::gmm_objective::forward_with_primal(v.0, d.0, v.1, d.1, v.2, d.2, x, gamma, m)
            },
        }
        .check();
    }
}

#[test]
fn lstm() {
    for (l, b, t) in [(1, 1, 2), (1, 4, 5), (2, 3, 6), (3, 5, 9), (2, 14, 40)] {
        let data = lstm::inputs(l, b, t);
        let sequence = &data.sequence;
        let (m, e) = (data.main.len(), data.main.len() + data.extra.len());
        Program {
            at: [&data.main[..], &data.extra, &data.state0].concat(),
            plain: &|v| {
                let v = parts(v, m, e);
                lstm::lstm_objective(v.0, v.1, v.2, sequence, l, b)
            },
            by_hand: &|v, g| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_gradient_by_hand(v.0, g.0, v.1, g.1, v.2, g.2, sequence, l, b)
            },
            reverse: &|v, g, seed| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_objective::reverse(v.0, g.0, v.1, g.1, v.2, g.2, sequence, l, b, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_objective::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2, g.2, sequence, l, b, seed,
                )
                .0
            },
            forward: &|v, d| {
                let (v, d) = (parts(v, m, e), parts(d, m, e));
                lstm::lstm_objective::forward(v.0, d.0, v.1, d.1, v.2, d.2, sequence, l, b)
            },
            forward_with_primal: &|v, d| {
                let (v, d) = (parts(v, m, e), parts(d, m, e));
                lstm::lstm_objective::forward_with_primal(
                    v.0, d.0, v.1, d.1, v.2, d.2, sequence, l, b,
                )
            },
        }
        .check();
    }
}

#[test]
fn rk4() {
    for steps in [0, 1, 7, 500] {
        let data = ode::inputs(steps);
        let dt = data.dt;
        Program {
            at: [&data.y0[..], &data.p].concat(),
            plain: &|v| ode::rk4(&v[..2], &v[2..], steps, dt),
            by_hand: &|v, g| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4_gradient_by_hand(&v[..2], gy, &v[2..], gp, steps, dt)
            },
            reverse: &|v, g, seed| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4::reverse(&v[..2], gy, &v[2..], gp, steps, dt, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4::reverse_with_primal(&v[..2], gy, &v[2..], gp, steps, dt, seed).0
            },
            forward: &|v, d| ode::rk4::forward(&v[..2], &d[..2], &v[2..], &d[2..], steps, dt),
            forward_with_primal: &|v, d| {
                ode::rk4::forward_with_primal(&v[..2], &d[..2], &v[2..], &d[2..], steps, dt)
            },
        }
        .check();
    }
}

/// The four gradients of floats by value, added to `grad`.
fn add(grad: &mut [f64], (a, b, c, d): (f64, f64, f64, f64)) {
    for (into, part) in grad.iter_mut().zip([a, b, c, d]) {
        *into += part;
    }
}

#[test]
fn pendulum() {
    for steps in [1, 7, 500] {
        let data = ode::inputs(steps);
        let (dt, end) = (data.dt, data.t_end);
        Program {
            at: data.pendulum.to_vec(),
            plain: &|v| ode::pendulum(v[0], v[1], v[2], v[3], dt, end),
            by_hand: &|v, g| ode::pendulum_gradient_by_hand(v[0], v[1], v[2], v[3], dt, end, g),
            reverse: &|v, g, seed| {
                add(
                    g,
                    ode::pendulum::reverse(v[0], v[1], v[2], v[3], dt, end, seed),
                );
            },
            reverse_with_primal: &|v, g, seed| {
                let (primal, gradient) =
                    ode::pendulum::reverse_with_primal(v[0], v[1], v[2], v[3], dt, end, seed);
                add(g, gradient);
                primal
            },
            forward: &|v, d| {
                ode::pendulum::forward(v[0], d[0], v[1], d[1], v[2], d[2], v[3], d[3], dt, end)
            },
            forward_with_primal: &|v, d| {
                ode::pendulum::forward_with_primal(
                    v[0], d[0], v[1], d[1], v[2], d[2], v[3], d[3], dt, end,
                )
            },
        }
        .check();
    }
}

#[test]
fn heat() {
    for (nx, ny, steps) in [(2, 2, 3), (3, 3, 2), (4, 6, 1), (7, 5, 12), (20, 16, 50)] {
        let data = heat::inputs(nx, ny, steps);
        let (n, target, dt) = (nx * ny, &data.target, data.dt);
        Program {
            at: [&data.u0[..], &data.k].concat(),
            plain: &|v| heat::heat_misfit(&v[..n], &v[n..], target, nx, steps, dt),
            by_hand: &|v, g| {
                let (gu, gk) = g.split_at_mut(n);
                heat::heat_gradient_by_hand(&v[..n], gu, &v[n..], gk, target, nx, steps, dt)
            },
            reverse: &|v, g, seed| {
                let (gu, gk) = g.split_at_mut(n);
                heat::heat_misfit::reverse(&v[..n], gu, &v[n..], gk, target, nx, steps, dt, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (gu, gk) = g.split_at_mut(n);
                heat::heat_misfit::reverse_with_primal(
                    &v[..n],
                    gu,
                    &v[n..],
                    gk,
                    target,
                    nx,
                    steps,
                    dt,
                    seed,
                )
                .0
            },
            forward: &|v, d| {
                let (u, k) = (&v[..n], &v[n..]);
                heat::heat_misfit::forward(u, &d[..n], k, &d[n..], target, nx, steps, dt)
            },
            forward_with_primal: &|v, d| {
                let (u, k) = (&v[..n], &v[n..]);
                heat::heat_misfit::forward_with_primal(
                    u,
                    &d[..n],
                    k,
                    &d[n..],
                    target,
                    nx,
                    steps,
                    dt,
                )
            },
        }
        .check();
    }
}

#[test]
fn mlp() {
    let shapes: [(&[usize], usize); 5] = [
        (&[2, 2], 3),
        (&[3, 4, 2], 5),
        (&[1, 1, 3], 2),
        (&[4, 6, 5, 3], 7),
        (&[12, 20, 16, 10], 30),
    ];
    for (sizes, n) in shapes {
        let data = mlp::inputs(sizes, n);
        let (x, labels) = (&data.x, &data.labels);
        Program {
            at: data.weights.clone(),
            plain: &|v| mlp::mlp_loss(v, x, labels, sizes),
            by_hand: &|v, g| mlp::mlp_gradient_by_hand(v, g, x, labels, sizes),
            reverse: &|v, g, seed| mlp::mlp_loss::reverse(v, g, x, labels, sizes, seed),
            reverse_with_primal: &|v, g, seed| {
                mlp::mlp_loss::reverse_with_primal(v, g, x, labels, sizes, seed).0
            },
            forward: &|v, d| mlp::mlp_loss::forward(v, d, x, labels, sizes),
            forward_with_primal: &|v, d| mlp::mlp_loss::forward_with_primal(v, d, x, labels, sizes),
        }
        .check();
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The residuals, weighted, as an objective: the shadow of `out` is the seed.
#[test]
fn ba() {
    for (cameras, points, p) in [(1, 1, 1), (2, 3, 2), (3, 5, 14), (6, 20, 100)] {
        let data = ba::inputs(cameras, points, p);
        let (obs, feats) = (&data.obs, &data.feats);
        let (a, b) = (data.cams.len(), data.cams.len() + data.pts.len());
        let weights = Rng::new(8).uniform_vec(3 * p, -1.0, 1.0);
        let plain = |v: &[f64]| {
            let (v, mut out) = (parts(v, a, b), vec![0.0; 3 * p]);
            ba::ba_residuals(v.0, v.1, v.2, obs, feats, &mut out);
            out
        };
        let scaled = |seed: f64| -> Vec<f64> { weights.iter().map(|w| seed * w).collect() };
        Program {
            at: [&data.cams[..], &data.pts, &data.ws].concat(),
            plain: &|v| dot(&plain(v), &weights),
            by_hand: &|v, g| {
                let (vs, g, mut out) = (parts(v, a, b), parts_mut(g, a, b), vec![0.0; 3 * p]);
                ba::ba_gradient_by_hand(
                    vs.0, g.0, vs.1, g.1, vs.2, g.2, obs, feats, &mut out, &weights,
                );
                dot(&out, &weights)
            },
            reverse: &|v, g, seed| {
                let (vs, g) = (parts(v, a, b), parts_mut(g, a, b));
                let (mut out, mut d_out) = (vec![0.0; 3 * p], scaled(seed));
                ba::ba_residuals::reverse(
                    vs.0, g.0, vs.1, g.1, vs.2, g.2, obs, feats, &mut out, &mut d_out,
                );
                assert_eq!(d_out, vec![0.0; 3 * p], "the seed is taken");
            },
            reverse_with_primal: &|v, g, seed| {
                let (vs, g) = (parts(v, a, b), parts_mut(g, a, b));
                let (mut out, mut d_out) = (vec![0.0; 3 * p], scaled(seed));
                ba::ba_residuals::reverse_with_primal(
                    vs.0, g.0, vs.1, g.1, vs.2, g.2, obs, feats, &mut out, &mut d_out,
                );
                assert_eq!(out, plain(v));
                dot(&out, &weights)
            },
            forward: &|v, d| {
                let (vs, d) = (parts(v, a, b), parts(d, a, b));
                let (mut out, mut d_out) = (vec![0.0; 3 * p], vec![0.0; 3 * p]);
                ba::ba_residuals::forward(
                    vs.0, d.0, vs.1, d.1, vs.2, d.2, obs, feats, &mut out, &mut d_out,
                );
                dot(&d_out, &weights)
            },
            forward_with_primal: &|v, d| {
                let (vs, d) = (parts(v, a, b), parts(d, a, b));
                let (mut out, mut d_out) = (vec![0.0; 3 * p], vec![0.0; 3 * p]);
                ba::ba_residuals::forward_with_primal(
                    vs.0, d.0, vs.1, d.1, vs.2, d.2, obs, feats, &mut out, &mut d_out,
                );
                assert_eq!(out, plain(v));
                (dot(&out, &weights), dot(&d_out, &weights))
            },
        }
        .check();
    }
}

/// The Jacobian's rows, one reverse sweep with a unit seed each.
#[test]
fn ba_jacobian() {
    let (cameras, points, p) = (3, 5, 14);
    let data = ba::inputs(cameras, points, p);
    let mut out = vec![0.0; 3 * p];
    let (mut blocks, mut diagonal) = (vec![0.0; 2 * ba::COLS * p], vec![0.0; p]);
    let (cams, pts, ws) = (&data.cams, &data.pts, &data.ws);
    ba::ba_jacobian_by_hand(
        cams,
        pts,
        ws,
        &data.obs,
        &data.feats,
        &mut out,
        &mut blocks,
        &mut diagonal,
    );
    let mut residuals = vec![0.0; 3 * p];
    ba::ba_residuals(cams, pts, ws, &data.obs, &data.feats, &mut residuals);
    for i in 0..p {
        let (c, x) = (data.obs[2 * i], data.obs[2 * i + 1]);
        let (cam, point) = (&cams[c * ba::CAM..][..ba::CAM], &pts[x * 3..][..3]);
        for e in 0..2 {
            let mut row = vec![0.0; ba::COLS];
            let (d_cam, rest) = row.split_at_mut(ba::CAM);
            let (mut err, mut seed) = ([0.0; 2], [0.0; 2]);
            seed[e] = 1.0;
            let d_w = ba::reprojection::reverse(
                cam,
                d_cam,
                point,
                &mut rest[..3],
                ws[i],
                &data.feats[2 * i..2 * i + 2],
                &mut err,
                &mut seed,
            );
            row[ba::COLS - 1] = d_w;
            assert_eq!(err[..], residuals[2 * i..2 * i + 2]);
            let want = &blocks[(2 * i + e) * ba::COLS..][..ba::COLS];
            assert_all_close(&format!("row {i} {e}"), &row, want);
        }
        assert_close("weight", ba::w_err::reverse(ws[i], 1.0), diagonal[i], 0.0);
    }

    // The rows of the whole vector of residuals hold the blocks, and zeros elsewhere.
    for r in 0..3 * p {
        let (mut dc, mut dp) = (vec![0.0; cams.len()], vec![0.0; pts.len()]);
        let (mut dw, mut seed) = (vec![0.0; p], vec![0.0; 3 * p]);
        seed[r] = 1.0;
        ba::ba_residuals::reverse(
            cams,
            &mut dc,
            pts,
            &mut dp,
            ws,
            &mut dw,
            &data.obs,
            &data.feats,
            &mut out,
            &mut seed,
        );
        let (mut hc, mut hp, mut hw) = (vec![0.0; cams.len()], vec![0.0; pts.len()], vec![0.0; p]);
        if r < 2 * p {
            let row = &blocks[r * ba::COLS..][..ba::COLS];
            let (c, x) = (data.obs[r / 2 * 2], data.obs[r / 2 * 2 + 1]);
            hc[c * ba::CAM..][..ba::CAM].copy_from_slice(&row[..ba::CAM]);
            hp[x * 3..][..3].copy_from_slice(&row[ba::CAM..][..3]);
            hw[r / 2] = row[ba::COLS - 1];
        } else {
            hw[r - 2 * p] = diagonal[r - 2 * p];
        }
        assert_all_close("cameras", &dc, &hc);
        assert_all_close("points", &dp, &hp);
        assert_all_close("weights", &dw, &hw);
    }
}
