//! Differentiates a function of one number, in both modes and in both ways of calling.
//!
//! Run: `cargo run --release --example scalar`

use ad_runtime::prelude::*;

/// A damped wave. The bare attribute generates every mode.
#[autodiff]
fn wave(t: f64) -> f64 {
    (-0.5 * t).exp() * (3.0 * t).cos()
}

/// The derivative worked out on paper, to compare with.
fn wave_by_hand(t: f64) -> f64 {
    -(-0.5 * t).exp() * (0.5 * (3.0 * t).cos() + 3.0 * (3.0 * t).sin())
}

fn assert_close(name: &str, found: f64, expected: f64) {
    println!("{name:<28} {found:>12.9}");
    assert!(
        (found - expected).abs() < 1e-12,
        "{name}: {found}, not {expected}"
    );
}

fn main() {
    let t = 0.7;
    let expected = wave_by_hand(t);
    println!("wave({t}) = {:.9}", wave(t));
    println!("{:<28} {expected:>12.9}", "derivative by hand");

    // Forward mode carries a tangent along with the value: give dt, get d(wave).
    assert_close("forward", wave::forward(t, 1.0), expected);
    let (value, tangent) = wave::forward_with_primal(t, 1.0);
    assert_eq!(value, wave(t));
    assert_close("forward_with_primal", tangent, expected);

    // The tangent enters linearly.
    assert_close("forward, dt = 2", wave::forward(t, 2.0), 2.0 * expected);

    // Reverse mode starts from the result: give its weight, get the gradient.
    assert_close("reverse", wave::reverse(t, 1.0), expected);
    let (value, gradient) = wave::reverse_with_primal(t, 1.0);
    assert_eq!(value, wave(t));
    assert_close("reverse_with_primal", gradient, expected);

    // `autodiff!` names the activities at the call and seeds with 1. It answers with one slot
    // per argument, here a tuple of one. Its path is written out because the attribute of the
    // same name is imported, and a module can import only one of the two.
    let (tangent,) = ad_runtime::autodiff!(Forward, wave, Duplicated(t, 1.0));
    assert_close("autodiff!(Forward, ..)", tangent, expected);
    let (gradient,) = ad_runtime::autodiff!(Reverse, wave, Active, Active(t));
    assert_close("autodiff!(Reverse, ..)", gradient, expected);
    let (value, (gradient,)) = ad_runtime::autodiff!(ReverseWithPrimal, wave, Active, Active(t));
    assert_eq!(value, wave(t));
    assert_close("autodiff!(ReverseWithPrimal)", gradient, expected);

    // A closure can be differentiated where it stands.
    let (gradient,) = ad_runtime::autodiff!(Reverse, |x: f64| x * x, Active, Active(3.0));
    assert_close("autodiff! of a closure", gradient, 6.0);
}
