//! The recurrent network.

use super::{parts, three};
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::lstm::{self, lstm_gradient_by_hand, lstm_objective};

/// The gradient by all weights and the initial state.
pub struct Lstm {
    data: lstm::Inputs,
}

impl Lstm {
    /// `l` layers of width `b` on a sequence of `t` elements.
    #[must_use]
    pub fn new(l: usize, b: usize, t: usize) -> Lstm {
        Lstm {
            data: lstm::inputs(l, b, t),
        }
    }

    /// Where the arguments are taken apart.
    fn cuts(&self) -> (usize, usize) {
        let main = self.data.main.len();
        (main, main + self.data.extra.len())
    }
}

impl Problem for Lstm {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.main[..], &self.data.extra, &self.data.state0].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (a, b) = self.cuts();
        let [main, extra, state] = parts(at, a, b);
        lstm_objective(
            main,
            extra,
            state,
            &self.data.sequence,
            self.data.l,
            self.data.b,
        )
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let ([v, w, s], [dv, dw, ds]) = three(at, d, self.cuts());
        let (sequence, l, b) = (&self.data.sequence, self.data.l, self.data.b);
        lstm_objective::reverse(v, dv, w, dw, s, ds, sequence, l, b, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([v, w, s], [dv, dw, ds]) = three(at, d, self.cuts());
        let (sequence, l, b) = (&self.data.sequence, self.data.l, self.data.b);
        lstm_objective::reverse_with_primal(v, dv, w, dw, s, ds, sequence, l, b, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([v, w, s], [dv, dw, ds]) = three(at, d, self.cuts());
        let (sequence, l, b) = (&self.data.sequence, self.data.l, self.data.b);
        lstm_gradient_by_hand(v, dv, w, dw, s, ds, sequence, l, b)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Lstm {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let ((a, b), width) = (self.cuts(), self.data.b);
        let (main, extra, mut state) = (&v[..a], &v[a..b], v[b..].to_vec());
        let elements: Vec<&[f64]> = self.data.sequence.chunks_exact(width).collect();
        let losses = elements.windows(2).map(|pair| {
            let prediction = predict(main, extra, &mut state, pair[0]);
            let norm = (sum(prediction.iter().map(|y| y.exp())) + 2.0).ln();
            sum((0..width).map(|i| (prediction[i] - norm) * pair[1][i]))
        });
        [sum(losses) * (-1.0 / ((elements.len() - 1) * width) as f64)]
    }
}

/// One time step through all layers, which updates `state`.
fn predict<S: Scalar>(main: &[S], extra: &[S], state: &mut [S], input: &[f64]) -> Vec<S> {
    let b = input.len();
    let mut x: Vec<S> = (0..b).map(|i| extra[i] * input[i]).collect();
    for (weights, state) in main.chunks_exact(8 * b).zip(state.chunks_exact_mut(2 * b)) {
        layer(weights, state, &mut x);
    }
    (0..b)
        .map(|i| x[i] * extra[b + i] + extra[2 * b + i])
        .collect()
}

/// One layer's step: updates `state` and makes of the layer's input its output.
fn layer<S: Scalar>(w: &[S], state: &mut [S], x: &mut [S]) {
    let b = x.len();
    let (hidden, cell) = state.split_at_mut(b);
    for i in 0..b {
        let forget = sigmoid(x[i] * w[i] + w[4 * b + i]);
        let ingate = sigmoid(hidden[i] * w[b + i] + w[5 * b + i]);
        let outgate = sigmoid(x[i] * w[2 * b + i] + w[6 * b + i]);
        let change = (hidden[i] * w[3 * b + i] + w[7 * b + i]).tanh();
        cell[i] = cell[i] * forget + ingate * change;
        hidden[i] = outgate * cell[i].tanh();
        x[i] = hidden[i];
    }
}

fn sigmoid<S: Scalar>(x: S) -> S {
    x.constant(1.0) / ((-x).exp() + 1.0)
}
