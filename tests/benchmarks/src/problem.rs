//! What is measured of a program.

use std::fmt;
use std::hint::black_box;

/// A way to differentiate a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The derivative that the attribute makes.
    Ours,
    /// The same together with the objective's value.
    OursWithPrimal,
    /// The derivative that a person derived, with the value.
    ByHand,
    /// Forward mode with the dual vectors of `num-dual`.
    NumDual,
    /// Reverse mode with the tape of the crate `reverse`.
    Tape,
    /// Reverse mode over tensors with `candle-core`.
    Candle,
}

impl Method {
    /// Every method, in the order of the columns of a table.
    pub const ALL: [Method; 6] = [
        Method::Ours,
        Method::OursWithPrimal,
        Method::ByHand,
        Method::NumDual,
        Method::Tape,
        Method::Candle,
    ];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Ours => "ours",
            Method::OursWithPrimal => "ours with primal",
            Method::ByHand => "by hand",
            Method::NumDual => "`num-dual`",
            Method::Tape => "`reverse` (tape)",
            Method::Candle => "`candle-core`",
        })
    }
}

/// The numbers that a program computes with.
pub trait Real: Copy + Default + Into<f64> {
    /// How much derivatives may differ, by their largest entry.
    const TOLERANCE: f64;
}

impl Real for f32 {
    const TOLERANCE: f64 = 1e-4;
}

impl Real for f64 {
    const TOLERANCE: f64 = 1e-10;
}

/// A program over one flat list of arguments, and its derivatives.
///
/// A derivative is a flat list too: a gradient, or a Jacobian's rows one after the
/// other. Every method adds it onto `d`, which holds zeros.
pub trait Problem {
    /// The numbers that the program computes with.
    type Real: Real;

    /// The arguments at which the program is measured.
    fn point(&self) -> Vec<Self::Real>;

    /// The number of entries of the derivative.
    fn entries(&self) -> usize {
        self.point().len()
    }

    /// The value of the objective.
    fn primal(&mut self, at: &[Self::Real]) -> Self::Real;

    /// Our derivative.
    fn ours(&mut self, at: &[Self::Real], d: &mut [Self::Real]);

    /// Our derivative, and the value.
    fn ours_with_primal(&mut self, at: &[Self::Real], d: &mut [Self::Real]) -> Self::Real;

    /// The derivative by hand, and the value.
    fn by_hand(&mut self, at: &[Self::Real], d: &mut [Self::Real]) -> Self::Real;

    /// The other crates that can differentiate it.
    fn peers(&self) -> &'static [Method] {
        &[]
    }

    /// The derivative by one of [`Problem::peers`].
    fn peer(&mut self, peer: Method, _at: &[Self::Real], _d: &mut [Self::Real]) {
        unreachable!("{peer} is not among the peers");
    }
}

/// A program ready to be measured.
pub trait Workload {
    /// The methods that it has, in the order of [`Method::ALL`].
    fn methods(&self) -> Vec<Method>;

    /// Evaluates the objective.
    fn primal(&mut self);

    /// Clears the derivative and computes it.
    fn derive(&mut self, method: Method);

    /// The derivative by `method`.
    fn derivative(&mut self, method: Method) -> Vec<f64>;

    /// How much derivatives may differ, by their largest entry.
    fn tolerance(&self) -> f64;
}

/// Compares every method with the derivative by hand; the difference of ours, by the
/// largest entry.
///
/// # Panics
///
/// If a derivative is off by more than the workload's tolerance, or ours depends by more
/// than rounding on whether the value is asked for.
pub fn check(name: &str, workload: &mut dyn Workload) -> f64 {
    let by_hand = workload.derivative(Method::ByHand);
    for method in workload.methods() {
        let off = difference(&workload.derivative(method), &by_hand);
        assert!(
            off < workload.tolerance(),
            "{name}, {method}: off by {off:e}"
        );
    }
    let ours = workload.derivative(Method::Ours);
    let apart = difference(&ours, &workload.derivative(Method::OursWithPrimal));
    assert!(
        apart < 1e-3 * workload.tolerance(),
        "{name}: {apart:e} apart with and without the value"
    );
    difference(&ours, &by_hand)
}

/// A problem with its arguments and room for its derivative.
struct Case<P: Problem> {
    problem: P,
    at: Vec<P::Real>,
    d: Vec<P::Real>,
}

/// Makes `problem` ready to be measured.
pub fn workload<P: Problem + 'static>(problem: P) -> Box<dyn Workload> {
    let (at, d) = (problem.point(), vec![P::Real::default(); problem.entries()]);
    Box::new(Case { problem, at, d })
}

impl<P: Problem> Workload for Case<P> {
    fn methods(&self) -> Vec<Method> {
        let own = [Method::Ours, Method::OursWithPrimal, Method::ByHand];
        [&own, self.problem.peers()].concat()
    }

    fn primal(&mut self) {
        black_box(self.problem.primal(black_box(&self.at)));
    }

    fn derive(&mut self, method: Method) {
        self.d.fill(P::Real::default());
        let (problem, at) = (&mut self.problem, black_box(&self.at[..]));
        let d = black_box(&mut self.d[..]);
        match method {
            Method::Ours => problem.ours(at, d),
            Method::OursWithPrimal => drop(black_box(problem.ours_with_primal(at, d))),
            Method::ByHand => drop(black_box(problem.by_hand(at, d))),
            peer => problem.peer(peer, at, d),
        }
    }

    fn derivative(&mut self, method: Method) -> Vec<f64> {
        self.derive(method);
        self.d.iter().map(|&entry| entry.into()).collect()
    }

    fn tolerance(&self) -> f64 {
        P::Real::TOLERANCE
    }
}

/// The largest difference between entries, by the largest entry of `reference`.
fn difference(derivative: &[f64], reference: &[f64]) -> f64 {
    let (mut most, mut largest) = (0.0_f64, 0.0_f64);
    for (a, b) in derivative.iter().zip(reference) {
        assert!(a.is_finite() && b.is_finite());
        most = most.max((a - b).abs());
        largest = largest.max(b.abs());
    }
    most / largest
}
