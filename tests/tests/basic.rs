//! First light: small functions against closed forms.
#![allow(clippy::needless_range_loop, reason = "numerical loops index")]
use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn weighted(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let t = x[i].sin();
        s += w * t * t;
    }
    s
}

#[test]
fn sum_loop() {
    let x = [0.3, 1.0, -2.0];
    let mut dx = [1.0; 3];
    let dw = weighted::reverse(&x, &mut dx, 2.0, 1.0);
    for i in 0..3 {
        let expect = 1.0 + 2.0 * 2.0 * x[i].sin() * x[i].cos();
        assert!((dx[i] - expect).abs() < 1e-12);
    }
    assert!((dw - x.iter().map(|x| x.sin().powi(2)).sum::<f64>()).abs() < 1e-12);
    let mut dx = [1.0; 3];
    let (y, ((), dw2)) = autodiff!(
        ReverseWithPrimal,
        weighted,
        Active,
        Duplicated(&x, &mut dx),
        Active(2.0)
    );
    assert_eq!(dw, dw2);
    assert_eq!(y, weighted(&x, 2.0));
    let v = vec![0.3, 1.0, -2.0];
    let mut dv = vec![0.0; 3];
    let ((), ()) = autodiff!(
        Reverse,
        weighted,
        Active,
        Duplicated(&v, &mut dv),
        Const(2.0)
    );
    let (t,) = autodiff!(Forward, weighted, Duplicated(&v, &dv), Duplicated(2.0, 0.0));
    assert!(t > 0.0);
}

#[autodiff]
fn rhs(y: [f64; 2], p: &[f64]) -> [f64; 2] {
    [y[1], p[0] * (1.0 - y[0] * y[0]) * y[1] - p[1] * y[0]]
}

#[autodiff]
fn euler(y0: f64, p: &[f64], steps: usize) -> f64 {
    let mut y = [y0, 0.5];
    let mut t = 0.0;
    while t < 0.01 * steps as f64 {
        let f = rhs(y, p);
        y[0] += 0.01 * f[0];
        y[1] += 0.01 * f[1];
        t += 0.01;
    }
    y[0] * y[0] + y[1]
}

#[test]
fn integration() {
    let p = [1.0, 0.7];
    let mut dp = [0.0; 2];
    let d0 = euler::reverse(0.3, &p, &mut dp, 50, 1.0);
    let h = 1e-6;
    let fd = (euler(0.3 + h, &p, 50) - euler(0.3 - h, &p, 50)) / (2.0 * h);
    assert!((d0 - fd).abs() < 1e-7, "{d0} {fd}");
    let fd = (euler(0.3, &[1.0 + h, 0.7], 50) - euler(0.3, &[1.0 - h, 0.7], 50)) / (2.0 * h);
    assert!((dp[0] - fd).abs() < 1e-7, "{} {fd}", dp[0]);
    let fwd = euler::forward(0.3, 0.0, &p, &[1.0, 0.0], 50);
    assert!((fwd - dp[0]).abs() < 1e-12);
}
