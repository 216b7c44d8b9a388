//! All workloads.

use crate::problem::{Problem, Workload, workload};
use crate::problems::ba::Ba;
use crate::problems::chain::Chain;
use crate::problems::conv::{Conv, ConvF32};
use crate::problems::energy::Energy;
use crate::problems::fixpoint::Kepler;
use crate::problems::gmm::Gmm;
use crate::problems::hand::{Complicated, Simple};
use crate::problems::heat::Heat;
use crate::problems::linear::{Gaussian, Product};
use crate::problems::lstm::Lstm;
use crate::problems::mlp::Mlp;
use crate::problems::ode::{Pendulum, Rk4};
use crate::problems::pricing::Pricing;

/// How large the workloads are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// What `docs/benchmarks.md` shows.
    Full,
    /// Quick enough for tests, and for counting instructions one by one.
    Reduced,
}

/// A workload that is not set up yet.
pub struct Entry {
    /// What it is called.
    pub name: String,
    make: Box<dyn Fn() -> Box<dyn Workload>>,
}

impl Entry {
    fn new<P: Problem + 'static>(name: String, make: impl Fn() -> P + 'static) -> Entry {
        let make = Box::new(move || workload(make()));
        Entry { name, make }
    }

    /// Sets the workload up.
    #[must_use]
    pub fn make(&self) -> Box<dyn Workload> {
        (self.make)()
    }
}

/// All workloads of a scale.
#[must_use]
pub fn entries(scale: Scale) -> Vec<Entry> {
    match scale {
        Scale::Full => full(),
        Scale::Reduced => reduced(),
    }
}

/// The workload of this name.
#[must_use]
pub fn find(scale: Scale, name: &str) -> Option<Entry> {
    entries(scale).into_iter().find(|entry| entry.name == name)
}

fn full() -> Vec<Entry> {
    vec![
        gmm(2, 5, 1000, true),
        gmm(10, 25, 1000, true),
        gmm(20, 50, 1000, false),
        gmm(64, 50, 1000, false),
        ba(50, 1000, 10_000),
        ba_by_rows(50, 1000, 10_000),
        hand_simple(544, 100),
        hand_complicated(544, 100),
        lstm(2, 14, 1024),
        lstm(4, 14, 1024),
        mlp(&[64, 128, 64, 10], 64),
        rk4(10_000),
        rk4(100_000),
        rk4(1_000_000),
        pendulum(100_000),
        heat(128, 100, true),
        heat(128, 1000, false),
        chain(200, 500),
        energy(200),
        product(128),
        gaussian(128),
        conv(128),
        conv_f32(128),
        pricing(1000, 50),
        kepler(1000),
    ]
}

fn reduced() -> Vec<Entry> {
    vec![
        gmm(2, 5, 20, true),
        gmm(10, 5, 20, true),
        ba(5, 30, 50),
        ba_by_rows(5, 30, 50),
        hand_simple(20, 10),
        hand_complicated(20, 10),
        lstm(2, 14, 16),
        mlp(&[16, 12, 8, 4], 8),
        rk4(200),
        pendulum(500),
        heat(12, 10, true),
        chain(12, 20),
        energy(20),
        product(12),
        gaussian(16),
        conv(16),
        conv_f32(16),
        pricing(20, 20),
        kepler(20),
    ]
}

fn gmm(d: usize, k: usize, n: usize, by_tape: bool) -> Entry {
    let name = format!("gmm d={d} k={k} n={n}");
    Entry::new(name, move || Gmm::new(d, k, n, by_tape))
}

fn ba(cameras: usize, points: usize, observations: usize) -> Entry {
    let name = format!("ba {observations}, Jacobian");
    Entry::new(name, move || Ba::new(cameras, points, observations, false))
}

fn ba_by_rows(cameras: usize, points: usize, observations: usize) -> Entry {
    let name = format!("ba {observations}, row by row");
    Entry::new(name, move || Ba::new(cameras, points, observations, true))
}

fn hand_simple(v: usize, n: usize) -> Entry {
    let name = format!("hand simple v={v} n={n}, Jacobian");
    Entry::new(name, move || Simple::new(v, n))
}

fn hand_complicated(v: usize, n: usize) -> Entry {
    let name = format!("hand complicated v={v} n={n}, Jacobian");
    Entry::new(name, move || Complicated::new(v, n))
}

fn lstm(l: usize, b: usize, t: usize) -> Entry {
    let name = format!("lstm l={l} b={b} t={t}");
    Entry::new(name, move || Lstm::new(l, b, t))
}

fn mlp(sizes: &'static [usize], n: usize) -> Entry {
    let widths: Vec<String> = sizes.iter().map(usize::to_string).collect();
    let name = format!("mlp {}, batch {n}", widths.join("-"));
    Entry::new(name, move || Mlp::new(sizes, n))
}

fn rk4(steps: usize) -> Entry {
    Entry::new(format!("ode rk4, {steps} steps"), move || Rk4::new(steps))
}

fn pendulum(steps: usize) -> Entry {
    let name = format!("ode pendulum, {steps} steps");
    Entry::new(name, move || Pendulum::new(steps))
}

fn heat(side: usize, steps: usize, by_tape: bool) -> Entry {
    let name = format!("heat {side}x{side}, {steps} steps");
    Entry::new(name, move || Heat::new(side, steps, by_tape))
}

fn chain(n: usize, steps: usize) -> Entry {
    let name = format!("chain n={n}, {steps} steps");
    Entry::new(name, move || Chain::new(n, steps))
}

fn energy(n: usize) -> Entry {
    Entry::new(format!("energy n={n}"), move || Energy::new(n))
}

fn product(n: usize) -> Entry {
    Entry::new(format!("matrix product n={n}"), move || Product::new(n))
}

fn gaussian(n: usize) -> Entry {
    Entry::new(format!("cholesky n={n}"), move || Gaussian::new(n))
}

fn conv(side: usize) -> Entry {
    Entry::new(format!("conv f64 {side}x{side}"), move || Conv::new(side))
}

fn conv_f32(side: usize) -> Entry {
    Entry::new(format!("conv f32 {side}x{side}"), move || {
        ConvF32::new(side)
    })
}

fn pricing(paths: usize, steps: usize) -> Entry {
    let name = format!("pricing, {paths} paths of {steps}");
    Entry::new(name, move || Pricing::new(paths, steps))
}

fn kepler(n: usize) -> Entry {
    Entry::new(format!("fixpoint n={n}"), move || Kepler::new(n))
}
