//! Matrix products, factorisations and convolutions.
use super::{Program, parts, parts_mut};
use ad_tests::programs::data::Rng;
use ad_tests::programs::{conv, linear};

#[test]
fn product() {
    for (m, k, n) in [(1, 1, 1), (2, 3, 4), (5, 11, 9), (20, 33, 17)] {
        let data = linear::product_inputs(m, k, n);
        let (a, target) = (m * k, &data.target);
        Program {
            at: [&data.a[..], &data.b].concat(),
            plain: &|v| linear::product_misfit(&v[..a], &v[a..], target, k),
            by_hand: &|v, g| {
                let (d_a, d_b) = g.split_at_mut(a);
                linear::product_gradient_by_hand(&v[..a], d_a, &v[a..], d_b, target, k)
            },
            reverse: &|v, g, seed| {
                let (d_a, d_b) = g.split_at_mut(a);
                linear::product_misfit::reverse(&v[..a], d_a, &v[a..], d_b, target, k, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (d_a, d_b) = g.split_at_mut(a);
                let (a, b) = (&v[..a], &v[a..]);
                linear::product_misfit::reverse_with_primal(a, d_a, b, d_b, target, k, seed).0
            },
            forward: &|v, d| {
                linear::product_misfit::forward(&v[..a], &d[..a], &v[a..], &d[a..], target, k)
            },
            forward_with_primal: &|v, d| {
                let (d_a, d_b) = (&d[..a], &d[a..]);
                let (a, b) = (&v[..a], &v[a..]);
                linear::product_misfit::forward_with_primal(a, d_a, b, d_b, target, k)
            },
        }
        .check();
    }
}

#[test]
fn gaussian() {
    for n in [1, 2, 5, 12, 40] {
        let data = linear::gaussian_inputs(n);
        let a = n * n;
        Program {
            at: [&data.a[..], &data.b].concat(),
            plain: &|v| linear::gaussian(&v[..a], &v[a..]),
            by_hand: &|v, g| {
                let (d_a, d_b) = g.split_at_mut(a);
                linear::gaussian_gradient_by_hand(&v[..a], d_a, &v[a..], d_b)
            },
            reverse: &|v, g, seed| {
                let (d_a, d_b) = g.split_at_mut(a);
                linear::gaussian::reverse(&v[..a], d_a, &v[a..], d_b, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (d_a, d_b) = g.split_at_mut(a);
                linear::gaussian::reverse_with_primal(&v[..a], d_a, &v[a..], d_b, seed).0
            },
            forward: &|v, d| linear::gaussian::forward(&v[..a], &d[..a], &v[a..], &d[a..]),
            forward_with_primal: &|v, d| {
                linear::gaussian::forward_with_primal(&v[..a], &d[..a], &v[a..], &d[a..])
            },
        }
        .check();
    }
}

#[test]
fn conv() {
    for (h, w) in [(5, 5), (6, 9), (8, 15), (24, 31)] {
        let data = conv::inputs(h, w);
        let (n, k, target) = (h * w, h * w + conv::SIDE * conv::SIDE, &data.target);
        Program {
            at: [&data.image[..], &data.kernel, &[data.bias]].concat(),
            plain: &|v| conv::conv_loss(&v[..n], &v[n..k], v[k], target, w),
            by_hand: &|v, g| {
                let (v, g) = (parts(v, n, k), parts_mut(g, n, k));
                conv::conv_gradient_by_hand(v.0, g.0, v.1, g.1, v.2[0], &mut g.2[0], target, w)
            },
            reverse: &|v, g, seed| {
                let (v, g) = (parts(v, n, k), parts_mut(g, n, k));
                g.2[0] += conv::conv_loss::reverse(v.0, g.0, v.1, g.1, v.2[0], target, w, seed);
            },
            reverse_with_primal: &|v, g, seed| {
                let (v, g) = (parts(v, n, k), parts_mut(g, n, k));
                let (primal, d_bias) = conv::conv_loss::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2[0], target, w, seed,
                );
                g.2[0] += d_bias;
                primal
            },
            forward: &|v, d| {
                let (v, d) = (parts(v, n, k), parts(d, n, k));
                conv::conv_loss::forward(v.0, d.0, v.1, d.1, v.2[0], d.2[0], target, w)
            },
            forward_with_primal: &|v, d| {
                let (v, d) = (parts(v, n, k), parts(d, n, k));
                conv::conv_loss::forward_with_primal(v.0, d.0, v.1, d.1, v.2[0], d.2[0], target, w)
            },
        }
        .check();
    }
}

/// The gradient in single precision, to its rounding.
#[test]
fn conv_f32() {
    for (h, w) in [(5, 5), (8, 15), (24, 31)] {
        let data = conv::inputs_f32(h, w);
        let (image, kernel, target) = (&data.image, &data.kernel, &data.target);
        let (n, k) = (h * w, conv::SIDE * conv::SIDE);
        let (mut want_image, mut want_kernel, mut want_bias) = (vec![0.0; n], vec![0.0; k], 0.0);
        let value = conv::conv_gradient_by_hand_f32(
            image,
            &mut want_image,
            kernel,
            &mut want_kernel,
            data.bias,
            &mut want_bias,
            target,
            w,
        );
        let want = [&want_image[..], &want_kernel, &[want_bias]].concat();
        let largest = want.iter().fold(0.0_f32, |most, x| most.max(x.abs()));

        let (mut d_image, mut d_kernel) = (vec![0.0; n], vec![0.0; k]);
        let (primal, d_bias) = conv::conv_loss_f32::reverse_with_primal(
            image,
            &mut d_image,
            kernel,
            &mut d_kernel,
            data.bias,
            target,
            w,
            1.0,
        );
        let plain = conv::conv_loss_f32(image, kernel, data.bias, target, w);
        assert_eq!(primal.to_bits(), plain.to_bits());
        assert!((primal - value).abs() <= 1e-5 * value);
        let got = [&d_image[..], &d_kernel, &[d_bias]].concat();
        for (got, want) in got.iter().zip(&want) {
            assert!(
                (got - want).abs() <= 1e-5 * largest,
                "{got:e} against {want:e}"
            );
        }

        let direction: Vec<f32> = Rng::new(17)
            .uniform_vec(n + k + 1, -1.0, 1.0)
            .iter()
            .map(|d| *d as f32)
            .collect();
        let (along_image, along_kernel, along_bias) = parts_f32(&direction, n, n + k);
        let tangent = conv::conv_loss_f32::forward(
            image,
            along_image,
            kernel,
            along_kernel,
            data.bias,
            along_bias,
            target,
            w,
        );
        let terms = got.iter().zip(&direction).map(|(g, d)| f64::from(g * d));
        let (slope, size) = terms.fold((0.0, 0.0), |(sum, size), t| (sum + t, size + t.abs()));
        assert!((f64::from(tangent) - slope).abs() <= 1e-5 * size);
    }
}

/// `v` taken apart at two places, the last part a number.
fn parts_f32(v: &[f32], a: usize, b: usize) -> (&[f32], &[f32], f32) {
    (&v[..a], &v[a..b], v[b])
}
