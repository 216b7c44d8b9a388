//! `AUTODIFF_REPORT=1 cargo build`: what the derivatives save, per loop.
//!
//! One line for each tape, on standard error:
//!
//! ```text
//! src/model.rs:78: reverse of `pendulum` saves 24 bytes (angle, velocity, t11) per trip
//! ```

use crate::ir::*;
use crate::transform::reverse::Sweeps;
use proc_macro2::Span;
use std::collections::BTreeMap;

/// Prints what one form of the derivative saves, if that is asked for.
pub(crate) fn report(function: &str, form: &str, sweeps: &Sweeps) {
    if std::env::var_os("AUTODIFF_REPORT").is_some() {
        for line in lines(function, form, sweeps) {
            eprintln!("{line}");
        }
    }
}

fn lines(function: &str, form: &str, sweeps: &Sweeps) -> Vec<String> {
    let mut found = Vec::new();
    let mut rows = sweeps.rows.clone();
    for block in [&sweeps.func.body, &sweeps.reverse] {
        saved(&sweeps.func, &mut rows, block, None, &mut |around, what| {
            let (at, each) = match around {
                Some((span, each)) => (format!("{}: ", place(span)), format!(" per {each}")),
                None => (String::new(), String::new()),
            };
            found.push(format!("{at}{form} of `{function}` saves {what}{each}"));
        });
    }
    found
}

/// The loop around a save, and how often it saves.
type Around = Option<(Span, &'static str)>;

/// Calls `see` with the loop around each save, and what is saved. `rows`: vectors of which each
/// trip has its own, as long as no loop has been seen to fill them.
fn saved(
    func: &Func,
    rows: &mut BTreeMap<VarId, VarId>,
    block: &Block,
    around: Around,
    see: &mut dyn FnMut(Around, String),
) {
    for stmt in &block.stmts {
        let inner = match &stmt.kind {
            StmtKind::Loop(each) => match each.head {
                Head::Schedule(_) => Some((stmt.span, "checkpoint")),
                _ => Some((stmt.span, "trip")),
            },
            _ => around,
        };
        match &stmt.kind {
            StmtKind::Push(_, vars) => see(around, record(func, vars)),
            StmtKind::Keep {
                place, exchange, ..
            } => {
                let name = &func.var(place.root).name;
                let how = exchange.as_ref().map_or("a copy", |_| "the memory");
                see(around, format!("{how} of `{name}`"));
            }
            StmtKind::View { place, .. } => {
                if let Some(vector) = rows.remove(&place.root) {
                    let name = &func.var(vector).name;
                    see(around, format!("the memory of `{name}`"));
                }
            }
            _ => {}
        }
        for body in stmt.kind.blocks() {
            saved(func, rows, body, inner, see);
        }
    }
}

/// The size of a record, and the names in it.
fn record(func: &Func, vars: &[VarId]) -> String {
    let names: Vec<&str> = vars.iter().map(|id| func.var(*id).name.as_str()).collect();
    let sizes: Vec<Option<usize>> = vars.iter().map(|id| size(&func.var(*id).ty)).collect();
    let known: usize = sizes.iter().flatten().sum();
    let more = if sizes.contains(&None) {
        " or more"
    } else {
        ""
    };
    format!("{known} bytes{more} ({})", names.join(", "))
}

/// The size of a value where the type is known well enough.
fn size(ty: &Ty) -> Option<usize> {
    match ty {
        Ty::Float(Some(Width::F32)) => Some(4),
        Ty::Float(_) => Some(8),
        Ty::Discrete(Some(name)) => match name.as_str() {
            "bool" | "u8" | "i8" => Some(1),
            "u16" | "i16" => Some(2),
            "u32" | "i32" | "char" => Some(4),
            "usize" | "isize" | "u64" | "i64" => Some(8),
            _ => None,
        },
        Ty::Tuple(items) => items.iter().map(size).sum(),
        Ty::Discrete(None) | Ty::Seq(..) | Ty::Unknown => None,
    }
}

fn place(span: Span) -> String {
    if !proc_macro::is_available() {
        return "a loop".to_string(); // Outside of a compilation there are no files.
    }
    let span = span.unwrap();
    format!("{}:{}", span.file(), span.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_sizes() {
        let ty = |ty: Ty| size(&ty);
        assert_eq!(ty(Ty::Float(Some(Width::F32))), Some(4));
        assert_eq!(
            ty(Ty::Tuple(vec![Ty::Float(None), Ty::discrete("bool")])),
            Some(9)
        );
        assert_eq!(ty(Ty::Unknown), None);
    }
}
