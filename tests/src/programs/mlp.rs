//! A dense network with hyperbolic tangents and a softmax cross-entropy loss
//! over a batch.
//!
//! `sizes` lists the widths from the input to the classes. The weights of a
//! layer are its matrix with one row for each output, then its biases.

use super::data::Rng;
use ad_runtime::prelude::*;

/// `out[o] = w[o*i] input[i] + bias[o]`.
#[autodiff]
pub fn dense(w: &[f64], bias: &[f64], input: &[f64], out: &mut [f64]) {
    let width = input.len();
    for o in 0..out.len() {
        let mut sum = bias[o];
        for i in 0..width {
            sum += w[o * width + i] * input[i];
        }
        out[o] = sum;
    }
}

/// The negative logarithm of the softmax of `logits[classes]` at `label`.
#[autodiff]
pub fn cross_entropy(logits: &[f64], label: usize) -> f64 {
    let mut largest = logits[0];
    for logit in logits.iter() {
        if *logit > largest {
            largest = *logit;
        }
    }
    let mut sum = 0.0;
    for logit in logits.iter() {
        sum += (*logit - largest).exp();
    }
    sum.ln() + largest - logits[label]
}

/// The number of weights of a network of these widths.
pub fn weight_count(sizes: &[usize]) -> usize {
    let mut count = 0;
    for layer in 1..sizes.len() {
        count += (sizes[layer - 1] + 1) * sizes[layer];
    }
    count
}

/// The mean loss over the batch `x[n*sizes[0]]` with `labels[n]`, for
/// `weights` of [`weight_count`] entries.
#[autodiff(Forward, Duplicated, Duplicated, Const, Const, Const)]
#[autodiff(Reverse, Active, Duplicated, Const, Const, Const)]
pub fn mlp_loss(weights: &[f64], x: &[f64], labels: &[usize], sizes: &[usize]) -> f64 {
    let n = labels.len();
    let layers = sizes.len() - 1;
    let mut widest = 0;
    for size in sizes.iter() {
        if *size > widest {
            widest = *size;
        }
    }

    let mut current = vec![0.0; widest];
    let mut next = vec![0.0; widest];
    let mut loss = 0.0;
    for s in 0..n {
        current[..sizes[0]].copy_from_slice(&x[s * sizes[0]..(s + 1) * sizes[0]]);
        let mut at = 0;
        for layer in 0..layers {
            let inputs = sizes[layer];
            let outputs = sizes[layer + 1];
            let w = &weights[at..at + inputs * outputs];
            let bias = &weights[at + inputs * outputs..at + (inputs + 1) * outputs];
            dense(w, bias, &current[..inputs], &mut next[..outputs]);
            if layer + 1 < layers {
                for o in 0..outputs {
                    next[o] = next[o].tanh();
                }
            }
            std::mem::swap(&mut current, &mut next);
            at += (inputs + 1) * outputs;
        }
        loss += cross_entropy(&current[..sizes[layers]], labels[s]);
    }
    loss / n as f64
}

/// Returns [`cross_entropy`] and overwrites the logits by its gradient times
/// `scale`.
fn cross_entropy_reverse(logits: &mut [f64], label: usize, scale: f64) -> f64 {
    let picked = logits[label];
    let largest = logits
        .iter()
        .fold(logits[0], |a, &b| if b > a { b } else { a });
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - largest).exp();
        sum += *logit;
    }
    let share = scale / sum;
    for logit in logits.iter_mut() {
        *logit *= share;
    }
    logits[label] -= scale;
    sum.ln() + largest - picked
}

/// The reverse of [`dense`]: adds to `d_w`, `d_bias` and, unless it is empty,
/// to `d_input`.
fn dense_reverse(
    w: &[f64],
    d_w: &mut [f64],
    d_bias: &mut [f64],
    input: &[f64],
    d_input: &mut [f64],
    d_out: &[f64],
) {
    let width = input.len();
    for o in 0..d_out.len() {
        let d = d_out[o];
        d_bias[o] += d;
        for (d_w, x) in d_w[o * width..(o + 1) * width].iter_mut().zip(input) {
            *d_w += d * x;
        }
        for (d_x, w) in d_input.iter_mut().zip(&w[o * width..(o + 1) * width]) {
            *d_x += d * w;
        }
    }
}

/// The value of [`mlp_loss`]; adds its gradient to `d_weights`, of
/// [`weight_count`] entries.
///
/// Every sample is reversed directly after its forward pass, with the slope of
/// a tangent taken from its value.
pub fn mlp_gradient_by_hand(
    weights: &[f64],
    d_weights: &mut [f64],
    x: &[f64],
    labels: &[usize],
    sizes: &[usize],
) -> f64 {
    let n = labels.len();
    let layers = sizes.len() - 1;
    let scale = 1.0 / n as f64;
    let hidden: usize = sizes[1..].iter().sum();
    let mut values = vec![0.0; hidden];
    let mut adjoints = vec![0.0; hidden];
    let mut loss = 0.0;
    for s in 0..n {
        let sample = &x[s * sizes[0]..(s + 1) * sizes[0]];
        let (mut at, mut from) = (0, 0);
        for layer in 0..layers {
            let (inputs, outputs) = (sizes[layer], sizes[layer + 1]);
            let (before, out) = values.split_at_mut(from);
            let input = if layer == 0 {
                sample
            } else {
                &before[from - inputs..]
            };
            let (w, rest) = weights[at..].split_at(inputs * outputs);
            let out = &mut out[..outputs];
            dense(w, &rest[..outputs], input, out);
            if layer + 1 < layers {
                for o in out {
                    *o = o.tanh();
                }
            }
            at += (inputs + 1) * outputs;
            from += outputs;
        }

        adjoints.fill(0.0);
        let logits = &mut values[hidden - sizes[layers]..];
        loss += cross_entropy_reverse(logits, labels[s], scale);
        adjoints[hidden - sizes[layers]..].copy_from_slice(logits);
        for layer in (0..layers).rev() {
            let (inputs, outputs) = (sizes[layer], sizes[layer + 1]);
            at -= (inputs + 1) * outputs;
            from -= outputs;
            let (d_before, d_out) = adjoints.split_at_mut(from);
            let d_out = &mut d_out[..outputs];
            if layer + 1 < layers {
                for (d, v) in d_out.iter_mut().zip(&values[from..]) {
                    *d *= 1.0 - v * v;
                }
            }
            let (input, d_input) = if layer == 0 {
                (sample, &mut [][..])
            } else {
                (&values[from - inputs..from], &mut d_before[from - inputs..])
            };
            let w = &weights[at..at + inputs * outputs];
            let (d_w, d_rest) = d_weights[at..].split_at_mut(inputs * outputs);
            dense_reverse(w, d_w, &mut d_rest[..outputs], input, d_input, d_out);
        }
    }
    loss / n as f64
}

/// A problem for [`mlp_loss`].
pub struct Inputs {
    /// Weights, [`weight_count`] entries.
    pub weights: Vec<f64>,
    /// Samples, `[n*sizes[0]]`.
    pub x: Vec<f64>,
    /// Their classes, `[n]`.
    pub labels: Vec<usize>,
}

/// A network of the given widths and a batch of `n` samples around a centre for
/// each class.
pub fn inputs(sizes: &[usize], n: usize) -> Inputs {
    let mut rng = Rng::new(7);
    let (width, classes) = (sizes[0], sizes[sizes.len() - 1]);
    let centres = rng.normal_vec(classes * width, 1.0);
    let mut x = Vec::with_capacity(n * width);
    let mut labels = Vec::with_capacity(n);
    for _ in 0..n {
        let label = rng.index(classes);
        labels.push(label);
        for i in 0..width {
            x.push(centres[label * width + i] + 0.5 * rng.normal());
        }
    }
    let mut weights = Vec::with_capacity(weight_count(sizes));
    for pair in sizes.windows(2) {
        weights.extend(rng.normal_vec(pair[0] * pair[1], (1.0 / pair[0] as f64).sqrt()));
        weights.extend(rng.normal_vec(pair[1], 0.1));
    }
    Inputs { weights, x, labels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn loss_dual<D: Num>(weights: &[D], data: &Inputs, sizes: &[usize]) -> D {
        let n = data.labels.len();
        let mut loss = D::from(0.0);
        for s in 0..n {
            let sample = &data.x[s * sizes[0]..(s + 1) * sizes[0]];
            let mut value: Vec<D> = sample.iter().map(|v| D::from(*v)).collect();
            let mut at = 0;
            for (layer, pair) in sizes.windows(2).enumerate() {
                let (w, bias) = weights[at..].split_at(pair[0] * pair[1]);
                value = (0..pair[1])
                    .map(|o| {
                        let terms = (0..pair[0]).map(|i| w[o * pair[0] + i] * value[i]);
                        let sum = terms.sum::<D>() + bias[o];
                        if layer + 2 < sizes.len() {
                            sum.tanh()
                        } else {
                            sum
                        }
                    })
                    .collect();
                at += (pair[0] + 1) * pair[1];
            }
            let total: D = value.iter().map(|v| v.exp()).sum();
            loss += total.ln() - value[data.labels[s]];
        }
        loss / n as f64
    }

    #[test]
    fn gradient() {
        let shapes: [(&[usize], usize); 4] = [
            (&[2, 2], 3),
            (&[3, 4, 2], 5),
            (&[1, 1, 3], 2),
            (&[4, 6, 5, 3], 7),
        ];
        for (sizes, n) in shapes {
            let data = inputs(sizes, n);
            assert_eq!(data.weights.len(), weight_count(sizes));
            check::gradient(
                &data.weights,
                &|v| mlp_loss(v, &data.x, &data.labels, sizes),
                &|v| loss_dual(v, &data, sizes),
                &|v, g| mlp_gradient_by_hand(v, g, &data.x, &data.labels, sizes),
            );
        }
    }
}
