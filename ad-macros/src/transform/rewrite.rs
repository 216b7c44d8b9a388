//! The function as the reverse sweeps are derived from: the same, in forms that they know.

use super::passes::{Pass, Passes};
use super::reverse::run_again;
use super::{Facts, direct, hoist, last, partners, share, tile};
use crate::analysis::activity::Activity;
use crate::analysis::rerun::Reruns;
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::HashSet;

pub(crate) fn rewritten(primal: &Func, differentiable: &[bool], passes: &Passes) -> Func {
    let mut func = primal.clone();
    if passes.on(Pass::Direct) {
        direct::direct(&mut func);
    }
    share::share_stored(&mut func);
    if passes.on(Pass::Hoist) && passes.on(Pass::Rerun) {
        func = hoisted(func, differentiable, passes);
    }
    if passes.on(Pass::Last) {
        last::last_writes(&mut func);
    }
    if passes.on(Pass::Partners) {
        partners::partners(&mut func);
    }
    tile::tile(&mut func);
    func
}

/// Vectors moved out of those loops that are run again then.
fn hoisted(func: Func, differentiable: &[bool], passes: &Passes) -> Func {
    let mut not = HashSet::new();
    for _ in 0..3 {
        let (hoisted, from) = hoist::hoist(&func, &not);
        if from.is_empty() {
            return func;
        }
        let views = Views::of(&hoisted);
        let reruns = run_again(&Facts {
            func: &hoisted,
            views: &views,
            activity: &Activity::of(&hoisted, &views, differentiable),
            passes: passes.clone(),
        });
        let mut once = HashSet::new();
        run_once(&hoisted.body, &reruns, &mut once);
        once.retain(|id| from.contains(id));
        if once.is_empty() {
            return hoisted;
        }
        not.extend(once);
    }
    func
}

/// The loops that are not run again, nor inside of one that is.
fn run_once(block: &Block, reruns: &Reruns, found: &mut HashSet<LoopId>) {
    for stmt in &block.stmts {
        if let StmtKind::Loop(each) = &stmt.kind {
            if reruns.contains(each.id) {
                continue;
            }
            found.insert(each.id);
        }
        for inner in stmt.kind.blocks() {
            run_once(inner, reruns, found);
        }
    }
}
