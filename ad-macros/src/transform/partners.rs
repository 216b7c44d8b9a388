//! The sine beside each cosine, and the other way round.
//!
//! The derivative of one is the other. Together they cost little more than either alone,
//! since the compiler makes one call of both; a call of its own in the reverse sweep costs
//! as much again. Where a record is kept, the partner goes onto it like anything that is
//! dear; where none is, [`super::tidy`] drops it from the forward sweep.

use crate::ir::*;
use crate::rules;

pub(super) fn partners(func: &mut Func) {
    let mut body = std::mem::take(&mut func.body);
    block(func, &mut body);
    func.body = body;
}

fn block(func: &mut Func, within: &mut Block) {
    let stmts = std::mem::take(&mut within.stmts);
    let there: Vec<(&'static str, Vec<Atom>)> = stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Let(_, Value::Rule(rule, operands, _)) => Some((rule.name, operands.clone())),
            _ => None,
        })
        .collect();
    for mut stmt in stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, inner);
        }
        let partner = partner(func, &stmt.kind);
        let span = stmt.span;
        within.stmts.push(stmt);
        if let Some((ty, name, operands, form)) = partner
            && !there.contains(&(name, operands.clone()))
        {
            let rule = rules::find(name).expect("a function of the table");
            let id = func.fresh(name, span, ty, Role::Temp);
            within.push(span, StmtKind::Let(id, Value::Rule(rule, operands, form)));
        }
    }
}

/// The function that goes with the one of this statement, and what it is called with.
fn partner(func: &Func, kind: &StmtKind) -> Option<(Ty, &'static str, Vec<Atom>, Form)> {
    let StmtKind::Let(id, Value::Rule(rule, operands, form)) = kind else {
        return None;
    };
    let name = rules::partner(rule)?;
    let ty = &func.var(*id).ty;
    let fixed = |atom: &Atom| atom.var().is_some_and(|id| !func.var(id).cell);
    (ty.is_float() && operands.iter().all(fixed))
        .then(|| (ty.clone(), name, operands.clone(), *form))
}
