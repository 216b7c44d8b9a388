//! Loops along a vector that read and write elements near their index.

use super::loops::TRIPS;
use super::scope::Gen;
use super::tree::Node;

impl Gen<'_> {
    /// A vector, and loops over it in which elements follow from their neighbours.
    pub(super) fn sweeps(&mut self) {
        let Some(seq) = self.seq(false) else {
            return self.store_element();
        };
        // Some are longer than what loops keep of their first trips.
        let len = match self.rng.chance(0.1) {
            true => 36,
            false => self.rng.between(4, 7),
        };
        // What the last loop reads may stay; what the others read is written again.
        let passes = self.rng.weighted(&[0, 5, 2, 1]);
        let outer = self.rng.chance(0.25);
        if self.trips * len * passes * 2 > TRIPS {
            return self.store_element();
        }
        let (line, index) = (self.fresh_from("line"), self.fresh_from("k"));
        let value = self.term();
        self.line(format!("let mut {line} = vec![0.1_f64; {len}];"));
        let first = format!(
            "{line}[{index}] = 0.4 * {}[{index} % {}] + 0.2 * {value};",
            seq.name, seq.len
        );
        let head = format!("for {index} in 0..{len} {{");
        self.push(Node::block(head, vec![Node::line(first)]));
        let body: Vec<Node> = (0..passes).map(|_| self.pass(&line, len)).collect();
        if outer {
            self.push(Node::block("for _ in 0..2 {", body));
        } else {
            body.into_iter().for_each(|node| self.push(node));
        }
        let last = self.rng.below(len);
        self.accumulate(&format!("0.1 * {line}[{last}].tanh()"));
    }

    /// A loop over the elements that have so many neighbours on each side.
    fn pass(&mut self, line: &str, len: usize) -> Node {
        let index = self.fresh_from("i");
        let (before, behind) = (self.rng.below(3), self.rng.below(3));
        let range = format!("{before}..{}", len - behind);
        let range = match self.rng.below(5) {
            0 => format!("({range}).rev()"),
            1 => format!("({range}).step_by(2)"),
            _ => range,
        };
        let mut lines = Vec::new();
        for _ in 0..self.rng.between(1, 4) {
            let mut near = || {
                let at = self.rng.below(before + behind + 1);
                let element = match at.cmp(&before) {
                    std::cmp::Ordering::Less => format!("{index} - {}", before - at),
                    std::cmp::Ordering::Equal => index.clone(),
                    std::cmp::Ordering::Greater => format!("{index} + {}", at - before),
                };
                format!("{line}[{element}]")
            };
            let (a, b, c) = (near(), near(), near());
            lines.extend(self.near_statement(&a, &b, &c));
        }
        let lines = lines.into_iter().map(Node::line).collect();
        Node::block(format!("for {index} in {range} {{"), lines)
    }

    /// Statements that write one of three elements, or add them up.
    pub(super) fn near_statement(&mut self, a: &str, b: &str, c: &str) -> Vec<String> {
        match self.rng.below(7) {
            0 => vec![format!("{a} = 0.6 * {b} * {c}.cos() + 0.1;")],
            1 => vec![format!("{a} += 0.2 * {b}.sin();")],
            2 => vec![format!("{a} = ({a} * {b}).sin();")],
            3 => vec![format!("if {b} > 0.2 {{ {a} = 0.5 * {c} * {c}.tanh(); }}")],
            4 => {
                let old = self.fresh_from("old");
                vec![
                    format!("let {old} = {a};"),
                    format!("{b} = 0.5 * {old} * {old}.cos() + 0.3 * {c};"),
                ]
            }
            _ => {
                let sum = self.accumulated(&format!("0.1 * {a} * {b}.exp().tanh()"));
                sum.into_iter().collect()
            }
        }
    }
}
