//! Loops over a table in a vector, `table[i * width + j]`, in which elements follow from others.

use super::loops::TRIPS;
use super::scope::Gen;
use super::tree::Node;

/// Numbers of rows and of columns.
const SIDE: usize = 4;

/// How elements are named.
struct Table {
    name: String,
    width: String,
    /// `table[i][j]`
    nested: bool,
    /// How many rows and columns at each end the loops leave out.
    margin: usize,
}

impl Gen<'_> {
    /// A table, and nested loops over it.
    pub(super) fn tables(&mut self) {
        let Some(seq) = self.seq(false) else {
            return self.store_element();
        };
        let passes = self.rng.between(1, 2);
        if self.trips * SIDE * SIDE * passes > TRIPS {
            return self.store_element();
        }
        let table = self.filled_table(&seq.name, seq.len);
        for _ in 0..passes {
            let node = self.table_pass(&table, &mut Vec::new());
            self.push(node);
        }
        let (row, column) = (self.rng.below(SIDE), self.rng.below(SIDE));
        let last = table.element(&row.to_string(), &column.to_string());
        self.accumulate(&format!("0.1 * {last}.tanh()"));
    }

    /// A table that is made from a vector.
    fn filled_table(&mut self, from: &str, len: usize) -> Table {
        let (name, row) = (self.fresh_from("table"), self.fresh_from("r"));
        let (width, column) = (self.fresh_from("width"), self.fresh_from("c"));
        let nested = self.rng.chance(0.2);
        self.line(format!("let {width} = {SIDE};"));
        self.line(match nested {
            true => format!("let mut {name} = vec![vec![0.1_f64; {width}]; {SIDE}];"),
            false => format!("let mut {name} = vec![0.1_f64; {SIDE} * {width}];"),
        });
        let width = match self.rng.below(3) {
            0 => format!("({width} - 1 + 1)"),
            _ => width,
        };
        let table = Table {
            name,
            width,
            nested,
            margin: self.rng.below(2),
        };
        let (value, element) = (self.term(), table.element(&row, &column));
        let first =
            format!("{element} = 0.4 * {from}[({row} + {column}) % {len}] + 0.2 * {value};");
        let inner = Node::block(
            format!("for {column} in 0..{SIDE} {{"),
            vec![Node::line(first)],
        );
        self.push(Node::block(
            format!("for {row} in 0..{SIDE} {{"),
            vec![inner],
        ));
        table
    }

    /// A loop over rows or columns, with statements and maybe loops inside.
    fn table_pass(&mut self, table: &Table, around: &mut Vec<String>) -> Node {
        let index = self.fresh_from(["i", "j", "k"][around.len()]);
        let (low, high) = (table.margin, SIDE - table.margin);
        let high = match self.rng.chance(0.7) {
            true => format!("{} - {}", table.width, table.margin),
            false => high.to_string(),
        };
        let range = match around.last().cloned() {
            Some(outer) if self.rng.chance(0.6) => match self.rng.below(4) {
                0 => format!("{low}..{outer}"),
                1 => format!("{low}..={outer}"),
                2 => format!("{outer} + 1..{high}"),
                _ => format!("{outer}..{high}"),
            },
            _ => format!("{low}..{high}"),
        };
        let range = match self.rng.below(7) {
            0 => format!("({range}).rev()"),
            1 => format!("({range}).step_by(2)"),
            _ => range,
        };
        around.push(index.clone());
        let mut body = Vec::new();
        if around.len() > 1 || self.rng.chance(0.4) {
            body.extend(self.table_lines(table, around));
        }
        if around.len() < 2 || around.len() < 3 && self.rng.chance(0.4) {
            body.push(self.table_pass(table, around));
        }
        if self.rng.chance(0.4) {
            body.extend(self.table_lines(table, around));
        }
        around.pop();
        Node::block(format!("for {index} in {range} {{"), body)
    }

    fn table_lines(&mut self, table: &Table, around: &[String]) -> Vec<Node> {
        let mut lines = Vec::new();
        for _ in 0..self.rng.between(1, 2) {
            let [a, b, c] = [(); 3].map(|()| {
                let (row, column) = (self.near(table, around), self.near(table, around));
                table.element(&row, &column)
            });
            lines.extend(self.near_statement(&a, &b, &c));
        }
        lines.into_iter().map(Node::line).collect()
    }

    /// A row or a column, given the variables of the loops around.
    fn near(&mut self, table: &Table, around: &[String]) -> String {
        let index = self.rng.pick(around);
        match self.rng.below(6) {
            0 if table.margin > 0 => format!("({index} - 1)"),
            1 if table.margin > 0 => format!("({index} + 1)"),
            2 => self.rng.below(SIDE).to_string(),
            _ => index,
        }
    }
}

impl Table {
    fn element(&self, row: &str, column: &str) -> String {
        let Table { name, width, .. } = self;
        match self.nested {
            true => format!("{name}[{row}][{column}]"),
            false => format!("{name}[{row} * {width} + {column}]"),
        }
    }
}
