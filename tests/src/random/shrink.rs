//! Smaller programs that fail the same way.

use super::harness::{Fate, Harness};
use super::program::Program;
use std::io;

/// Rounds at most; each compiles the programs that are a little smaller.
const ROUNDS: usize = 40;

/// Programs of a round at most, the smallest of all.
const CANDIDATES: usize = 150;

/// Takes statements out of a failing program as long as it keeps failing.
pub(super) fn shrink(harness: &Harness, program: &Program, fate: &Fate) -> io::Result<Program> {
    let plain = Harness {
        name: format!("{}_plain", harness.name),
        attribute: false,
        without: String::new(),
        ..*harness
    };
    let mut best = program.clone();
    if !harness.attribute {
        return Ok(best);
    }
    for _ in 0..ROUNDS {
        let candidates: Vec<Program> = best
            .smaller()
            .into_iter()
            .take(CANDIDATES)
            .enumerate()
            .map(|(number, candidate)| candidate.renumbered(number))
            .collect();
        let candidates = sound(&plain, candidates)?;
        let fates = harness.run(&candidates)?;
        let failing = candidates.into_iter().filter(|candidate| {
            fates
                .get(&candidate.number())
                .is_some_and(|other| alike(fate, other))
        });
        let Some(smallest) = failing.min_by_key(Program::size) else {
            break;
        };
        best = smallest;
    }
    Ok(best.renumbered(program.number()))
}

/// The programs whose plain functions compile and run.
fn sound(plain: &Harness, candidates: Vec<Program>) -> io::Result<Vec<Program>> {
    let fates = plain.run(&candidates)?;
    let passed =
        |program: &Program| matches!(fates.get(&program.number()), Some(Fate::Passed { .. }));
    Ok(candidates.into_iter().filter(passed).collect())
}

/// Whether two failures are of one kind.
fn alike(a: &Fate, b: &Fate) -> bool {
    match (a, b) {
        (Fate::Rejected(a), Fate::Rejected(b)) => essence(a) == essence(b),
        (Fate::Failed(a), Fate::Failed(b)) => essence(a) == essence(b),
        _ => false,
    }
}

/// The part of a message that does not change from program to program.
fn essence(message: &str) -> String {
    let text = match message.find("error") {
        Some(at) => &message[at..],
        None => message
            .split_once(": ")
            .filter(|(head, _)| head.starts_with("point"))
            .map_or(message, |(_, text)| text),
    };
    let quoted = text.split('`').step_by(2).collect::<String>();
    quoted
        .chars()
        .filter(|c| c.is_alphabetic())
        .take(25)
        .collect()
}
