//! Random programs: generated, compiled with the attribute, and their derivatives checked.
//!
//! [`run`] makes programs in batches. A batch is a cargo package inside the target folder, a program
//! one module of it: random functions on slices, floats and integers which are bounded and stay in
//! their arrays by construction, and a check at several points. Primal results have to be equal to
//! the plain function's bit for bit, tangents to differences, and gradients to tangents by dot
//! products. A program is a function of the seed and its number alone.

mod arrays;
mod branches;
mod calls;
mod checks;
pub mod compare;
mod counting;
mod discrete;
mod exits;
mod expr;
mod glue;
mod harness;
mod loops;
mod maps;
mod program;
pub mod rng;
mod scope;
mod scratch;
mod shrink;
mod states;
mod stmt;
pub mod support;
mod swapping;
mod sweeps;
mod tables;
#[cfg(test)]
mod tests;
mod tree;
mod whiles;

pub use program::Program;

use harness::{Fate, Harness};
use std::io;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seed of all programs.
    pub seed: u64,
    /// Number of the first program.
    pub first: usize,
    /// How many programs.
    pub count: usize,
    /// Programs in a package.
    pub batch: usize,
    /// Check the generator: plain functions only, without the attribute.
    pub plain: bool,
    /// Take statements out of failing programs, at most this many of them.
    pub shrink: usize,
    /// Optimisation level of the programs.
    pub opt_level: u8,
    /// Transformations that are left out, with commas between: `rerun,rows`, `all`.
    pub without: String,
    /// Name of the packages; runs at the same time need different ones.
    pub name: String,
}

impl Options {
    /// Programs of one seed, with the usual settings.
    pub fn new(seed: u64, count: usize) -> Self {
        Options {
            seed,
            first: 0,
            count,
            batch: 200,
            plain: false,
            shrink: 0,
            opt_level: 0,
            without: String::new(),
            name: format!("random_{seed}"),
        }
    }
}

/// A program that did not pass.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Seed of the program.
    pub seed: u64,
    /// Number of the program.
    pub number: usize,
    /// What is wrong.
    pub message: String,
    /// Whether it did not compile.
    pub rejected: bool,
    /// The functions, and a shorter version that fails the same way.
    pub source: String,
    /// The whole module.
    pub module: String,
}

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Programs that passed.
    pub passed: usize,
    /// Programs that did not.
    pub failures: Vec<Failure>,
    /// Points checked.
    pub points: usize,
    /// Points where the function is not smooth: no comparison with differences.
    pub skipped: usize,
    /// Programs all of whose points were skipped.
    pub all_skipped: usize,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rejected = self
            .failures
            .iter()
            .filter(|failure| failure.rejected)
            .count();
        write!(
            f,
            "{} passed, {} failed, {rejected} did not compile; {} points, {} not smooth, {} programs nowhere smooth",
            self.passed,
            self.failures.len() - rejected,
            self.points,
            self.skipped,
            self.all_skipped
        )
    }
}

/// Generates, builds and checks programs; `progress` sees the report after every batch.
pub fn run(options: &Options, mut progress: impl FnMut(&Report)) -> io::Result<Report> {
    let harness = Harness {
        name: options.name.clone(),
        attribute: !options.plain,
        opt_level: options.opt_level,
        without: options.without.clone(),
        shards: std::thread::available_parallelism().map_or(1, |n| n.get().min(4)),
    };
    let mut report = Report::default();
    let end = options.first + options.count;
    for first in (options.first..end).step_by(options.batch.max(1)) {
        let numbers = first..end.min(first + options.batch.max(1));
        let programs: Vec<Program> = numbers
            .map(|number| Program::new(options.seed, number))
            .collect();
        let fates = harness.run(&programs)?;
        for program in &programs {
            let fate = fates.get(&program.number()).cloned();
            let fate = fate.unwrap_or_else(|| Fate::Failed("no result".into()));
            report.note(&harness, options, program, &fate)?;
        }
        progress(&report);
    }
    Ok(report)
}

impl Report {
    fn note(
        &mut self,
        harness: &Harness,
        options: &Options,
        program: &Program,
        fate: &Fate,
    ) -> io::Result<()> {
        let (message, rejected) = match fate {
            Fate::Passed { skipped, points } => {
                self.passed += 1;
                self.points += points;
                self.skipped += skipped;
                self.all_skipped += usize::from(skipped == points);
                return Ok(());
            }
            Fate::Rejected(message) => (message.clone(), true),
            Fate::Failed(message) => (message.clone(), false),
        };
        let mut source = program.functions(!options.plain);
        if self.failures.len() < options.shrink {
            let small = shrink::shrink(harness, program, fate)?;
            source += &format!("// Shrunk:\n\n{}", small.functions(!options.plain));
        }
        self.failures.push(Failure {
            seed: options.seed,
            number: program.number(),
            message,
            rejected,
            source,
            module: program.module(!options.plain),
        });
        Ok(())
    }
}
