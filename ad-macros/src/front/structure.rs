//! Early exits to structured control flow.
//!
//! Afterwards `break` stands only in tail position of its own loop, and nothing
//! else leaves a block early:
//!
//! ```text
//! if c { continue }  rest       =>  if c { } else { rest }
//! if c { break }     rest       =>  if c { break } else { rest }
//! if a { if b { break } s }  r  =>  cell leave = false
//!                                   if a { if b { leave = true } else { s } }
//!                                   if leave { break } else { r }
//! ```
//!
//! An exit that crosses a loop sets a flag, breaks that loop, and the flag is
//! tested behind it. `return` is a break of the whole body.

use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn structure(func: &mut Func) {
    let body = std::mem::take(&mut func.body);
    let mut pass = Structure {
        func,
        flagged: false,
    };
    let mut body = pass.block(body.stmts, None);
    let flagged = pass.flagged;
    let result = func_ret(pass.func);
    sink(&mut body, result);
    let looped = looped(&body);
    initialise(&mut body, &|id| flagged || looped.contains(&id));
    func.body = body;
}

struct Structure<'a> {
    func: &'a mut Func,
    /// A flag decides about some path: rustc can no longer see that late
    /// variables are assigned before they are read.
    flagged: bool,
}

fn func_ret(func: &Func) -> Option<VarId> {
    func.ret.as_ref().and_then(Atom::var)
}

/// Declares late variables in the only branch that mentions them: where the rest of
/// a block has moved into a branch, so has what it assigns.
fn sink(block: &mut Block, result: Option<VarId>) {
    let mut index = 0;
    while index < block.stmts.len() {
        if let StmtKind::Cell(id, None) = block.stmts[index].kind
            && Some(id) != result
            && let Some((owner, yes)) = only_branch(block, index, id)
        {
            let cell = block.stmts.remove(index);
            if let StmtKind::If(_, first, second) = &mut block.stmts[owner - 1].kind {
                let branch = if yes { first } else { second };
                branch.stmts.insert(0, cell);
            }
            continue;
        }
        index += 1;
    }
    for stmt in &mut block.stmts {
        for inner in stmt.kind.blocks_mut() {
            sink(inner, result);
        }
    }
}

/// The statement behind `index` that alone mentions the variable, in one branch only.
fn only_branch(block: &Block, index: usize, id: VarId) -> Option<(usize, bool)> {
    let mut owners = (index + 1..block.stmts.len()).filter(|at| mentions(&block.stmts[*at], id));
    let owner = owners.next()?;
    if owners.next().is_some() {
        return None;
    }
    let StmtKind::If(cond, yes, no) = &block.stmts[owner].kind else {
        return None;
    };
    let inside = |branch: &Block| branch.stmts.iter().any(|stmt| mentions(stmt, id));
    match (cond.var() == Some(id), inside(yes), inside(no)) {
        (false, true, false) => Some((owner, true)),
        (false, false, true) => Some((owner, false)),
        _ => None,
    }
}

fn mentions(stmt: &Stmt, id: VarId) -> bool {
    let mut found = stmt.kind.access().variables().any(|other| other == id);
    for inner in stmt.kind.blocks() {
        found |= inner.stmts.iter().any(|stmt| mentions(stmt, id));
    }
    found
}

/// Gives late variables a first value where rustc could not see the other one.
fn initialise(block: &mut Block, which: &dyn Fn(VarId) -> bool) {
    for stmt in &mut block.stmts {
        if let StmtKind::Cell(id, value @ None) = &mut stmt.kind
            && which(*id)
        {
            *value = Some(Value::Helper("hollow", Vec::new()));
        }
        for inner in stmt.kind.blocks_mut() {
            initialise(inner, which);
        }
    }
}

/// Late variables that are assigned inside a loop they are declared outside of.
fn looped(body: &Block) -> BTreeSet<VarId> {
    fn walk(
        block: &Block,
        depth: usize,
        homes: &mut BTreeMap<VarId, usize>,
        found: &mut BTreeSet<VarId>,
    ) {
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Cell(id, None) => {
                    homes.insert(*id, depth);
                }
                StmtKind::Store { place, .. }
                    if homes.get(&place.root).is_some_and(|home| *home < depth) =>
                {
                    found.insert(place.root);
                }
                _ => {}
            }
            let inner = depth + usize::from(matches!(stmt.kind, StmtKind::Loop(_)));
            for nested in stmt.kind.blocks() {
                walk(nested, inner, homes, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(body, 0, &mut BTreeMap::new(), &mut found);
    found
}

/// How a block may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Never,
    Sometimes,
    Always,
}

impl Structure<'_> {
    /// Restructures a statement list. `within`: the loop whose body this is the
    /// tail of, if any.
    fn block(&mut self, stmts: Vec<Stmt>, within: Option<LoopId>) -> Block {
        let mut out = Block::default();
        let mut rest = stmts.into_iter();
        while let Some(stmt) = rest.next() {
            let span = stmt.span;
            match stmt.kind {
                StmtKind::Exit(exit) => {
                    self.tail_exit(exit, within, span, &mut out);
                    return out;
                }
                StmtKind::If(cond, yes, no) => {
                    let left: Vec<Stmt> = match (ends(&yes), ends(&no)) {
                        (Ends::Never, Ends::Never) => {
                            let yes = self.block(yes.stmts, None);
                            let no = self.block(no.stmts, None);
                            out.push(span, StmtKind::If(cond, yes, no));
                            continue;
                        }
                        _ => rest.collect(),
                    };
                    self.branching(span, cond, yes, no, left, within, &mut out);
                    return out;
                }
                StmtKind::Loop(each) => {
                    let flags = self.loop_stmt(span, each, &mut out);
                    if !flags.is_empty() {
                        let left = rest.collect();
                        self.dispatch(span, flags, left, within, &mut out);
                        return out;
                    }
                }
                StmtKind::Labelled(id, body) => {
                    let left: Vec<Stmt> = rest.collect();
                    self.labelled(span, id, body, left, within, &mut out);
                    return out;
                }
                kind => out.push(span, kind),
            }
        }
        out
    }

    /// An exit at the end of a block.
    fn tail_exit(&mut self, exit: Exit, within: Option<LoopId>, span: Span, out: &mut Block) {
        match exit {
            Exit::Break(id) if within == Some(id) => out.push(span, StmtKind::Exit(exit)),
            Exit::Continue(id) if within == Some(id) => {}
            Exit::Diverge => {}
            // Out of a labelled block or the function, in tail position: nothing follows.
            Exit::Break(_) | Exit::Continue(_) => {}
        }
    }

    /// An `if` with an exit inside, followed by `left`.
    #[allow(clippy::too_many_arguments)]
    fn branching(
        &mut self,
        span: Span,
        cond: Atom,
        mut yes: Block,
        mut no: Block,
        left: Vec<Stmt>,
        within: Option<LoopId>,
        out: &mut Block,
    ) {
        if left.is_empty() {
            let yes = self.block(yes.stmts, within);
            let no = self.block(no.stmts, within);
            out.push(span, StmtKind::If(cond, yes, no));
            return;
        }
        match (ends(&yes), ends(&no)) {
            (Ends::Always, _) => {
                no.stmts.extend(left);
                let yes = self.block(yes.stmts, within);
                let no = self.block(no.stmts, within);
                out.push(span, StmtKind::If(cond, yes, no));
            }
            (_, Ends::Always) => {
                yes.stmts.extend(left);
                let yes = self.block(yes.stmts, within);
                let no = self.block(no.stmts, within);
                out.push(span, StmtKind::If(cond, yes, no));
            }
            _ => {
                let mut flags = Vec::new();
                self.flag_exits(&mut yes, &mut flags);
                self.flag_exits(&mut no, &mut flags);
                self.declare(&flags, span, out);
                let yes = self.block(yes.stmts, None);
                let no = self.block(no.stmts, None);
                out.push(span, StmtKind::If(cond, yes, no));
                self.dispatch(span, flags, left, within, out);
            }
        }
    }

    /// A loop; returns the flags of the exits that leave it for an outer target.
    fn loop_stmt(&mut self, span: Span, mut each: Loop, out: &mut Block) -> Vec<(Exit, VarId)> {
        let mut flags = Vec::new();
        let own = each.id;
        self.flag_outer(&mut each.body, own, &mut flags, &mut vec![own]);
        self.declare(&flags, span, out);
        each.body = self.block(each.body.stmts, Some(own));
        if let Head::While(test, cond) = each.head {
            each.head = Head::While(self.block(test.stmts, None), cond);
        }
        out.push(span, StmtKind::Loop(each));
        flags
    }

    /// `'a: { .. }  left`: breaks of the block skip to `left`.
    fn labelled(
        &mut self,
        span: Span,
        id: LoopId,
        mut body: Block,
        left: Vec<Stmt>,
        within: Option<LoopId>,
        out: &mut Block,
    ) {
        // Exits to outer targets become flags; breaks of the block itself end it.
        let mut flags = Vec::new();
        self.flag_outer(&mut body, id, &mut flags, &mut vec![id]);
        self.declare(&flags, span, out);
        let body = self.block(body.stmts, Some(id));
        out.stmts.extend(strip(body, id).stmts);
        if flags.is_empty() {
            out.stmts.extend(self.block(left, within).stmts);
        } else {
            self.dispatch(span, flags, left, within, out);
        }
    }

    /// `if flag { exit } else { left }` for each flag.
    fn dispatch(
        &mut self,
        span: Span,
        mut flags: Vec<(Exit, VarId)>,
        left: Vec<Stmt>,
        within: Option<LoopId>,
        out: &mut Block,
    ) {
        let Some((exit, flag)) = flags.pop() else {
            out.stmts.extend(self.block(left, within).stmts);
            return;
        };
        let cond = self.read(flag, span, out);
        let mut yes = Block::default();
        yes.push(span, StmtKind::Exit(exit));
        let mut no = Block { stmts: left };
        // The other flags are tested in the `else` branch.
        for (exit, flag) in flags {
            let mut chain = Block::default();
            let cond = self.read(flag, span, &mut chain);
            let mut leave = Block::default();
            leave.push(span, StmtKind::Exit(exit));
            chain.push(span, StmtKind::If(cond, leave, no));
            no = chain;
        }
        let all = vec![Stmt {
            span,
            kind: StmtKind::If(cond, yes, no),
        }];
        out.stmts.extend(self.block(all, within).stmts);
    }

    fn read(&mut self, flag: VarId, span: Span, out: &mut Block) -> Atom {
        let name = self.func.var(flag).name.clone();
        let id = self
            .func
            .fresh(&name, span, Ty::discrete("bool"), Role::Temp);
        out.push(span, StmtKind::Let(id, Value::Load(Place::of(flag))));
        Atom::Var(id)
    }

    fn declare(&mut self, flags: &[(Exit, VarId)], span: Span, out: &mut Block) {
        for (_, flag) in flags {
            let off = Value::Atom(Atom::boolean(false));
            out.push(span, StmtKind::Cell(*flag, Some(off)));
        }
    }

    /// Makes every exit that leaves `block` set a flag and end the block: it
    /// becomes the exit of a target nobody waits for.
    fn flag_exits(&mut self, block: &mut Block, flags: &mut Vec<(Exit, VarId)>) {
        let nowhere = self.func.fresh_loop();
        self.flag_outer(block, nowhere, flags, &mut vec![nowhere]);
    }

    /// Replaces exits to targets outside `inner` by: set a flag, break the
    /// outermost of `inner`'s loops that encloses the exit.
    fn flag_outer(
        &mut self,
        block: &mut Block,
        own: LoopId,
        flags: &mut Vec<(Exit, VarId)>,
        inner: &mut Vec<LoopId>,
    ) {
        let stmts = std::mem::take(&mut block.stmts);
        for mut stmt in stmts {
            let span = stmt.span;
            match &mut stmt.kind {
                StmtKind::Exit(exit @ (Exit::Break(_) | Exit::Continue(_))) => {
                    let exit = *exit;
                    if exit.target().is_some_and(|id| inner.contains(&id)) {
                        block.stmts.push(stmt);
                        continue;
                    }
                    let flag = self.flag(exit, span, flags);
                    block.push(span, set(flag));
                    block.push(span, StmtKind::Exit(Exit::Break(own)));
                }
                StmtKind::If(_, yes, no) => {
                    self.flag_outer(yes, own, flags, inner);
                    self.flag_outer(no, own, flags, inner);
                    block.stmts.push(stmt);
                }
                StmtKind::Loop(each) => {
                    // Exits that cross this inner loop are broken up when it is
                    // restructured itself; here they keep their target.
                    inner.push(each.id);
                    self.flag_outer(&mut each.body, own, flags, inner);
                    inner.pop();
                    block.stmts.push(stmt);
                }
                StmtKind::Labelled(id, body) => {
                    inner.push(*id);
                    self.flag_outer(body, own, flags, inner);
                    inner.pop();
                    block.stmts.push(stmt);
                }
                _ => block.stmts.push(stmt),
            }
        }
    }

    fn flag(&mut self, exit: Exit, span: Span, flags: &mut Vec<(Exit, VarId)>) -> VarId {
        if let Some((_, flag)) = flags.iter().find(|(known, _)| *known == exit) {
            return *flag;
        }
        let id = self
            .func
            .fresh("leave", span, Ty::discrete("bool"), Role::Temp);
        self.func.var_mut(id).cell = true;
        self.flagged = true;
        flags.push((exit, id));
        id
    }
}

fn set(flag: VarId) -> StmtKind {
    StmtKind::Store {
        place: Place::of(flag),
        value: Atom::boolean(true),
        first: false,
    }
}

/// Removes the tail breaks of a labelled block.
fn strip(mut block: Block, id: LoopId) -> Block {
    block
        .stmts
        .retain(|stmt| !matches!(&stmt.kind, StmtKind::Exit(Exit::Break(to)) if *to == id));
    for stmt in &mut block.stmts {
        if let StmtKind::If(_, yes, no) = &mut stmt.kind {
            *yes = strip(std::mem::take(yes), id);
            *no = strip(std::mem::take(no), id);
        }
    }
    block
}

/// Whether control reaches the end of a block.
fn ends(block: &Block) -> Ends {
    let mut result = Ends::Never;
    for stmt in &block.stmts {
        let this = match &stmt.kind {
            StmtKind::Exit(_) => Ends::Always,
            StmtKind::If(_, yes, no) => match (ends(yes), ends(no)) {
                (Ends::Never, Ends::Never) => Ends::Never,
                (Ends::Always, Ends::Always) => Ends::Always,
                _ => Ends::Sometimes,
            },
            StmtKind::Labelled(_, body) | StmtKind::Loop(Loop { body, .. }) => {
                if leaves(body, &mut loops(stmt)) {
                    Ends::Sometimes
                } else {
                    Ends::Never
                }
            }
            _ => Ends::Never,
        };
        match this {
            Ends::Always => return Ends::Always,
            Ends::Sometimes => result = Ends::Sometimes,
            Ends::Never => {}
        }
    }
    result
}

fn loops(stmt: &Stmt) -> Vec<LoopId> {
    match &stmt.kind {
        StmtKind::Labelled(id, _) => vec![*id],
        StmtKind::Loop(each) => vec![each.id],
        _ => Vec::new(),
    }
}

/// Whether an exit inside goes to a target outside `inner`.
fn leaves(block: &Block, inner: &mut Vec<LoopId>) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Exit(Exit::Break(id) | Exit::Continue(id)) => !inner.contains(id),
        StmtKind::If(_, yes, no) => leaves(yes, inner) || leaves(no, inner),
        StmtKind::Loop(Loop { id, body, .. }) | StmtKind::Labelled(id, body) => {
            inner.push(*id);
            let found = leaves(body, inner);
            inner.pop();
            found
        }
        _ => false,
    })
}
