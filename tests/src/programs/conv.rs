//! One 5x5 convolution of an image, a softplus, and the mean squared distance
//! from a target; in `f64` and in `f32`.
//!
//! An image has rows of `w` pixels. The convolution keeps to the pixels whose
//! whole neighbourhood lies inside, so that it loses two rows and two columns at
//! every side.

use super::data::Rng;
use ad_runtime::prelude::*;

/// Rows and columns of the kernel.
pub const SIDE: usize = 5;

/// The objective and its gradient by hand, for one type of floats.
macro_rules! convolution {
    ($float:ident, $softplus:ident, $loss:ident, $by_hand:ident) => {
        /// `log(1 + exp(x))` without overflow.
        #[autodiff]
        pub fn $softplus(x: $float) -> $float {
            x.max(0.0) + (-x.abs()).exp().ln_1p()
        }

        /// The mean squared distance of the softplus of the convolution of
        /// `image[h*w]` with `kernel[5*5]`, plus `bias`, from
        /// `target[(h-4)*(w-4)]`.
        #[autodiff(Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const)]
        #[autodiff(Reverse, Active, Duplicated, Duplicated, Active, Const, Const)]
        pub fn $loss(
            image: &[$float],
            kernel: &[$float],
            bias: $float,
            target: &[$float],
            w: usize,
        ) -> $float {
            let rows = image.len() / w - SIDE + 1;
            let cols = w - SIDE + 1;
            let mut loss = 0.0;
            for r in 0..rows {
                for c in 0..cols {
                    let mut sum = bias;
                    for i in 0..SIDE {
                        for j in 0..SIDE {
                            sum += kernel[i * SIDE + j] * image[(r + i) * w + c + j];
                        }
                    }
                    let miss = $softplus(sum) - target[r * cols + c];
                    loss += miss * miss;
                }
            }
            loss / (rows * cols) as $float
        }

        /// The value of the loss; adds its gradient to `d_image[h*w]`,
        /// `d_kernel[5*5]` and `d_bias`.
        ///
        /// A row of the result is reversed directly after it is formed; the slope
        /// of the softplus comes from the exponential that its value needs.
        pub fn $by_hand(
            image: &[$float],
            d_image: &mut [$float],
            kernel: &[$float],
            d_kernel: &mut [$float],
            bias: $float,
            d_bias: &mut $float,
            target: &[$float],
            w: usize,
        ) -> $float {
            let rows = image.len() / w - SIDE + 1;
            let cols = w - SIDE + 1;
            let scale = 1.0 / (rows * cols) as $float;
            let twice = 2.0 * scale;
            let mut sums = vec![0.0; cols];
            let mut loss = 0.0;
            for (r, target) in target.chunks_exact(cols).enumerate() {
                sums.fill(bias);
                for i in 0..SIDE {
                    let line = &image[(r + i) * w..(r + i + 1) * w];
                    let taps = &kernel[i * SIDE..(i + 1) * SIDE];
                    let [a, b, c, d, e] = std::array::from_fn(|j| &line[j..j + cols]);
                    for x in 0..cols {
                        sums[x] += taps[0] * a[x]
                            + taps[1] * b[x]
                            + taps[2] * c[x]
                            + taps[3] * d[x]
                            + taps[4] * e[x];
                    }
                }
                for (sum, t) in sums.iter_mut().zip(target) {
                    let small = (-sum.abs()).exp();
                    let miss = sum.max(0.0) + small.ln_1p() - t;
                    loss += miss * miss;
                    let share = if *sum >= 0.0 { 1.0 } else { small } / (1.0 + small);
                    *sum = twice * miss * share;
                    *d_bias += *sum;
                }
                for i in 0..SIDE {
                    let line = &image[(r + i) * w..(r + i + 1) * w];
                    let d_line = &mut d_image[(r + i) * w..(r + i + 1) * w];
                    let d_taps = &mut d_kernel[i * SIDE..(i + 1) * SIDE];
                    for (j, tap) in kernel[i * SIDE..(i + 1) * SIDE].iter().enumerate() {
                        for (d, s) in d_line[j..j + cols].iter_mut().zip(&sums) {
                            *d += tap * s;
                        }
                        let (line, line_rest) = line[j..j + cols].as_chunks::<8>();
                        let (given, given_rest) = sums.as_chunks::<8>();
                        let mut parts = [0.0; 8];
                        for (p, s) in line.iter().zip(given) {
                            for k in 0..8 {
                                parts[k] += p[k] * s[k];
                            }
                        }
                        for (p, s) in line_rest.iter().zip(given_rest) {
                            parts[0] += p * s;
                        }
                        d_taps[j] += parts.iter().sum::<$float>();
                    }
                }
            }
            scale * loss
        }
    };
}

convolution!(f64, softplus, conv_loss, conv_gradient_by_hand);
convolution!(f32, softplus_f32, conv_loss_f32, conv_gradient_by_hand_f32);

/// A problem for [`conv_loss`] or [`conv_loss_f32`].
pub struct Inputs<F> {
    /// Image, `[h*w]`.
    pub image: Vec<F>,
    /// Kernel, `[5*5]`.
    pub kernel: Vec<F>,
    /// What is added to every sum.
    pub bias: F,
    /// Image to reach, `[(h-4)*(w-4)]`.
    pub target: Vec<F>,
    /// Columns of the image.
    pub w: usize,
}

/// A smooth image of `h` rows of `w` pixels with some noise, a random kernel, and
/// a target of no particular shape.
pub fn inputs(h: usize, w: usize) -> Inputs<f64> {
    let mut rng = Rng::new(14);
    let mut image = Vec::with_capacity(h * w);
    for r in 0..h {
        for c in 0..w {
            let wave = (0.3 * r as f64).sin() + (0.2 * c as f64).cos();
            image.push(wave + 0.2 * rng.normal());
        }
    }
    Inputs {
        image,
        kernel: rng.normal_vec(SIDE * SIDE, 0.3),
        bias: 0.1,
        target: rng.uniform_vec((h - SIDE + 1) * (w - SIDE + 1), 0.0, 1.5),
        w,
    }
}

/// [`inputs`], rounded.
pub fn inputs_f32(h: usize, w: usize) -> Inputs<f32> {
    let data = inputs(h, w);
    let round = |v: &[f64]| v.iter().map(|x| *x as f32).collect();
    Inputs {
        image: round(&data.image),
        kernel: round(&data.kernel),
        bias: data.bias as f32,
        target: round(&data.target),
        w,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn loss_dual<D: Num>(image: &[D], kernel: &[D], bias: D, data: &Inputs<f64>) -> D {
        let (w, cols) = (data.w, data.w - SIDE + 1);
        let mut loss = D::from(0.0);
        for (at, target) in data.target.iter().enumerate() {
            let corner = at / cols * w + at % cols;
            let taps =
                (0..SIDE * SIDE).map(|k| kernel[k] * image[corner + k / SIDE * w + k % SIDE]);
            loss += ((taps.sum::<D>() + bias).exp().ln_1p() - *target).powi(2);
        }
        loss / data.target.len() as f64
    }

    #[test]
    fn gradient() {
        for (h, w) in [(5, 5), (6, 9), (8, 15)] {
            let data = inputs(h, w);
            let (n, k) = (h * w, h * w + SIDE * SIDE);
            check::gradient(
                &[&data.image[..], &data.kernel, &[data.bias]].concat(),
                &|v| conv_loss(&v[..n], &v[n..k], v[k], &data.target, w),
                &|v| loss_dual(&v[..n], &v[n..k], v[k], &data),
                &|v, g| {
                    let (d_image, rest) = g.split_at_mut(n);
                    let (d_kernel, d_bias) = rest.split_at_mut(k - n);
                    let (image, kernel) = (&v[..n], &v[n..k]);
                    let (bias, d_bias) = (v[k], &mut d_bias[0]);
                    conv_gradient_by_hand(
                        image,
                        d_image,
                        kernel,
                        d_kernel,
                        bias,
                        d_bias,
                        &data.target,
                        w,
                    )
                },
            );
        }
    }

    #[test]
    fn single_precision() {
        let (h, w) = (8, 15);
        let (data, single) = (inputs(h, w), inputs_f32(h, w));
        let (mut image, mut kernel, mut bias) = (vec![0.0; h * w], [0.0; SIDE * SIDE], 0.0);
        let value = conv_gradient_by_hand(
            &data.image,
            &mut image,
            &data.kernel,
            &mut kernel,
            data.bias,
            &mut bias,
            &data.target,
            w,
        );
        let (mut image_f32, mut kernel_f32) = (vec![0.0; h * w], [0.0; SIDE * SIDE]);
        let mut bias_f32 = 0.0;
        let rounded = conv_gradient_by_hand_f32(
            &single.image,
            &mut image_f32,
            &single.kernel,
            &mut kernel_f32,
            single.bias,
            &mut bias_f32,
            &single.target,
            w,
        );
        let got = [&image_f32[..], &kernel_f32, &[bias_f32, rounded]].concat();
        let want = [&image[..], &kernel, &[bias, value]].concat();
        let largest = want.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (got, want) in got.iter().zip(&want) {
            assert!((f64::from(*got) - want).abs() <= 1e-6 * largest);
        }
    }
}
