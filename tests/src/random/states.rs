//! States of which each step reads all, again and again, and writes little.

use super::loops::TRIPS;
use super::scope::Gen;
use super::tree::Node;

struct State {
    name: String,
    /// A vector of its own, as opposed to what was there.
    fresh: bool,
}

impl Gen<'_> {
    /// Steps in which all elements of a vector meet, before some of them change.
    pub(super) fn states(&mut self) {
        let Some(seq) = self.seq(false) else {
            return self.store_element();
        };
        let (steps, len) = (self.rng.between(1, 3), self.rng.between(2, 3));
        if self.trips * steps * len * len * 2 > TRIPS {
            return self.store_element();
        }
        // One that is there already may belong to the caller.
        let there = self.seq(true).filter(|seq| (2..=3).contains(&seq.len));
        let there = there.filter(|_| self.rng.chance(0.5));
        let len = there.as_ref().map_or(len, |seq| seq.len);
        let fresh = there.is_none();
        let state = there.map_or_else(|| self.fresh_from("state"), |seq| seq.name);
        let next = self.fresh_from("next");
        let index = self.fresh_from("c");
        if fresh {
            self.line(format!("let mut {state} = vec![0.2_f64; {len}];"));
        }
        self.line(format!("let mut {next} = vec![0.1_f64; {len}];"));
        let into = if fresh { &state } else { &next };
        let first = format!(
            "{into}[{index}] = 0.5 * {}[{index} % {}];",
            seq.name, seq.len
        );
        let head = format!("for {index} in 0..{len} {{");
        self.push(Node::block(head, vec![Node::line(first)]));
        let (state, next) = (&State { name: state, fresh }, &State { name: next, fresh });

        let step = self.fresh_from("step");
        let mut body = Vec::new();
        if self.rng.chance(0.3) {
            body.extend(self.change(state, next, &step, len));
        }
        body.push(self.meeting(state, next, len));
        if self.rng.chance(0.8) {
            body.extend(self.change(state, next, &step, len));
        }
        if self.rng.chance(0.3) {
            body.push(self.meeting(next, state, len));
            body.extend(self.change(next, state, &step, len));
        }
        let head = format!("for {step} in 0..{steps} {{");
        self.push(Node::block(head, body));
        let last = self.rng.below(len);
        let (state, next) = (&state.name, &next.name);
        self.accumulate(&format!("0.1 * ({state}[{last}] * {next}[0]).tanh()"));
    }

    /// Each element with all others.
    fn meeting(&mut self, state: &State, next: &State, len: usize) -> Node {
        let (state, next) = (&state.name, &next.name);
        let (i, j) = (self.fresh_from("i"), self.fresh_from("j"));
        let sum = self.fresh_from("sum");
        let term = match self.rng.below(3) {
            0 => format!("{state}[{i}] * {state}[{j}]"),
            1 => format!("({state}[{j}] - {state}[{i}]).sin()"),
            _ => format!("{state}[{j}] * {next}[{i}]"),
        };
        let add = match self.rng.chance(0.3) {
            true => format!("if {i} != {j} {{ {sum} += 0.2 * {term}; }}"),
            false => format!("{sum} += 0.2 * {term};"),
        };
        let inner = Node::block(format!("for {j} in 0..{len} {{"), vec![Node::line(add)]);
        let start = self.term();
        let mut body = vec![
            Node::line(format!("let mut {sum} = 0.1 * ({start});")),
            inner,
        ];
        let close = match self.rng.below(4) {
            0 => format!("{next}[{i}] += 0.3 * {sum}.tanh();"),
            1 => format!("{state}[{i}] = {sum}.tanh();"),
            _ => format!("{next}[{i}] = {sum}.tanh();"),
        };
        body.push(Node::line(close));
        Node::block(format!("for {i} in 0..{len} {{"), body)
    }

    /// What a step changes.
    fn change(&mut self, state: &State, next: &State, step: &str, len: usize) -> Vec<Node> {
        let (at, fresh) = (self.rng.below(len), state.fresh);
        let (state, next) = (&state.name, &next.name);
        let one = format!("{state}[{step} % {len}]");
        let lines = match self.rng.below(8) {
            0 => vec![format!("{state}.copy_from_slice(&{next});")],
            1 if fresh => vec![format!("std::mem::swap(&mut {state}, &mut {next});")],
            2 => vec![format!("{state}.fill(0.3 * {next}[{at}]);")],
            3 => vec![format!("{one} = 0.6 * {next}[{at}] + 0.1;")],
            4 => vec![format!("if {next}[{at}] > 0.1 {{ {one} *= {next}[0]; }}")],
            5 => vec![
                format!("{state}[..{at}].copy_from_slice(&{next}[..{at}]);"),
                format!("{state}[{at}] -= 0.2 * {next}[0];"),
            ],
            _ => {
                let i = self.fresh_from("i");
                let line = format!("{state}[{i}] = 0.5 * {state}[{i}] + 0.4 * {next}[{i}];");
                let head = format!("for {i} in 0..{len} {{");
                return vec![Node::block(head, vec![Node::line(line)])];
            }
        };
        lines.into_iter().map(Node::line).collect()
    }
}
