//! Counters used as indices, and nested loops over the elements of a grid.

use super::loops::{TRIPS, label};
use super::scope::{Around, Gen, Kind, Own, Seq, Var};
use super::tree::Node;

/// An index, and its largest value.
type Index = (String, usize);

impl Gen<'_> {
    /// A local array of some length, made of what there is.
    fn table(&mut self, len: usize) -> Seq {
        let name = self.fresh_from("table");
        let own = self.rng.pick(&[Own::Array, Own::Vec]);
        let open = if own == Own::Vec { "vec![" } else { "[" };
        if len <= 4 || self.rng.chance(0.3) {
            let items: Vec<String> = (0..len).map(|_| self.operand()).collect();
            self.line(format!("let mut {name} = {open}{}];", items.join(", ")));
        } else {
            self.line(format!("let mut {name} = {open}0.0_f64; {len}];"));
            let (value, q) = (self.operand(), self.fresh_from("q"));
            let source = match self.seq(false) {
                Some(seq) => format!("{}[{q} % {}]", seq.name, seq.len),
                None => value,
            };
            let line = format!("{name}[{q}] = 0.7 * {source} - 0.1 * ({q} as f64);");
            let body = vec![Node::line(line)];
            self.push(Node::block(format!("for {q} in 0..{len} {{"), body));
        }
        let id = self.declare(Var::new(&name, Kind::Seq { len, own }, true));
        Seq { id, name, len, own }
    }

    /// An element of the table, or of what else is long enough.
    fn cell(&mut self, table: &Seq, (index, max): &Index) -> String {
        let fits: Vec<Seq> = self
            .seqs(false)
            .into_iter()
            .filter(|seq| seq.len > *max)
            .collect();
        if fits.is_empty() {
            return format!("{}[({index}) % {}]", table.name, table.len);
        }
        format!("{}[{index}]", self.rng.pick(&fits).name)
    }

    /// `at += 1` in nested loops.
    pub(super) fn counting(&mut self) {
        let (outer, inner) = (self.rng.between(1, 3), self.rng.between(1, 3));
        if self.trips * outer * inner > TRIPS {
            return self.store_element();
        }
        let step = self.rng.pick(&[1, 1, 1, 2]);
        let extra = self.rng.chance(0.3);
        let max = outer * (inner * step + usize::from(extra));
        let table = self.table(max + 1);
        let at = self.fresh_from("at");
        let steps = self.count_step(step);
        self.line(format!("let mut {at} = 0usize;"));
        if self.rng.chance(0.25) {
            return self.counting_while(&at, &table, max);
        }
        let i = self.fresh_from("i");
        let around = self.around();
        let head = format!("{}for {i} in 0..{outer} {{", label(&around));
        let body = self.looped(around, outer, |g| {
            g.declare(Var::new(&i, Kind::Int { max: outer - 1 }, false));
            g.declare(Var::new(&at, Kind::Int { max }, false));
            if g.rng.chance(0.3) {
                g.touch(&table, &at, max);
            }
            g.counted_row(&table, (&at, &steps, max), inner);
            if extra {
                g.line(format!("{at} += 1;"));
            }
            if g.rng.chance(0.3) {
                g.touch(&table, &at, max);
            }
            let count = g.rng.below(2);
            g.apart(count);
        });
        self.push(Node::block(head, body));
        self.declare(Var::new(&at, Kind::Int { max }, false));
        if self.rng.chance(0.4) {
            self.touch(&table, &at, max);
        }
    }

    /// A literal step, or a variable that holds it.
    fn count_step(&mut self, step: usize) -> String {
        if self.rng.chance(0.7) {
            return step.to_string();
        }
        let name = self.fresh_from("by");
        self.line(format!("let {name} = {step}usize;"));
        self.declare(Var::new(&name, Kind::Int { max: step }, false));
        name
    }

    fn counted_row(&mut self, table: &Seq, (at, steps, max): (&str, &str, usize), inner: usize) {
        let j = self.fresh_from("j");
        let around = self.around();
        let range = match (self.rng.below(6), self.bounded_int(inner)) {
            (0, _) => format!("(0..{inner}).rev()"),
            (1, _) => format!("1..={inner}"),
            (2, Some((bound, _))) => format!("0..{bound}"),
            (3, Some((bound, _))) => format!("{bound}..{inner}"),
            _ => format!("0..{inner}"),
        };
        let head = format!("{}for {j} in {range} {{", label(&around));
        let body = self.looped(around, inner, |g| {
            g.declare(Var::new(&j, Kind::Int { max: inner }, false));
            let before = g.rng.chance(0.7);
            if before {
                g.touch(table, at, max);
            }
            if g.rng.chance(0.15) {
                let cond = g.boolean(0);
                let step = Node::line(format!("{at} += {steps};"));
                g.push(Node::block(format!("if {cond} {{"), vec![step]));
            } else {
                g.line(format!("{at} += {steps};"));
            }
            if !before || g.rng.chance(0.3) {
                g.touch(table, at, max);
            }
            if g.rng.chance(0.2) {
                g.apart(1);
            }
        });
        self.push(Node::block(head, body));
    }

    fn counting_while(&mut self, at: &str, table: &Seq, max: usize) {
        let around = Around {
            steps_last: true,
            ..self.around()
        };
        let head = format!("{}while {at} < {max} {{", label(&around));
        let body = self.looped(around, max, |g| {
            g.declare(Var::new(at, Kind::Int { max }, false));
            let before = g.rng.chance(0.6);
            if before {
                g.touch(table, at, max);
            }
            g.line(format!("{at} += 1;"));
            if !before || g.rng.chance(0.3) {
                g.touch(table, at, max);
            }
        });
        self.push(Node::block(head, body));
        self.declare(Var::new(at, Kind::Int { max }, false));
    }

    /// Uses the element that a counter is at.
    fn touch(&mut self, table: &Seq, at: &str, max: usize) {
        let index = (at.to_string(), max);
        let (a, b) = (self.cell(table, &index), self.operand());
        match self.rng.below(5) {
            0 => self.line(format!(
                "{0}[{at}] = 0.5 * {0}[{at}] + 0.3 * {b};",
                table.name
            )),
            1 => self.line(format!("{0}[{at}] *= 0.75;", table.name)),
            2 => self.accumulate(&format!("0.1 * ({a} * {a} - {a} * {b})")),
            3 => self.accumulate(&format!("({a} * {b}).sin() * 0.2")),
            _ => self.accumulate(&format!("0.1 * {a} * {b}")),
        }
    }

    /// Two nested loops over `i` and `j`, with indices made of both.
    pub(super) fn grid(&mut self) {
        let (rows, columns) = (self.rng.between(2, 4), self.rng.between(2, 4));
        if self.trips * rows * columns > TRIPS {
            return self.store_element();
        }
        let table = self.table(rows * columns);
        let short = self.table(columns);
        let (i, j) = (self.fresh_from("i"), self.fresh_from("j"));
        // More rows than some arrays have elements: then the inner loop must not run.
        let beyond = if self.rng.chance(0.2) { 2 } else { 0 };
        let around = self.around();
        let outer = match self.rng.below(5) {
            0 => format!("(0..{}).rev()", rows + beyond),
            1 => format!("0..={}", rows + beyond - 1),
            _ => format!("0..{}", rows + beyond),
        };
        let head = format!("{}for {i} in {outer} {{", label(&around));
        let body = self.looped(around, rows + beyond, |g| {
            let max = rows + beyond - 1;
            g.declare(Var::new(&i, Kind::Int { max }, false));
            if g.rng.chance(0.3) {
                let count = g.rng.below(2);
                g.apart(count);
            }
            let base = (beyond == 0 && g.rng.chance(0.5)).then(|| {
                let base = g.fresh_from("base");
                g.line(format!("let {base} = {columns} * {i};"));
                base
            });
            let (range, from, upright) = g.grid_range(&i, columns, beyond > 0);
            let around = g.around();
            let head = format!("{}for {j} in {range} {{", label(&around));
            let inner = g.looped(around, columns, |g| {
                g.declare(Var::new(&j, Kind::Int { max: columns - 1 }, false));
                if upright && beyond > 0 {
                    // Here `i < columns`, whatever its bound says.
                    let line = format!("0.1 * {0}[{i}] * {0}[{j}]", short.name);
                    g.accumulate(&line);
                    let line = format!("{0}[{i}] += 0.1 * {0}[{j}];", short.name);
                    return g.line(line);
                }
                let indices =
                    grid_indices(&i, &j, (max, columns), base.as_deref(), from.as_deref());
                for _ in 0..g.rng.between(1, 2) {
                    g.grid_statement(&table, &indices);
                }
            });
            g.push(Node::block(head, inner));
            if g.rng.chance(0.2) {
                g.apart(1);
            }
        });
        self.push(Node::block(head, body));
    }

    /// The range of the inner loop, its first value, and whether it is empty for large `i`.
    fn grid_range(
        &mut self,
        i: &str,
        columns: usize,
        beyond: bool,
    ) -> (String, Option<String>, bool) {
        let low = self.rng.below(2);
        let choice = if beyond { 0 } else { self.rng.below(9) };
        match (choice, self.bounded_int(columns)) {
            (0, _) => (format!("{i}..{columns}"), Some(i.into()), true),
            (1, _) => (format!("{i} + 1..{columns}"), None, false),
            (2, _) => (format!("({i}..{columns}).rev()"), Some(i.into()), false),
            (3, _) => (format!("({low}..{columns}).step_by(2)"), None, false),
            (4, _) => (
                format!("{low}..={}", columns - 1),
                Some(low.to_string()),
                false,
            ),
            (5, Some((bound, _))) => (format!("0..{bound}"), None, false),
            (6, Some((bound, _))) => (format!("{bound}..{columns}"), Some(bound), false),
            (7, _) => (format!("(0..{columns}).rev()"), None, false),
            _ => (format!("{low}..{columns}"), Some(low.to_string()), false),
        }
    }

    fn grid_statement(&mut self, table: &Seq, indices: &[Index]) {
        let (one, two) = (self.rng.pick(indices), self.rng.pick(indices));
        let (a, b) = (self.cell(table, &one), self.cell(table, &two));
        let index = self.rng.pick(indices);
        let target = {
            let fits: Vec<Seq> = self
                .seqs(true)
                .into_iter()
                .filter(|seq| seq.len > index.1)
                .collect();
            if fits.is_empty() {
                return self.accumulate(&format!("0.1 * {a} * {b}"));
            }
            format!("{}[{}]", self.rng.pick(&fits).name, index.0)
        };
        let text = match self.rng.below(8) {
            0 => format!("{target} = 0.5 * {target} + 0.3 * {a};"),
            1 => format!("{target} = {target} * 0.75 - {b} / 8.0;"),
            2 => format!("{target} += 0.1 * {a} * {b} / ({b} * {b} + 1.0);"),
            3 => format!("{target} -= 0.1 * ({a} - {b}) / (({a} - {b}) * ({a} - {b}) + 1.0);"),
            4 => format!("{target} *= 0.8;"),
            5 => format!("{target} = 0.4 * {a} - 0.4 * {b};"),
            _ => return self.accumulate(&format!("0.1 * {a} * {b}")),
        };
        self.line(text);
    }
}

/// Indices of `i` and `j`, each with its largest value.
fn grid_indices(
    i: &str,
    j: &str,
    (max, columns): (usize, usize),
    base: Option<&str>,
    from: Option<&str>,
) -> Vec<Index> {
    let last = columns - 1;
    let mut all = vec![
        (i.to_string(), max),
        (j.to_string(), last),
        (j.to_string(), last),
        (format!("{columns} * {i} + {j}"), columns * max + last),
        (format!("{i} * {columns} + {j}"), columns * max + last),
        (format!("2 * {i} + {j}"), 2 * max + last),
        (format!("{i} + {j}"), max + last),
        (format!("{j} + 1"), columns),
        (format!("{j} + {columns}"), 2 * columns - 1),
        (format!("{last} - {j}"), last),
        (format!("{columns} - 1 - {j}"), last),
        (format!("{last} + {i} - {j}"), last + max),
    ];
    if let Some(base) = base {
        let whole = columns * max + last;
        all.push((format!("{base} + {j}"), whole));
        all.push((format!("{base} + {j}"), whole));
        all.push((format!("{base} + {last} - {j}"), whole));
    }
    if let Some(from) = from {
        all.push((format!("{j} - {from}"), last));
        all.push((format!("{j} - {from}"), last));
    }
    all
}
