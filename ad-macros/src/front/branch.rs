//! `if`, `match`, `loop` and blocks as values, and the exits `break`, `continue`, `return`.
//!
//! A value that leaves a branch is stored into a cell declared before it:
//! `let y = if c { a } else { b }` becomes `cell y; if c { y = a } else { y = b }`.

use super::{Lower, Operand, place::unparen, types::TyId};
use crate::ir::*;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;

impl Lower<'_> {
    /// A branching expression: its value, if it has one, comes out of a cell.
    pub(super) fn branching(&mut self, expr: &syn::Expr) -> (Operand, TyId) {
        let span = expr.span();
        if !yields(expr) {
            self.branch(expr, None);
            return self.unit();
        }
        let kind = self.types.unknown();
        let cell = self.fresh("value", span, kind, Role::Temp);
        self.func.var_mut(cell).cell = true;
        self.push(span, StmtKind::Cell(cell, None));
        self.branch(expr, Some(cell));
        (Operand::Atom(Atom::Var(cell)), kind)
    }

    /// Lowers an expression whose value goes into a cell.
    pub(super) fn expr_into(&mut self, expr: &syn::Expr, cell: VarId) {
        let plain = unparen(expr);
        match plain {
            syn::Expr::If(_) | syn::Expr::Match(_) | syn::Expr::Loop(_) => {
                self.branch(plain, Some(cell));
            }
            syn::Expr::Block(_) => self.branch(plain, Some(cell)),
            _ => {
                let (operand, kind) = self.expr(plain);
                self.value_into(operand, kind, cell, plain.span());
            }
        }
    }

    fn value_into(&mut self, operand: Operand, kind: TyId, cell: VarId, span: Span) {
        match operand {
            Operand::Never | Operand::Unit => {}
            Operand::Ref(..) => self.refuse_choice(span),
            Operand::Place(place) if self.is_reference(&place) && self.types.is_seq(kind) => {
                self.refuse_choice(span);
            }
            operand => {
                let value = self.atom_of(operand, kind, span);
                self.types.unify(kind, self.kind_of(cell));
                self.store_first(cell, value, span);
            }
        }
    }

    fn refuse_choice(&self, span: Span) {
        self.cx.error_at(
            span,
            "a variable that refers to one of several places cannot be differentiated yet: move what is \
             done with it into the branches, or copy with `.to_vec()`",
        );
    }

    fn branch(&mut self, expr: &syn::Expr, cell: Option<VarId>) {
        match expr {
            syn::Expr::If(branch) => self.if_expr(branch, cell),
            syn::Expr::Match(branch) => self.match_expr(branch, cell),
            syn::Expr::Loop(forever) => self.forever(forever, cell),
            syn::Expr::Block(block) => self.labelled(block, cell),
            _ => unreachable!("the callers pass branching expressions only"),
        }
    }

    fn if_expr(&mut self, branch: &syn::ExprIf, cell: Option<VarId>) {
        if let syn::Expr::Let(pattern) = unparen(&branch.cond) {
            self.cx.error(
                pattern,
                "`if let` is not supported yet: test with `if` or `match` on an integer or boolean",
            );
            return;
        }
        let (cond, _) = self.atom(&branch.cond);
        let yes = self.nested(|lower| lower.block_maybe_into(&branch.then_branch, cell));
        let no = self.nested(|lower| {
            if let Some((_, other)) = &branch.else_branch {
                lower.expr_maybe_into(other, cell);
            }
        });
        self.push(branch.span(), StmtKind::If(cond, yes, no));
    }

    fn block_maybe_into(&mut self, block: &syn::Block, cell: Option<VarId>) {
        match cell {
            Some(cell) => self.block_into(block, cell),
            None => {
                self.block(block);
            }
        }
    }

    fn expr_maybe_into(&mut self, expr: &syn::Expr, cell: Option<VarId>) {
        match cell {
            Some(cell) => self.expr_into(expr, cell),
            None => {
                self.expr(expr);
            }
        }
    }

    /// `match` on what has no parts becomes a chain of tests.
    fn match_expr(&mut self, branch: &syn::ExprMatch, cell: Option<VarId>) {
        let (subject, kind) = self.atom(&branch.expr);
        self.arms(&subject, kind, &branch.arms, cell);
    }

    fn arms(&mut self, subject: &Atom, kind: TyId, arms: &[syn::Arm], cell: Option<VarId>) {
        let Some((arm, rest)) = arms.split_first() else {
            return;
        };
        let (pat, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pat => (pat, None),
        };
        let certain = guard.is_none() && (rest.is_empty() || irrefutable(pat));
        if certain {
            self.arm(pat, subject, kind, &arm.body, cell);
            return;
        }
        let test = self.arm_test(pat, guard, subject, kind);
        let yes = self.nested(|lower| lower.arm(pat, subject, kind, &arm.body, cell));
        let no = self.nested(|lower| lower.arms(subject, kind, rest, cell));
        self.push(arm.span(), StmtKind::If(test, yes, no));
    }

    fn arm(
        &mut self,
        pat: &syn::Pat,
        subject: &Atom,
        kind: TyId,
        body: &syn::Expr,
        cell: Option<VarId>,
    ) {
        self.scopes.enter();
        self.bind_pattern(pat, subject, kind);
        self.expr_maybe_into(body, cell);
        self.scopes.leave();
    }

    fn bind_pattern(&mut self, pat: &syn::Pat, subject: &Atom, kind: TyId) {
        if let syn::Pat::Ident(name) = pat
            && (name.subpat.is_some() || is_binding(name))
        {
            self.bind_local(
                &name.ident,
                name.mutability.is_some(),
                Operand::Atom(subject.clone()),
                kind,
            );
        }
    }

    /// Whether the arm is taken, guard included.
    fn arm_test(
        &mut self,
        pat: &syn::Pat,
        guard: Option<&syn::Expr>,
        subject: &Atom,
        kind: TyId,
    ) -> Atom {
        let span = pat.span();
        let boolean = self.types.discrete("bool");
        let matched = self.pattern_test(pat, subject, span);
        let Some(guard) = guard else {
            return matched;
        };
        let taken = self.fresh("taken", span, boolean, Role::Temp);
        self.func.var_mut(taken).cell = true;
        self.push(span, StmtKind::Cell(taken, None));
        let yes = self.nested(|lower| {
            lower.bind_pattern(pat, subject, kind);
            let (guard, _) = lower.atom(guard);
            lower.store_first(taken, guard, span);
        });
        let no = self.nested(|lower| lower.store_first(taken, Atom::boolean(false), span));
        self.push(span, StmtKind::If(matched, yes, no));
        Atom::Var(taken)
    }

    fn pattern_test(&mut self, pat: &syn::Pat, subject: &Atom, span: Span) -> Atom {
        let boolean = self.types.discrete("bool");
        let tokens = match pat {
            pat if irrefutable(pat) => return Atom::boolean(true),
            syn::Pat::Ident(name) => match &name.subpat {
                Some((_, sub)) => sub.to_token_stream(),
                None => pat.to_token_stream(),
            },
            pat => pat.to_token_stream(),
        };
        if binds(pat) {
            self.cx.error(
                pat,
                "a pattern that takes a value apart is not supported yet: match on an integer or boolean, \
                 and take values apart with `let`, fields or indices",
            );
        }
        let value = Value::Inert(Inert::Matches(tokens), vec![subject.clone()]);
        self.bind(value, boolean, span)
    }

    fn labelled(&mut self, block: &syn::ExprBlock, cell: Option<VarId>) {
        let Some(label) = &block.label else {
            self.scopes.enter();
            self.block_maybe_into(&block.block, cell);
            self.scopes.leave();
            return;
        };
        let id = self.func.fresh_loop();
        self.targets.push(super::Target {
            id,
            label: Some(label.name.ident.to_string()),
            result: cell,
            block: true,
        });
        let body = self.nested(|lower| lower.block_maybe_into(&block.block, cell));
        self.targets.pop();
        self.push(block.span(), StmtKind::Labelled(id, body));
    }

    /// `return`, `break` and `continue`.
    pub(super) fn exit(&mut self, expr: &syn::Expr) {
        match expr {
            syn::Expr::Return(exit) => self.return_(exit),
            syn::Expr::Break(exit) => {
                let Some((id, result)) = self.target(exit.label.as_ref(), true) else {
                    return;
                };
                match (&exit.expr, result) {
                    (Some(value), Some(cell)) => self.expr_into(value, cell),
                    (Some(value), None) => {
                        self.expr(value);
                    }
                    (None, _) => {}
                }
                self.push(exit.span(), StmtKind::Exit(Exit::Break(id)));
            }
            syn::Expr::Continue(exit) => {
                if let Some((id, _)) = self.target(exit.label.as_ref(), false) {
                    self.push(exit.span(), StmtKind::Exit(Exit::Continue(id)));
                }
            }
            _ => unreachable!("the callers pass exits only"),
        }
    }

    fn return_(&mut self, exit: &syn::ExprReturn) {
        match (&exit.expr, self.returned) {
            (Some(value), Some(cell)) => self.expr_into(value, cell),
            (Some(value), None) => {
                self.expr(value);
            }
            (None, _) => {}
        }
        let target = Exit::Break(self.exit);
        self.push(exit.span(), StmtKind::Exit(target));
    }

    fn target(
        &self,
        label: Option<&syn::Lifetime>,
        blocks: bool,
    ) -> Option<(LoopId, Option<VarId>)> {
        let target = match label {
            Some(label) => {
                let name = label.ident.to_string();
                self.targets.iter().rev().find(|target| {
                    target.label.as_ref() == Some(&name) && (blocks || !target.block)
                })
            }
            None => self.targets.iter().rev().find(|target| !target.block),
        };
        target.map(|target| (target.id, target.result))
    }
}

/// Whether the expression may have a value that is not `()`.
fn yields(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::If(branch) => branch
            .else_branch
            .as_ref()
            .is_some_and(|(_, other)| block_yields(&branch.then_branch) || tail_yields(other)),
        syn::Expr::Match(branch) => branch.arms.iter().any(|arm| tail_yields(&arm.body)),
        syn::Expr::Block(block) => block_yields(&block.block) || breaks_with_value(&block.block),
        syn::Expr::Loop(forever) => breaks_with_value(&forever.body),
        _ => true,
    }
}

fn block_yields(block: &syn::Block) -> bool {
    match block.stmts.last() {
        Some(syn::Stmt::Expr(expr, None)) => tail_yields(expr),
        _ => false,
    }
}

/// Whether the last expression of a block is a value.
fn tail_yields(expr: &syn::Expr) -> bool {
    match unparen(expr) {
        expr @ (syn::Expr::If(_)
        | syn::Expr::Match(_)
        | syn::Expr::Block(_)
        | syn::Expr::Loop(_)) => yields(expr),
        syn::Expr::Tuple(tuple) => !tuple.elems.is_empty(),
        syn::Expr::Assign(_)
        | syn::Expr::While(_)
        | syn::Expr::ForLoop(_)
        | syn::Expr::Return(_)
        | syn::Expr::Break(_)
        | syn::Expr::Continue(_)
        | syn::Expr::Macro(_) => false,
        syn::Expr::Binary(binary) => !super::expr::is_assignment(&binary.op),
        // A call may return `()`; then the cell is never read.
        syn::Expr::MethodCall(call) => !super::method::is_statement(&call.method),
        syn::Expr::Call(call) => !super::call::is_swap(&call.func),
        _ => true,
    }
}

fn breaks_with_value(block: &syn::Block) -> bool {
    struct Finder(bool);
    impl<'ast> syn::visit::Visit<'ast> for Finder {
        fn visit_expr_break(&mut self, node: &'ast syn::ExprBreak) {
            self.0 |= node.expr.is_some();
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    }
    let mut finder = Finder(false);
    syn::visit::Visit::visit_block(&mut finder, block);
    finder.0
}

fn irrefutable(pat: &syn::Pat) -> bool {
    match pat {
        syn::Pat::Wild(_) => true,
        syn::Pat::Ident(name) => is_binding(name) && name.subpat.is_none(),
        syn::Pat::Paren(paren) => irrefutable(&paren.pat),
        _ => false,
    }
}

/// A lower-case name binds; an upper-case one is a constant.
fn is_binding(name: &syn::PatIdent) -> bool {
    let text = name.ident.to_string();
    !text.starts_with(|first: char| first.is_uppercase())
}

/// Whether a pattern has bindings inside, beyond `name @ ..`.
fn binds(pat: &syn::Pat) -> bool {
    match pat {
        syn::Pat::Lit(_) | syn::Pat::Range(_) | syn::Pat::Path(_) | syn::Pat::Wild(_) => false,
        syn::Pat::Const(_) => false,
        syn::Pat::Or(or) => or.cases.iter().any(binds),
        syn::Pat::Paren(paren) => binds(&paren.pat),
        syn::Pat::Ident(name) => match &name.subpat {
            Some((_, sub)) => binds(sub),
            None => is_binding(name),
        },
        syn::Pat::Tuple(tuple) => tuple.elems.iter().any(binds),
        _ => true,
    }
}
