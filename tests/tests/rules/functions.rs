//! One function per rule, in both float types.

/// The sweep in `f64`.
pub mod double {
    use ad_runtime::prelude::*;

    #[autodiff]
    pub fn add(a: f64, b: f64) -> f64 {
        a + b
    }

    #[autodiff]
    pub fn sub(a: f64, b: f64) -> f64 {
        a - b
    }

    #[autodiff]
    pub fn mul(a: f64, b: f64) -> f64 {
        a * b
    }

    #[autodiff]
    pub fn div(a: f64, b: f64) -> f64 {
        a / b
    }

    #[autodiff]
    pub fn rem(a: f64, b: f64) -> f64 {
        a % b
    }

    #[autodiff]
    pub fn neg(a: f64) -> f64 {
        -a
    }

    #[autodiff]
    pub fn recip(x: f64) -> f64 {
        x.recip()
    }

    #[autodiff]
    pub fn to_degrees(x: f64) -> f64 {
        x.to_degrees()
    }

    #[autodiff]
    pub fn to_radians(x: f64) -> f64 {
        x.to_radians()
    }

    #[autodiff]
    pub fn sqrt(x: f64) -> f64 {
        x.sqrt()
    }

    #[autodiff]
    pub fn cbrt(x: f64) -> f64 {
        x.cbrt()
    }

    #[autodiff]
    pub fn exp(x: f64) -> f64 {
        x.exp()
    }

    #[autodiff]
    pub fn exp2(x: f64) -> f64 {
        x.exp2()
    }

    #[autodiff]
    pub fn exp_m1(x: f64) -> f64 {
        x.exp_m1()
    }

    #[autodiff]
    pub fn ln(x: f64) -> f64 {
        x.ln()
    }

    #[autodiff]
    pub fn ln_1p(x: f64) -> f64 {
        x.ln_1p()
    }

    #[autodiff]
    pub fn log2(x: f64) -> f64 {
        x.log2()
    }

    #[autodiff]
    pub fn log10(x: f64) -> f64 {
        x.log10()
    }

    #[autodiff]
    pub fn sin(x: f64) -> f64 {
        x.sin()
    }

    #[autodiff]
    pub fn cos(x: f64) -> f64 {
        x.cos()
    }

    #[autodiff]
    pub fn tan(x: f64) -> f64 {
        x.tan()
    }

    #[autodiff]
    pub fn asin(x: f64) -> f64 {
        x.asin()
    }

    #[autodiff]
    pub fn acos(x: f64) -> f64 {
        x.acos()
    }

    #[autodiff]
    pub fn atan(x: f64) -> f64 {
        x.atan()
    }

    #[autodiff]
    pub fn sinh(x: f64) -> f64 {
        x.sinh()
    }

    #[autodiff]
    pub fn cosh(x: f64) -> f64 {
        x.cosh()
    }

    #[autodiff]
    pub fn tanh(x: f64) -> f64 {
        x.tanh()
    }

    #[autodiff]
    pub fn asinh(x: f64) -> f64 {
        x.asinh()
    }

    #[autodiff]
    pub fn acosh(x: f64) -> f64 {
        x.acosh()
    }

    #[autodiff]
    pub fn atanh(x: f64) -> f64 {
        x.atanh()
    }

    #[autodiff]
    pub fn abs(x: f64) -> f64 {
        x.abs()
    }

    #[autodiff]
    pub fn floor(x: f64) -> f64 {
        x.floor()
    }

    #[autodiff]
    pub fn ceil(x: f64) -> f64 {
        x.ceil()
    }

    #[autodiff]
    pub fn round(x: f64) -> f64 {
        x.round()
    }

    #[autodiff]
    pub fn round_ties_even(x: f64) -> f64 {
        x.round_ties_even()
    }

    #[autodiff]
    pub fn trunc(x: f64) -> f64 {
        x.trunc()
    }

    #[autodiff]
    pub fn signum(x: f64) -> f64 {
        x.signum()
    }

    #[autodiff]
    pub fn fract(x: f64) -> f64 {
        x.fract()
    }

    #[autodiff]
    pub fn next_up(x: f64) -> f64 {
        x.next_up()
    }

    #[autodiff]
    pub fn next_down(x: f64) -> f64 {
        x.next_down()
    }

    #[autodiff]
    pub fn rem_euclid(a: f64, b: f64) -> f64 {
        a.rem_euclid(b)
    }

    #[autodiff]
    pub fn div_euclid(a: f64, b: f64) -> f64 {
        a.div_euclid(b)
    }

    #[autodiff]
    pub fn midpoint(a: f64, b: f64) -> f64 {
        a.midpoint(b)
    }

    #[autodiff]
    pub fn powf(x: f64, y: f64) -> f64 {
        x.powf(y)
    }

    #[autodiff]
    pub fn hypot(x: f64, y: f64) -> f64 {
        x.hypot(y)
    }

    #[autodiff]
    pub fn log(x: f64, base: f64) -> f64 {
        x.log(base)
    }

    #[autodiff]
    pub fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }

    #[autodiff]
    pub fn copysign(x: f64, sign: f64) -> f64 {
        x.copysign(sign)
    }

    #[autodiff]
    pub fn max(a: f64, b: f64) -> f64 {
        a.max(b)
    }

    #[autodiff]
    pub fn min(a: f64, b: f64) -> f64 {
        a.min(b)
    }

    #[autodiff]
    pub fn powi(x: f64, n: i32) -> f64 {
        x.powi(n)
    }

    #[autodiff]
    pub fn mul_add(x: f64, a: f64, b: f64) -> f64 {
        x.mul_add(a, b)
    }

    #[autodiff]
    pub fn clamp(x: f64, low: f64, high: f64) -> f64 {
        x.clamp(low, high)
    }
}

/// The sweep in `f32`.
pub mod single {
    use ad_runtime::prelude::*;

    #[autodiff]
    pub fn add(a: f32, b: f32) -> f32 {
        a + b
    }

    #[autodiff]
    pub fn sub(a: f32, b: f32) -> f32 {
        a - b
    }

    #[autodiff]
    pub fn mul(a: f32, b: f32) -> f32 {
        a * b
    }

    #[autodiff]
    pub fn div(a: f32, b: f32) -> f32 {
        a / b
    }

    #[autodiff]
    pub fn rem(a: f32, b: f32) -> f32 {
        a % b
    }

    #[autodiff]
    pub fn neg(a: f32) -> f32 {
        -a
    }

    #[autodiff]
    pub fn recip(x: f32) -> f32 {
        x.recip()
    }

    #[autodiff]
    pub fn to_degrees(x: f32) -> f32 {
        x.to_degrees()
    }

    #[autodiff]
    pub fn to_radians(x: f32) -> f32 {
        x.to_radians()
    }

    #[autodiff]
    pub fn sqrt(x: f32) -> f32 {
        x.sqrt()
    }

    #[autodiff]
    pub fn cbrt(x: f32) -> f32 {
        x.cbrt()
    }

    #[autodiff]
    pub fn exp(x: f32) -> f32 {
        x.exp()
    }

    #[autodiff]
    pub fn exp2(x: f32) -> f32 {
        x.exp2()
    }

    #[autodiff]
    pub fn exp_m1(x: f32) -> f32 {
        x.exp_m1()
    }

    #[autodiff]
    pub fn ln(x: f32) -> f32 {
        x.ln()
    }

    #[autodiff]
    pub fn ln_1p(x: f32) -> f32 {
        x.ln_1p()
    }

    #[autodiff]
    pub fn log2(x: f32) -> f32 {
        x.log2()
    }

    #[autodiff]
    pub fn log10(x: f32) -> f32 {
        x.log10()
    }

    #[autodiff]
    pub fn sin(x: f32) -> f32 {
        x.sin()
    }

    #[autodiff]
    pub fn cos(x: f32) -> f32 {
        x.cos()
    }

    #[autodiff]
    pub fn tan(x: f32) -> f32 {
        x.tan()
    }

    #[autodiff]
    pub fn asin(x: f32) -> f32 {
        x.asin()
    }

    #[autodiff]
    pub fn acos(x: f32) -> f32 {
        x.acos()
    }

    #[autodiff]
    pub fn atan(x: f32) -> f32 {
        x.atan()
    }

    #[autodiff]
    pub fn sinh(x: f32) -> f32 {
        x.sinh()
    }

    #[autodiff]
    pub fn cosh(x: f32) -> f32 {
        x.cosh()
    }

    #[autodiff]
    pub fn tanh(x: f32) -> f32 {
        x.tanh()
    }

    #[autodiff]
    pub fn asinh(x: f32) -> f32 {
        x.asinh()
    }

    #[autodiff]
    pub fn acosh(x: f32) -> f32 {
        x.acosh()
    }

    #[autodiff]
    pub fn atanh(x: f32) -> f32 {
        x.atanh()
    }

    #[autodiff]
    pub fn abs(x: f32) -> f32 {
        x.abs()
    }

    #[autodiff]
    pub fn floor(x: f32) -> f32 {
        x.floor()
    }

    #[autodiff]
    pub fn ceil(x: f32) -> f32 {
        x.ceil()
    }

    #[autodiff]
    pub fn round(x: f32) -> f32 {
        x.round()
    }

    #[autodiff]
    pub fn round_ties_even(x: f32) -> f32 {
        x.round_ties_even()
    }

    #[autodiff]
    pub fn trunc(x: f32) -> f32 {
        x.trunc()
    }

    #[autodiff]
    pub fn signum(x: f32) -> f32 {
        x.signum()
    }

    #[autodiff]
    pub fn fract(x: f32) -> f32 {
        x.fract()
    }

    #[autodiff]
    pub fn next_up(x: f32) -> f32 {
        x.next_up()
    }

    #[autodiff]
    pub fn next_down(x: f32) -> f32 {
        x.next_down()
    }

    #[autodiff]
    pub fn rem_euclid(a: f32, b: f32) -> f32 {
        a.rem_euclid(b)
    }

    #[autodiff]
    pub fn div_euclid(a: f32, b: f32) -> f32 {
        a.div_euclid(b)
    }

    #[autodiff]
    pub fn midpoint(a: f32, b: f32) -> f32 {
        a.midpoint(b)
    }

    #[autodiff]
    pub fn powf(x: f32, y: f32) -> f32 {
        x.powf(y)
    }

    #[autodiff]
    pub fn hypot(x: f32, y: f32) -> f32 {
        x.hypot(y)
    }

    #[autodiff]
    pub fn log(x: f32, base: f32) -> f32 {
        x.log(base)
    }

    #[autodiff]
    pub fn atan2(y: f32, x: f32) -> f32 {
        y.atan2(x)
    }

    #[autodiff]
    pub fn copysign(x: f32, sign: f32) -> f32 {
        x.copysign(sign)
    }

    #[autodiff]
    pub fn max(a: f32, b: f32) -> f32 {
        a.max(b)
    }

    #[autodiff]
    pub fn min(a: f32, b: f32) -> f32 {
        a.min(b)
    }

    #[autodiff]
    pub fn powi(x: f32, n: i32) -> f32 {
        x.powi(n)
    }

    #[autodiff]
    pub fn mul_add(x: f32, a: f32, b: f32) -> f32 {
        x.mul_add(a, b)
    }

    #[autodiff]
    pub fn clamp(x: f32, low: f32, high: f32) -> f32 {
        x.clamp(low, high)
    }
}
