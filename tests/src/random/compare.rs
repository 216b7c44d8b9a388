//! Comparisons, and the loop over the programs of a package; a part of every generated package.

use super::support::{Case, POINTS};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Any result as a list of floats.
pub trait Flat {
    /// The floats in order.
    fn flat(self) -> Vec<f64>;
}

impl Flat for () {
    fn flat(self) -> Vec<f64> {
        Vec::new()
    }
}

impl Flat for f64 {
    fn flat(self) -> Vec<f64> {
        vec![self]
    }
}

macro_rules! flat_tuple {
    ($($name:ident)+) => {
        impl<$($name: Flat),+> Flat for ($($name,)+) {
            #[allow(non_snake_case)]
            fn flat(self) -> Vec<f64> {
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.flat());)+
                all
            }
        }
    };
}

flat_tuple!(A);
flat_tuple!(A B);
flat_tuple!(A B C);
flat_tuple!(A B C D);
flat_tuple!(A B C D E);

/// What a comparison with differences says.
pub enum Verdict {
    /// Equal.
    Good,
    /// Not smooth here.
    Skip,
    /// Different.
    Bad(String),
}

/// The sum of products and the sum of their sizes.
pub fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    let products = || a.iter().zip(b).map(|(a, b)| a * b);
    (products().sum(), products().map(f64::abs).sum())
}

/// Fails unless all values are equal bit for bit.
pub fn same_bits(what: &str, got: &[f64], expected: &[f64]) -> Result<(), String> {
    let equal = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
    if got.len() == expected.len() && got.iter().zip(expected).all(equal) {
        return Ok(());
    }
    Err(format!("{what}: {got:?} in place of {expected:?}"))
}

/// Fails unless all values are equal up to rounding.
pub fn added(what: &str, got: &[f64], expected: &[f64]) -> Result<(), String> {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-10 * (1.0 + b.abs());
    if got.len() == expected.len() && got.iter().zip(expected).all(close) {
        return Ok(());
    }
    Err(format!("{what}: {got:?} in place of {expected:?}"))
}

fn close(a: f64, b: f64, relative: f64, absolute: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()) + absolute
}

/// A tangent against central differences for falling step sizes.
pub fn compare(tangent: f64, differences: &[f64], bends: &[f64]) -> Verdict {
    if !tangent.is_finite() {
        return Verdict::Bad(format!("{tangent:?}"));
    }
    // Steps fall by about 10 every second time.
    let refined = differences.windows(3).map(|d| d[2] + (d[2] - d[0]) / 99.0);
    let mut candidates = differences.iter().copied().chain(refined);
    let smooth = differences
        .windows(2)
        .all(|d| close(d[0], d[1], 1e-3, 1e-5));
    if candidates.any(|difference| close(tangent, difference, 1e-5, 1e-7)) {
        return Verdict::Good;
    }
    // At a kink the slopes on both sides stay apart; elsewhere they approach each other.
    let last = bends[bends.len() - 1].abs();
    let kink = last > 1e-4 && last > 0.3 * bends[0].abs();
    if kink || !smooth {
        return Verdict::Skip;
    }
    Verdict::Bad(format!("{tangent:?}, differences {differences:?}"))
}

/// Whether differences for two step sizes agree in every output.
pub fn steady(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| close(*a, *b, 1e-3, 1e-5))
}

/// Checks all cases from the number given as argument on, and prints a line for each.
pub fn run(cases: &[fn() -> Case]) {
    std::panic::set_hook(Box::new(|_| {}));
    let from: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    for case in cases
        .iter()
        .map(|case| case())
        .filter(|case| case.number >= from)
    {
        say(&format!("begin {}", case.number));
        let verdict = match catch_unwind(AssertUnwindSafe(|| case.check())) {
            Ok(Ok(skipped)) => format!("ok {skipped} {POINTS}"),
            Ok(Err(text)) => format!("fail {}", text.replace('\n', " ")),
            Err(panic) => format!("fail panicked: {}", message(&*panic)),
        };
        say(&format!("result {} {verdict}", case.number));
    }
    say("end");
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
    text.unwrap_or_default().replace('\n', " ")
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody to tell if this fails.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
