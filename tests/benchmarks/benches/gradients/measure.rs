//! Times, peak memory and errors of workloads.

use ad_bench::catalog::{Entry, Scale};
use ad_bench::problem::{Method, Workload, check};
use std::process::Command;
use std::time::{Duration, Instant};

/// How often everything is timed, and for how long at least.
#[derive(Clone, Copy)]
pub struct Effort {
    rounds: usize,
    least: Duration,
}

impl Effort {
    /// Enough for a busy machine.
    pub const FULL: Effort = Effort {
        rounds: 11,
        least: Duration::from_millis(20),
    };

    /// Every measurement is one call.
    pub const ONE_CALL: Effort = Effort {
        rounds: 1,
        least: Duration::ZERO,
    };
}

/// What was measured of a workload.
pub struct Results {
    /// The workload's name.
    pub name: String,
    /// The median of the objective's times in seconds.
    pub primal: f64,
    /// Every method that the workload has.
    pub methods: Vec<MethodResults>,
    /// How far our derivative is from the one by hand, by the largest entry.
    pub difference: f64,
    /// The bytes that a call of our derivative and one by hand need at once.
    pub memory: Option<[usize; 2]>,
}

/// What was measured of a method.
pub struct MethodResults {
    /// The method.
    pub method: Method,
    /// The median of its times in seconds.
    pub time: f64,
    /// The median of its time by the objective's in the same round.
    pub ratio: f64,
}

/// A workload under measurement: the times of each round, the objective's first.
struct Run {
    workload: Box<dyn Workload>,
    methods: Vec<Method>,
    difference: f64,
    rounds: Vec<Vec<f64>>,
}

impl Run {
    /// Sets the workload up and compares every method with the derivative by hand.
    fn new(entry: &Entry, ours: bool) -> Run {
        let mut workload = entry.make();
        let difference = check(&entry.name, &mut *workload);
        let mut methods = workload.methods();
        methods.retain(|method| !ours || *method == Method::Ours);
        Run {
            workload,
            methods,
            difference,
            rounds: Vec::new(),
        }
    }

    /// Times everything once, beginning with another method in every round.
    fn round(&mut self, round: usize, least: Duration) {
        let kinds = 1 + self.methods.len();
        let mut times = vec![0.0; kinds];
        for i in 0..kinds {
            let kind = (i + round) % kinds;
            times[kind] = seconds(least, || match kind {
                0 => self.workload.primal(),
                _ => self.workload.derive(self.methods[kind - 1]),
            });
        }
        self.rounds.push(times);
    }

    fn results(self, name: &str, memory: Option<[usize; 2]>) -> Results {
        let over_rounds = |of: &dyn Fn(&[f64]) -> f64| {
            let all = self.rounds.iter().map(|times| of(times));
            median(all.collect())
        };
        let method = |(i, &method): (usize, &Method)| MethodResults {
            method,
            time: over_rounds(&|times| times[i + 1]),
            ratio: over_rounds(&|times| times[i + 1] / times[0]),
        };
        Results {
            name: name.to_owned(),
            primal: over_rounds(&|times| times[0]),
            methods: self.methods.iter().enumerate().map(method).collect(),
            difference: self.difference,
            memory,
        }
    }
}

/// Seconds for a call, from as many calls as `least` takes, after one that is not counted:
/// the method before has left other things in the caches and the allocator.
fn seconds(least: Duration, mut call: impl FnMut()) -> f64 {
    call();
    let start = Instant::now();
    let mut calls = 0;
    loop {
        call();
        calls += 1;
        let spent = start.elapsed();
        if spent >= least {
            return spent.as_secs_f64() / f64::from(calls);
        }
    }
}

/// The middle one of `x`, the upper one of two.
pub fn median(mut x: Vec<f64>) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

/// Measures all `entries`. In each round every workload has its turn, so that a busy
/// moment of the machine costs each a round at most. `ours`: nothing but the objective and
/// our gradient is timed.
pub fn all(scale: Scale, entries: &[Entry], effort: Effort, ours: bool) -> Vec<Results> {
    let mut runs: Vec<Run> = entries.iter().map(|entry| Run::new(entry, ours)).collect();
    for round in 0..effort.rounds {
        for run in &mut runs {
            run.round(round, effort.least);
        }
    }
    let memory = |entry: &Entry| match scale {
        Scale::Full => memory(&entry.name),
        Scale::Reduced => None,
    };
    let results = runs.into_iter().zip(entries);
    results
        .map(|(run, entry)| run.results(&entry.name, memory(entry)))
        .collect()
}

/// What `ad-bench-memory` prints for a workload.
fn memory(name: &str) -> Option<[usize; 2]> {
    let program = env!("CARGO_BIN_EXE_ad-bench-memory");
    let out = Command::new(program).arg(name).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let (ours, by_hand) = text.trim().split_once('\t')?;
    Some([ours.parse().ok()?, by_hand.parse().ok()?])
}
