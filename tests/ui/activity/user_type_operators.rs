use ad_runtime::prelude::*;

#[derive(Clone, Copy)]
struct Complex(f64, f64);

impl std::ops::Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex(
            self.0 * other.0 - self.1 * other.1,
            self.0 * other.1 + self.1 * other.0,
        )
    }
}

fn rotate(x: f64) -> Complex {
    Complex(x.cos(), x.sin())
}

#[autodiff]
fn angle(x: f64) -> f64 {
    let twice = rotate(x) * rotate(x);
    twice.0
}

fn main() {}
