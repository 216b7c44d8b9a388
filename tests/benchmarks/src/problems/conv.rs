//! A convolution in both precisions.

use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::conv::{self, SIDE};

/// A [`Problem`] for one type of floats: the gradient by image, kernel and bias.
macro_rules! convolution {
    ($problem:ident, $float:ty, $inputs:ident, $loss:ident, $by_hand:ident, $($peers:tt)*) => {
        #[doc = concat!("The gradient by image, kernel and bias in `", stringify!($float), "`.")]
        pub struct $problem {
            data: conv::Inputs<$float>,
        }

        impl $problem {
            /// A square image.
            #[must_use]
            pub fn new(side: usize) -> $problem {
                $problem {
                    data: conv::$inputs(side, side),
                }
            }
        }

        impl Problem for $problem {
            type Real = $float;

            fn point(&self) -> Vec<$float> {
                [&self.data.image[..], &self.data.kernel, &[self.data.bias]].concat()
            }

            fn primal(&mut self, at: &[$float]) -> $float {
                let (image, kernel, bias) = arguments(at);
                conv::$loss(image, kernel, *bias, &self.data.target, self.data.w)
            }

            fn ours(&mut self, at: &[$float], d: &mut [$float]) {
                let ((image, kernel, bias), (di, dk, db)) = (arguments(at), arguments_mut(d));
                let (target, w) = (&self.data.target, self.data.w);
                *db = conv::$loss::reverse(image, di, kernel, dk, *bias, target, w, 1.0);
            }

            fn ours_with_primal(&mut self, at: &[$float], d: &mut [$float]) -> $float {
                let ((image, kernel, bias), (di, dk, db)) = (arguments(at), arguments_mut(d));
                let (target, w) = (&self.data.target, self.data.w);
                let (value, by_bias) = conv::$loss::reverse_with_primal(
                    image, di, kernel, dk, *bias, target, w, 1.0,
                );
                *db = by_bias;
                value
            }

            fn by_hand(&mut self, at: &[$float], d: &mut [$float]) -> $float {
                let ((image, kernel, bias), (di, dk, db)) = (arguments(at), arguments_mut(d));
                let (target, w) = (&self.data.target, self.data.w);
                conv::$by_hand(image, di, kernel, dk, *bias, db, target, w)
            }

            $($peers)*
        }
    };
}

convolution! {
    Conv, f64, inputs, conv_loss, conv_gradient_by_hand,

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

convolution! { ConvF32, f32, inputs_f32, conv_loss_f32, conv_gradient_by_hand_f32, }

/// Image, kernel and bias.
fn arguments<T>(v: &[T]) -> (&[T], &[T], &T) {
    let (bias, v) = v.split_last().expect("a bias");
    let (image, kernel) = v.split_at(v.len() - SIDE * SIDE);
    (image, kernel, bias)
}

/// Image, kernel and bias.
fn arguments_mut<T>(v: &mut [T]) -> (&mut [T], &mut [T], &mut T) {
    let (bias, v) = v.split_last_mut().expect("a bias");
    let (image, kernel) = v.split_at_mut(v.len() - SIDE * SIDE);
    (image, kernel, bias)
}

impl Function for Conv {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (image, kernel, &bias) = arguments(v);
        let (w, cols) = (self.data.w, self.data.w - SIDE + 1);
        let miss = |(at, target): (usize, &f64)| {
            let corner = at / cols * w + at % cols;
            let tap = |k: usize| kernel[k] * image[corner + k / SIDE * w + k % SIDE];
            let miss = softplus(sum((0..SIDE * SIDE).map(tap)) + bias) - *target;
            miss * miss
        };
        let misses = self.data.target.iter().enumerate().map(miss);
        [sum(misses) / self.data.target.len() as f64]
    }
}

fn softplus<S: Scalar>(x: S) -> S {
    if x.value() > 0.0 {
        x + ((-x).exp() + 1.0).ln()
    } else {
        (x.exp() + 1.0).ln()
    }
}
