//! `while` and `loop`, with a bound on the iterations, and labelled blocks.

use super::loops::{TRIPS, label};
use super::scope::{Around, Gen, Kind, Var};
use super::stmt::bare;
use super::tree::Node;

impl Gen<'_> {
    pub(super) fn while_like(&mut self) {
        let trips = self.rng.between(1, 4);
        if self.trips * trips > TRIPS {
            return self.store_element();
        }
        match self.rng.below(4) {
            0 => self.while_counter(trips),
            1 => self.while_float(trips),
            2 => self.loop_break(trips),
            _ => self.loop_value(trips),
        }
    }

    /// A counter declared before the loop.
    fn counter(&mut self) -> String {
        let name = self.fresh_from("n");
        self.line(format!("let mut {name} = 0usize;"));
        name
    }

    fn while_counter(&mut self, trips: usize) {
        let name = self.counter();
        let steps_last = self.rng.chance(0.5);
        let around = Around {
            steps_last,
            ..self.around()
        };
        let mut head = format!("{}while {name} < {trips} {{", label(&around));
        let mut close = "}".to_string();
        let step = format!("    {name} += 1;");
        let max = if steps_last { trips - 1 } else { trips };
        if steps_last {
            close = format!("{step}\n}}");
        } else {
            head = format!("{head}\n{step}");
        }
        let body = self.counted(around, trips, &name, max);
        let parts = vec![(head, body)];
        self.push(Node::Block { parts, close });
        self.declare(Var::new(name, Kind::Int { max: trips }, false));
    }

    fn counted(&mut self, around: Around, trips: usize, name: &str, max: usize) -> Vec<Node> {
        self.looped(around, trips, |g| {
            g.declare(Var::new(name, Kind::Int { max }, false));
            g.loop_body();
        })
    }

    /// A loop while a float is small, with a guard.
    fn while_float(&mut self, trips: usize) {
        let start = self.settled(1);
        let state = self.fresh_from("w");
        self.bind_float(&state, &start, true);
        let name = self.counter();
        let around = self.around();
        let mark = label(&around);
        let head =
            format!("{mark}while {state}.abs() < 1.5 && {name} < {trips} {{\n    {name} += 1;");
        let body = self.looped(around, trips, |g| {
            g.declare(Var::new(&name, Kind::Int { max: trips }, false));
            let step = g.small(0.4);
            g.line(format!("{state} = 1.1 * {state} + {};", step.text));
            g.loop_body();
        });
        self.push(Node::block(head, body));
    }

    fn loop_break(&mut self, trips: usize) {
        let name = self.counter();
        let around = self.around();
        let head = format!(
            "{}loop {{\n    {name} += 1;\n    if {name} > {trips} {{ break; }}",
            label(&around)
        );
        let body = self.counted(around, trips, &name, trips);
        self.push(Node::block(head, body));
    }

    /// `let v = loop { .. break e; .. };`
    fn loop_value(&mut self, trips: usize) {
        let result = self.fresh();
        let name = self.counter();
        let around = Around {
            value: true,
            ..self.around()
        };
        self.enter();
        self.trips *= trips;
        let last = self.settled(2);
        self.trips /= trips;
        self.leave();
        let head = format!(
            "let {result}: f64 = {}loop {{\n    {name} += 1;\n    if {name} > {trips} {{ break {}; }}",
            label(&around),
            bare(&last.text)
        );
        let body = self.counted(around, trips, &name, trips);
        let parts = vec![(head, body)];
        let close = "};".into();
        self.push(Node::Block { parts, close });
        self.declare(Var::new(result, Kind::Float, false));
    }

    /// `'l: { .. break 'l; .. }`
    pub(super) fn labelled_block(&mut self) {
        let around = Around {
            label: Some(format!("'b{}", self.open.len())),
            value: false,
            steps_last: false,
            block: true,
        };
        let head = format!("{}{{", label(&around));
        let body = self.looped(around, 1, |g| {
            g.fuel = g.fuel.max(1);
            g.statements(3);
        });
        self.push(Node::block(head, body));
    }
}
