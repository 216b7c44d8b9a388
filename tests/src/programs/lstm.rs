//! A stack of element-wise LSTM layers over a sequence, as in ADBench.
//!
//! With width `b`, a layer has `8 b` parameters: the weights of the forget,
//! input, output and change gates, then their biases. The state holds the hidden
//! and the cell values of every layer in turn, and is overwritten at each step.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The logistic function.
#[autodiff]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// One layer's step: updates `hidden[b]` and `cell[b]` from `input[b]` with
/// `weights[8*b]`.
#[autodiff]
pub fn layer(weights: &[f64], hidden: &mut [f64], cell: &mut [f64], input: &[f64]) {
    let b = input.len();
    for i in 0..b {
        let forget = sigmoid(input[i] * weights[i] + weights[4 * b + i]);
        let ingate = sigmoid(hidden[i] * weights[b + i] + weights[5 * b + i]);
        let outgate = sigmoid(input[i] * weights[2 * b + i] + weights[6 * b + i]);
        let change = (hidden[i] * weights[3 * b + i] + weights[7 * b + i]).tanh();
        cell[i] = cell[i] * forget + ingate * change;
        hidden[i] = outgate * cell[i].tanh();
    }
}

/// One time step through all layers: `main[l*8*b]`, `extra[3*b]` (input weight,
/// output weight, output bias), `state[l*2*b]` updated, `input[b]`, `out[b]`.
#[autodiff]
pub fn predict(main: &[f64], extra: &[f64], state: &mut [f64], input: &[f64], out: &mut [f64]) {
    let b = input.len();
    let l = main.len() / (8 * b);
    for i in 0..b {
        out[i] = input[i] * extra[i];
    }
    for j in 0..l {
        let (hidden, cell) = state[2 * b * j..2 * b * (j + 1)].split_at_mut(b);
        layer(&main[8 * b * j..8 * b * (j + 1)], hidden, cell, out);
        out.copy_from_slice(hidden);
    }
    for i in 0..b {
        out[i] = out[i] * extra[b + i] + extra[2 * b + i];
    }
}

/// `log(2 + sum(exp(x)))` of `x[..]`, the normaliser of ADBench's predictions.
#[autodiff]
pub fn log_sum_exp(x: &[f64]) -> f64 {
    let mut sum = 2.0;
    for i in 0..x.len() {
        sum += x[i].exp();
    }
    sum.ln()
}

/// The mean negative log-likelihood of predicting each element of
/// `sequence[t*b]` from the ones before it: `l` layers of width `b`,
/// `main[l*8*b]`, `extra[3*b]`, `state0[l*2*b]`.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const, Const
)]
#[autodiff(
    Reverse, Active, Duplicated, Duplicated, Duplicated, Const, Const, Const
)]
pub fn lstm_objective(
    main: &[f64],
    extra: &[f64],
    state0: &[f64],
    sequence: &[f64],
    l: usize,
    b: usize,
) -> f64 {
    let steps = sequence.len() / b - 1;
    let mut state = state0.to_vec();
    let mut prediction = vec![0.0; b];
    let mut total = 0.0;
    for t in 0..steps {
        let input = &sequence[t * b..(t + 1) * b];
        predict(
            &main[..8 * b * l],
            extra,
            &mut state,
            input,
            &mut prediction,
        );
        let norm = log_sum_exp(&prediction);
        for i in 0..b {
            total += sequence[(t + 1) * b + i] * (prediction[i] - norm);
        }
    }
    -total / (steps * b) as f64
}

/// What the reverse of a layer's step needs of entry `i`: the four gates and
/// the hyperbolic tangent of the new cell.
type Kept = [f64; 5];

/// [`layer`] from one state to the next, keeping the gates.
fn layer_kept(weights: &[f64], old: &[f64], new: &mut [f64], input: &[f64], kept: &mut [Kept]) {
    let b = input.len();
    let (hidden, cell) = old.split_at(b);
    let (new_hidden, new_cell) = new.split_at_mut(b);
    for i in 0..b {
        let forget = sigmoid(input[i] * weights[i] + weights[4 * b + i]);
        let ingate = sigmoid(hidden[i] * weights[b + i] + weights[5 * b + i]);
        let outgate = sigmoid(input[i] * weights[2 * b + i] + weights[6 * b + i]);
        let change = (hidden[i] * weights[3 * b + i] + weights[7 * b + i]).tanh();
        new_cell[i] = cell[i] * forget + ingate * change;
        let squashed = new_cell[i].tanh();
        new_hidden[i] = outgate * squashed;
        kept[i] = [forget, ingate, outgate, change, squashed];
    }
}

/// The reverse of [`layer_kept`]: `d_state[2*b]` and `d_input[b]` (the adjoint
/// of the layer's output on entry) are overwritten, `d_weights[8*b]` added to.
fn layer_reverse(
    weights: &[f64],
    d_weights: &mut [f64],
    old: &[f64],
    d_state: &mut [f64],
    input: &[f64],
    d_input: &mut [f64],
    kept: &[Kept],
) {
    let b = input.len();
    let (hidden, cell) = old.split_at(b);
    let (d_hidden, d_cell) = d_state.split_at_mut(b);
    for i in 0..b {
        let [forget, ingate, outgate, change, squashed] = kept[i];
        let d_out = d_hidden[i] + d_input[i];
        let d_new = d_cell[i] + d_out * outgate * (1.0 - squashed * squashed);
        let d_forget = d_new * cell[i] * forget * (1.0 - forget);
        let d_ingate = d_new * change * ingate * (1.0 - ingate);
        let d_outgate = d_out * squashed * outgate * (1.0 - outgate);
        let d_change = d_new * ingate * (1.0 - change * change);
        d_cell[i] = d_new * forget;
        d_hidden[i] = d_ingate * weights[b + i] + d_change * weights[3 * b + i];
        d_input[i] = d_forget * weights[i] + d_outgate * weights[2 * b + i];
        d_weights[i] += d_forget * input[i];
        d_weights[b + i] += d_ingate * hidden[i];
        d_weights[2 * b + i] += d_outgate * input[i];
        d_weights[3 * b + i] += d_change * hidden[i];
        d_weights[4 * b + i] += d_forget;
        d_weights[5 * b + i] += d_ingate;
        d_weights[6 * b + i] += d_outgate;
        d_weights[7 * b + i] += d_change;
    }
}

/// The loss summed over the `steps` predictions, for the forward half of
/// [`lstm_gradient_by_hand`]: fills `states[(steps+1)*l*2*b]` after its first
/// entry, `kept[steps*l*b]` and `d_top[steps*b]`, the adjoints of the last
/// layer's outputs for a loss seed of `seed`; adds the output part of `d_extra`.
fn forward_kept(
    main: &[f64],
    extra: &[f64],
    d_extra: &mut [f64],
    sequence: &[f64],
    b: usize,
    seed: f64,
    states: &mut [f64],
    kept: &mut [Kept],
    d_top: &mut [f64],
) -> f64 {
    let l = main.len() / (8 * b);
    let mut scaled = vec![0.0; b];
    let mut prediction = vec![0.0; b];
    let mut total = 0.0;
    for t in 0..sequence.len() / b - 1 {
        let (old, new) = states[2 * b * l * t..2 * b * l * (t + 2)].split_at_mut(2 * b * l);
        for i in 0..b {
            scaled[i] = sequence[t * b + i] * extra[i];
        }
        for j in 0..l {
            let (below, here) = new.split_at_mut(2 * b * j);
            let input = if j == 0 {
                &scaled
            } else {
                &below[2 * b * (j - 1)..][..b]
            };
            layer_kept(
                &main[8 * b * j..8 * b * (j + 1)],
                &old[2 * b * j..2 * b * (j + 1)],
                &mut here[..2 * b],
                input,
                &mut kept[(t * l + j) * b..(t * l + j + 1) * b],
            );
        }

        let top = &new[2 * b * (l - 1)..][..b];
        let gold = &sequence[(t + 1) * b..(t + 2) * b];
        let d_top = &mut d_top[t * b..(t + 1) * b];
        let mut sum = 2.0;
        for i in 0..b {
            prediction[i] = top[i] * extra[b + i] + extra[2 * b + i];
            d_top[i] = prediction[i].exp();
            sum += d_top[i];
        }
        let norm = sum.ln();
        let mut golds = 0.0;
        for i in 0..b {
            golds += gold[i];
            total += gold[i] * (prediction[i] - norm);
        }
        let share = golds / sum;
        for i in 0..b {
            let d_prediction = seed * (gold[i] - share * d_top[i]);
            d_extra[b + i] += d_prediction * top[i];
            d_extra[2 * b + i] += d_prediction;
            d_top[i] = d_prediction * extra[b + i];
        }
    }
    total
}

/// The value of [`lstm_objective`]; adds its gradient to `d_main[l*8*b]`,
/// `d_extra[3*b]` and `d_state0[l*2*b]`.
pub fn lstm_gradient_by_hand(
    main: &[f64],
    d_main: &mut [f64],
    extra: &[f64],
    d_extra: &mut [f64],
    state0: &[f64],
    d_state0: &mut [f64],
    sequence: &[f64],
    l: usize,
    b: usize,
) -> f64 {
    let main = &main[..8 * b * l];
    let steps = sequence.len() / b - 1;
    let seed = -1.0 / (steps * b) as f64;
    let mut states = vec![0.0; (steps + 1) * 2 * b * l];
    states[..2 * b * l].copy_from_slice(state0);
    let mut kept = vec![[0.0; 5]; steps * l * b];
    let mut d_top = vec![0.0; steps * b];
    let total = forward_kept(
        main,
        extra,
        d_extra,
        sequence,
        b,
        seed,
        &mut states,
        &mut kept,
        &mut d_top,
    );

    let mut scaled = vec![0.0; b];
    let mut d_state = vec![0.0; 2 * b * l];
    for t in (0..steps).rev() {
        let (old, new) = states[2 * b * l * t..2 * b * l * (t + 2)].split_at(2 * b * l);
        let d_input = &mut d_top[t * b..(t + 1) * b];
        for i in 0..b {
            scaled[i] = sequence[t * b + i] * extra[i];
        }
        for j in (0..l).rev() {
            let input = if j == 0 {
                &scaled
            } else {
                &new[2 * b * (j - 1)..][..b]
            };
            layer_reverse(
                &main[8 * b * j..8 * b * (j + 1)],
                &mut d_main[8 * b * j..8 * b * (j + 1)],
                &old[2 * b * j..2 * b * (j + 1)],
                &mut d_state[2 * b * j..2 * b * (j + 1)],
                input,
                d_input,
                &kept[(t * l + j) * b..(t * l + j + 1) * b],
            );
        }
        for i in 0..b {
            d_extra[i] += d_input[i] * sequence[t * b + i];
        }
    }
    for i in 0..d_state.len() {
        d_state0[i] += d_state[i];
    }
    total * seed
}

/// A problem for [`lstm_objective`].
pub struct Inputs {
    /// Layer weights and biases, `[l*8*b]`.
    pub main: Vec<f64>,
    /// Input weight, output weight, output bias, `[3*b]`.
    pub extra: Vec<f64>,
    /// Initial hidden and cell values, `[l*2*b]`.
    pub state0: Vec<f64>,
    /// One-hot symbols, `[t*b]`.
    pub sequence: Vec<f64>,
    /// Number of layers.
    pub l: usize,
    /// Width.
    pub b: usize,
}

/// `l` layers of width `b` and a sequence of `t` symbols, each one-hot.
pub fn inputs(l: usize, b: usize, t: usize) -> Inputs {
    let mut rng = Rng::new(2);
    let mut sequence = vec![0.0; t * b];
    for s in 0..t {
        sequence[s * b + rng.index(b)] = 1.0;
    }
    Inputs {
        main: rng.normal_vec(l * 8 * b, 0.5),
        extra: rng.normal_vec(3 * b, 0.8),
        state0: rng.normal_vec(l * 2 * b, 0.3),
        sequence,
        l,
        b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn sigmoid_dual<D: Num>(x: D) -> D {
        ((-x).exp() + 1.0).recip()
    }

    fn objective_dual<D: Num>(main: &[D], extra: &[D], state: &[D], seq: &[f64], b: usize) -> D {
        let l = main.len() / (8 * b);
        let mut state = state.to_vec();
        let steps = seq.len() / b - 1;
        let mut total = D::from(0.0);
        for t in 0..steps {
            let mut x: Vec<D> = (0..b).map(|i| extra[i] * seq[t * b + i]).collect();
            for j in 0..l {
                let w = &main[8 * b * j..8 * b * (j + 1)];
                let s = &mut state[2 * b * j..2 * b * (j + 1)];
                for i in 0..b {
                    let forget = sigmoid_dual(x[i] * w[i] + w[4 * b + i]);
                    let ingate = sigmoid_dual(s[i] * w[b + i] + w[5 * b + i]);
                    let outgate = sigmoid_dual(x[i] * w[2 * b + i] + w[6 * b + i]);
                    let change = (s[i] * w[3 * b + i] + w[7 * b + i]).tanh();
                    s[b + i] = s[b + i] * forget + ingate * change;
                    s[i] = outgate * s[b + i].tanh();
                    x[i] = s[i];
                }
            }
            let y: Vec<D> = (0..b)
                .map(|i| x[i] * extra[b + i] + extra[2 * b + i])
                .collect();
            let norm = (y.iter().map(|v| v.exp()).sum::<D>() + 2.0).ln();
            for i in 0..b {
                total += (y[i] - norm) * seq[(t + 1) * b + i];
            }
        }
        -total / (steps * b) as f64
    }

    #[test]
    fn gradient() {
        for (l, b, t) in [(1, 1, 2), (1, 4, 5), (2, 3, 6), (3, 5, 9)] {
            let data = inputs(l, b, t);
            let seq = &data.sequence;
            let (m, e) = (data.main.len(), data.main.len() + data.extra.len());
            let at = [&data.main[..], &data.extra, &data.state0].concat();
            check::gradient(
                &at,
                &|v| lstm_objective(&v[..m], &v[m..e], &v[e..], seq, l, b),
                &|v| objective_dual(&v[..m], &v[m..e], &v[e..], seq, b),
                &|v, g| {
                    let (gm, rest) = g.split_at_mut(m);
                    let (ge, gs) = rest.split_at_mut(e - m);
                    let (vm, ve, vs) = (&v[..m], &v[m..e], &v[e..]);
                    lstm_gradient_by_hand(vm, gm, ve, ge, vs, gs, seq, l, b)
                },
            );
        }
    }
}
