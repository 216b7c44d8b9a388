//! Reference values by differences, tolerances, and points in single precision.

/// The directional derivative of `f` at `point` along axis `i`, by differences.
///
/// The step balances the truncation error `h²` against the rounding error `ε/h`.
pub fn difference(f: impl Fn(&[f64]) -> f64, point: &[f64], i: usize) -> f64 {
    let h = f64::EPSILON.cbrt() * point[i].abs().max(1e-3);
    let at = |x: f64| {
        let mut moved = point.to_vec();
        moved[i] = x;
        f(&moved)
    };
    let (above, below) = (point[i] + h, point[i] - h);
    (at(above) - at(below)) / (above - below)
}

/// Fails unless `got` equals `want` up to `tolerance`, relative above 1; infinities and NaN have to
/// agree.
pub fn assert_close(got: f64, want: f64, tolerance: f64, what: &dyn std::fmt::Display) {
    let same = got == want || (got.is_nan() && want.is_nan());
    let near = (got - want).abs() <= tolerance * want.abs().max(1.0);
    assert!(
        same || (want.is_finite() && near),
        "{what}: {got:e}, expected {want:e}"
    );
}

/// [`assert_close`] with a tolerance relative at every size, for tiny and huge values.
pub fn assert_relative(got: f64, want: f64, tolerance: f64, what: &dyn std::fmt::Display) {
    let same = got == want || (got.is_nan() && want.is_nan());
    let near = (got - want).abs() <= tolerance * want.abs();
    assert!(
        same || (want.is_finite() && near),
        "{what}: {got:e}, expected {want:e}"
    );
}

/// `point` in single precision, unless a coordinate leaves its range.
pub fn narrow(point: &[f64]) -> Option<Vec<f32>> {
    let narrowed: Vec<f32> = point.iter().map(|&x| x as f32).collect();
    let keeps =
        |(&n, &x): (&f32, &f64)| (n.is_finite() || !x.is_finite()) && (n != 0.0 || x == 0.0);
    narrowed.iter().zip(point).all(keeps).then_some(narrowed)
}
