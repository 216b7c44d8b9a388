//! The dense network.

use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::mlp::{self, mlp_gradient_by_hand, mlp_loss};

/// The gradient by all weights.
pub struct Mlp {
    data: mlp::Inputs,
    sizes: &'static [usize],
}

impl Mlp {
    /// A network of these widths and a batch of `n` samples.
    #[must_use]
    pub fn new(sizes: &'static [usize], n: usize) -> Mlp {
        Mlp {
            data: mlp::inputs(sizes, n),
            sizes,
        }
    }
}

impl Problem for Mlp {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        self.data.weights.clone()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        mlp_loss(at, &self.data.x, &self.data.labels, self.sizes)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        mlp_loss::reverse(at, d, &self.data.x, &self.data.labels, self.sizes, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let (x, labels) = (&self.data.x, &self.data.labels);
        mlp_loss::reverse_with_primal(at, d, x, labels, self.sizes, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        mlp_gradient_by_hand(at, d, &self.data.x, &self.data.labels, self.sizes)
    }

    fn peers(&self) -> &'static [Method] {
        if cfg!(feature = "candle") {
            &[Method::Tape, Method::Candle]
        } else {
            &[Method::Tape]
        }
    }

    fn peer(&mut self, peer: Method, at: &[f64], d: &mut [f64]) {
        match peer {
            #[cfg(feature = "candle")]
            Method::Candle => tensors::gradient(&self.data, self.sizes, at, d),
            _ => peers::tape(self, at, d),
        }
    }
}

impl Function for Mlp {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let samples = self.data.x.chunks_exact(self.sizes[0]);
        let losses = samples.zip(&self.data.labels).map(|(sample, &label)| {
            let logits = logits(v, sample, self.sizes);
            log_sum_exp(&logits) - logits[label]
        });
        [sum(losses) / self.data.labels.len() as f64]
    }
}

/// The results of the last layer for one sample.
fn logits<S: Scalar>(v: &[S], sample: &[f64], sizes: &[usize]) -> Vec<S> {
    let mut rest = v;
    let mut dense = |outputs: usize, weigh: &dyn Fn(&[S]) -> S, width: usize| -> Vec<S> {
        let (w, after) = rest.split_at(width * outputs);
        let (bias, after) = after.split_at(outputs);
        rest = after;
        let rows = w.chunks_exact(width).zip(bias);
        rows.map(|(row, &bias)| weigh(row) + bias).collect()
    };
    let first = |row: &[S]| sum(row.iter().zip(sample).map(|(&w, &x)| w * x));
    let mut value = dense(sizes[1], &first, sizes[0]);
    for pair in sizes[1..].windows(2) {
        let active: Vec<S> = value.iter().map(|x| x.tanh()).collect();
        let weigh = |row: &[S]| sum(row.iter().zip(&active).map(|(&w, &x)| w * x));
        value = dense(pair[1], &weigh, pair[0]);
    }
    value
}

fn log_sum_exp<S: Scalar>(v: &[S]) -> S {
    let largest = v.iter().fold(f64::NEG_INFINITY, |m, x| m.max(x.value()));
    sum(v.iter().map(|&x| (x - largest).exp())).ln() + largest
}

/// The same network over batches.
#[cfg(feature = "candle")]
mod tensors {
    use ad_tests::programs::mlp::Inputs;
    use candle_core::{Device, Result, Tensor, Var};

    /// The gradient by the weights `at`, as the network's owner would have it: every
    /// layer's matrix and biases are variables.
    pub fn gradient(data: &Inputs, sizes: &[usize], at: &[f64], d: &mut [f64]) {
        try_gradient(data, sizes, at, d).expect("shapes that match");
    }

    fn try_gradient(data: &Inputs, sizes: &[usize], at: &[f64], d: &mut [f64]) -> Result<()> {
        let layers = variables(sizes, at)?;
        let mut grads = loss(data, sizes, &layers)?.backward()?;
        let mut from = 0;
        for variable in layers.iter().flatten() {
            let grad = grads
                .remove(variable)
                .expect("the loss uses every variable");
            let entries = grad.flatten_all()?.to_vec1::<f64>()?;
            d[from..from + entries.len()].copy_from_slice(&entries);
            from += entries.len();
        }
        Ok(())
    }

    /// Matrix and biases of every layer.
    fn variables(sizes: &[usize], at: &[f64]) -> Result<Vec<[Var; 2]>> {
        let mut rest = at;
        let mut take = |shape: (usize, usize)| {
            let (entries, after) = rest.split_at(shape.0 * shape.1);
            rest = after;
            Var::from_slice(entries, shape, &Device::Cpu)
        };
        let mut layer = |pair: &[usize]| Ok([take((pair[1], pair[0]))?, take((1, pair[1]))?]);
        sizes.windows(2).map(&mut layer).collect()
    }

    fn loss(data: &Inputs, sizes: &[usize], layers: &[[Var; 2]]) -> Result<Tensor> {
        let n = data.labels.len();
        let mut value = Tensor::from_slice(&data.x, (n, sizes[0]), &Device::Cpu)?;
        for (i, [w, bias]) in layers.iter().enumerate() {
            if i > 0 {
                value = value.tanh()?;
            }
            value = value.matmul(&w.t()?)?.broadcast_add(bias)?;
        }
        let labels: Vec<u32> = data.labels.iter().map(|&label| label as u32).collect();
        let labels = Tensor::from_vec(labels, (n, 1), &Device::Cpu)?;
        let picked = value.gather(&labels, 1)?.squeeze(1)?;
        (value.log_sum_exp(1)? - picked)?.mean_all()
    }
}
