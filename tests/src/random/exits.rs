//! Early exits: `break`, `continue`, `return`.

use super::scope::{Around, Gen};
use super::tree::Node;

impl Gen<'_> {
    /// `if c { break }`, `continue`, or a labelled form of them.
    pub(super) fn exit_loop(&mut self) {
        let Some(exit) = self.loop_exit() else { return };
        let cond = self.boolean(1);
        let body = self.nested(|g| {
            let count = g.rng.below(2);
            g.statements(count);
            g.line(exit);
        });
        self.push(Node::block(format!("if {cond} {{"), body));
    }

    fn loop_exit(&mut self) -> Option<String> {
        let choices: Vec<usize> = (0..self.loops.len())
            .filter(|&at| self.loops[at].label.is_some() || self.is_innermost(at))
            .collect();
        if choices.is_empty() {
            return None;
        }
        let at = self.rng.pick(&choices);
        let Around {
            label,
            value,
            steps_last,
            block,
        } = &self.loops[at];
        let label = label
            .as_ref()
            .map_or(String::new(), |label| format!(" {label}"));
        let (value, again) = (*value, !steps_last && !block);
        if again && self.rng.chance(0.4) {
            return Some(format!("continue{label};"));
        }
        let value = if value {
            format!(" {}", self.settled(1).text)
        } else {
            String::new()
        };
        Some(format!("break{label}{value};"))
    }

    /// Whether an exit without a label goes there; it may not cross a labelled block.
    fn is_innermost(&self, at: usize) -> bool {
        !self.loops[at].block && at + 1 == self.loops.len()
    }

    pub(super) fn early_return(&mut self) {
        let cond = self.boolean(1);
        let body = self.nested(|g| {
            let count = g.rng.below(2);
            g.statements(count);
            let value = if g.returns {
                format!(" {}", g.settled(2).text)
            } else {
                String::new()
            };
            g.line(format!("return{value};"));
        });
        self.push(Node::block(format!("if {cond} {{"), body));
    }
}
