//! `for`, `while` and `loop`.
//!
//! A loop over a slice becomes a loop over its indices, and the loop variable a
//! view of one element: `for v in xs.iter_mut()` is
//! `for k in 0..xs.len() { view v = &mut xs[k]; .. }`.

use super::{Lower, Operand, Target, place::unparen, types::TyId};
use crate::ir::*;
use proc_macro2::Span;
use syn::spanned::Spanned;

/// What a `for` runs over, outermost adapter last.
enum Source {
    Range(Box<Range>, TyId),
    /// Elements of a slice, by reference or by value.
    Slice {
        place: Place,
        mutability: Option<Mutability>,
        kind: TyId,
    },
    Enumerate(Box<Source>),
    Zip(Box<Source>, Box<Source>),
    Rev(Box<Source>),
}

impl Lower<'_> {
    pub(super) fn loop_stmt(&mut self, expr: &syn::Expr) {
        match expr {
            syn::Expr::ForLoop(each) => self.for_loop(each),
            syn::Expr::While(each) => {
                self.no_checkpoint(&each.attrs);
                self.while_loop(each);
            }
            _ => unreachable!("the callers pass `for` and `while` only"),
        }
    }

    fn in_loop(
        &mut self,
        label: Option<&syn::Label>,
        result: Option<VarId>,
        fill: impl FnOnce(&mut Self),
    ) -> (LoopId, Block) {
        let id = self.func.fresh_loop();
        self.targets.push(Target {
            id,
            label: label.map(|label| label.name.ident.to_string()),
            result,
            block: false,
        });
        let body = self.nested(fill);
        self.targets.pop();
        (id, body)
    }

    pub(super) fn forever(&mut self, each: &syn::ExprLoop, cell: Option<VarId>) {
        self.no_checkpoint(&each.attrs);
        let (id, body) = self.in_loop(each.label.as_ref(), cell, |lower| {
            lower.block(&each.body);
        });
        let head = Head::Forever;
        self.push(each.span(), StmtKind::Loop(Loop { id, head, body }));
    }

    fn while_loop(&mut self, each: &syn::ExprWhile) {
        if let syn::Expr::Let(pattern) = unparen(&each.cond) {
            self.cx.error(
                pattern,
                "`while let` is not supported yet: loop with a counter or a boolean",
            );
            return;
        }
        let mut cond = None;
        let test = self.nested(|lower| cond = Some(lower.atom(&each.cond).0));
        let cond = cond.unwrap_or_else(|| Atom::boolean(false));
        if changes_something(&test) {
            self.while_as_loop(each);
            return;
        }
        let (id, body) = self.in_loop(each.label.as_ref(), None, |lower| {
            lower.block(&each.body);
        });
        let head = Head::While(test, cond);
        self.push(each.span(), StmtKind::Loop(Loop { id, head, body }));
    }

    /// `while { .. } { body }` whose condition changes variables is
    /// `loop { if .. { body } else { break } }`: the last condition has an effect, too.
    fn while_as_loop(&mut self, each: &syn::ExprWhile) {
        let span = each.span();
        let (id, body) = self.in_loop(each.label.as_ref(), None, |lower| {
            let own = lower.targets.last().map(|target| target.id);
            let (cond, _) = lower.atom(&each.cond);
            let yes = lower.nested(|lower| {
                lower.block(&each.body);
            });
            let no = lower.nested(|lower| {
                if let Some(own) = own {
                    lower.push(span, StmtKind::Exit(Exit::Break(own)));
                }
            });
            lower.push(span, StmtKind::If(cond, yes, no));
        });
        let head = Head::Forever;
        self.push(span, StmtKind::Loop(Loop { id, head, body }));
    }

    fn for_loop(&mut self, each: &syn::ExprForLoop) {
        let Some(source) = self.source(&each.expr) else {
            return;
        };
        let span = each.span();
        if let Source::Range(range, kind) = source {
            self.for_range(each, *range, kind);
            return;
        }
        self.no_checkpoint(&each.attrs);
        let index_kind = self.types.discrete("usize");
        let var = self.fresh("k", span, index_kind, Role::Temp);
        let len = self.source_len(&source, span);
        let (id, body) = self.in_loop(each.label.as_ref(), None, |lower| {
            lower.bind_element(&each.pat, &source, &Atom::Var(var), &len);
            lower.block(&each.body);
        });
        let head = Head::Range(Range {
            var,
            from: Atom::int(0),
            to: len,
            inclusive: false,
            adapters: Vec::new(),
        });
        self.push(span, StmtKind::Loop(Loop { id, head, body }));
    }

    fn for_range(&mut self, each: &syn::ExprForLoop, mut range: Range, kind: TyId) {
        let span = each.span();
        range.var = match &*each.pat {
            syn::Pat::Ident(name) if name.subpat.is_none() && name.mutability.is_none() => {
                self.declare(&name.ident, kind, Role::Local)
            }
            syn::Pat::Wild(_) => self.fresh("k", span, kind, Role::Temp),
            pat => {
                self.cx
                    .error(pat, "the variable of a range loop must be a plain name");
                return;
            }
        };
        let var = range.var;
        let plain = !range.inclusive && range.adapters.is_empty();
        let checkpoint = if plain {
            self.checkpoint(&each.attrs)
        } else {
            self.no_checkpoint(&each.attrs);
            None
        };
        if checkpoint.is_some() {
            let usize_kind = self.types.discrete("usize");
            self.types.unify(kind, usize_kind);
        }
        let (id, body) = self.in_loop(each.label.as_ref(), None, |lower| {
            if let syn::Pat::Ident(name) = &*each.pat {
                lower.scopes.bind(&name.ident, var, false);
            }
            lower.block(&each.body);
        });
        if let Some(checkpoint) = checkpoint {
            self.func.checkpoints.insert(id, checkpoint);
        }
        let head = Head::Range(range);
        self.push(span, StmtKind::Loop(Loop { id, head, body }));
    }

    /// What a `for` expression runs over; reports what is not supported.
    fn source(&mut self, expr: &syn::Expr) -> Option<Source> {
        match unparen(expr) {
            syn::Expr::Range(range) => self.range_source(range),
            syn::Expr::MethodCall(call) => self.adapter(call),
            syn::Expr::Reference(_)
            | syn::Expr::Path(_)
            | syn::Expr::Index(_)
            | syn::Expr::Field(_) => self.slice_source(expr, None),
            other => {
                self.cx.error(
                    other,
                    "a loop over this expression cannot be differentiated yet: loop over a range or a slice",
                );
                None
            }
        }
    }

    fn range_source(&mut self, range: &syn::ExprRange) -> Option<Source> {
        let (Some(start), Some(end)) = (&range.start, &range.end) else {
            self.cx.error(range, "the range of a loop needs both ends");
            return None;
        };
        let (from, kind) = self.atom(start);
        let (to, to_kind) = self.atom(end);
        self.types.unify(kind, to_kind);
        let range = Range {
            var: VarId(0),
            from,
            to,
            inclusive: matches!(range.limits, syn::RangeLimits::Closed(_)),
            adapters: Vec::new(),
        };
        Some(Source::Range(Box::new(range), kind))
    }

    fn slice_source(&mut self, expr: &syn::Expr, mutability: Option<Mutability>) -> Option<Source> {
        let (operand, kind) = self.expr(expr);
        let (place, by) = match operand {
            Operand::Ref(place, by) => (place, Some(by)),
            Operand::Place(place) => {
                let by = self
                    .func
                    .var(place.root)
                    .reference
                    .filter(|_| self.is_reference(&place));
                (place, by)
            }
            _ => {
                self.cx.error(
                    expr,
                    "a loop over this expression cannot be differentiated yet: loop over a range or a slice",
                );
                return None;
            }
        };
        Some(Source::Slice {
            place,
            mutability: mutability.or(by),
            kind,
        })
    }

    fn adapter(&mut self, call: &syn::ExprMethodCall) -> Option<Source> {
        let name = call.method.to_string();
        match (name.as_str(), call.args.len()) {
            ("iter", 0) => self.slice_source(&call.receiver, Some(Mutability::Shared)),
            ("iter_mut", 0) => self.slice_source(&call.receiver, Some(Mutability::Mutable)),
            ("into_iter", 0) => self.source(&call.receiver),
            ("enumerate", 0) => {
                let inner = self.source(&call.receiver)?;
                Some(Source::Enumerate(Box::new(inner)))
            }
            ("zip", 1) => {
                let left = self.source(&call.receiver)?;
                let right = self.source(&call.args[0])?;
                Some(Source::Zip(Box::new(left), Box::new(right)))
            }
            ("rev", 0) => match self.source(&call.receiver)? {
                Source::Range(mut range, kind) => {
                    range.adapters.push(Adapter::Rev);
                    Some(Source::Range(range, kind))
                }
                inner => Some(Source::Rev(Box::new(inner))),
            },
            ("step_by", 1) => match self.source(&call.receiver)? {
                Source::Range(mut range, kind) => {
                    let (step, step_kind) = self.atom(&call.args[0]);
                    let usize_kind = self.types.discrete("usize");
                    self.types.unify(step_kind, usize_kind);
                    range.adapters.push(Adapter::StepBy(step));
                    Some(Source::Range(range, kind))
                }
                _ => self.no_adapter(call),
            },
            _ => self.no_adapter(call),
        }
    }

    fn no_adapter(&mut self, call: &syn::ExprMethodCall) -> Option<Source> {
        self.cx.error(
            call,
            format!(
                "a loop over `.{}()` cannot be differentiated yet: loop over a range and index, \
                 or over `.iter()`, `.iter_mut()`, `.enumerate()`, `.zip()`, `.rev()`",
                call.method
            ),
        );
        None
    }

    /// The number of elements, as an atom.
    fn source_len(&mut self, source: &Source, span: Span) -> Atom {
        let kind = self.types.discrete("usize");
        match source {
            Source::Slice { place, .. } => self.bind(Value::Len(place.clone()), kind, span),
            Source::Enumerate(inner) | Source::Rev(inner) => self.source_len(inner, span),
            Source::Zip(left, right) => {
                let left = self.source_len(left, span);
                let right = self.source_len(right, span);
                let name = syn::Ident::new("min", span);
                self.bind(
                    Value::Inert(Inert::Method(name), vec![left, right]),
                    kind,
                    span,
                )
            }
            Source::Range(range, _) => {
                let value = Value::Inert(
                    Inert::Method(syn::Ident::new("saturating_sub", span)),
                    vec![range.to.clone(), range.from.clone()],
                );
                self.bind(value, kind, span)
            }
        }
    }

    /// Binds the loop pattern to element `at` of the source.
    fn bind_element(&mut self, pat: &syn::Pat, source: &Source, at: &Atom, len: &Atom) {
        let usize_kind = self.types.discrete("usize");
        match source {
            Source::Slice {
                place,
                mutability,
                kind,
            } => {
                let elem = self.types.elem(*kind);
                let element = place.clone().then(Proj::Index(at.clone()));
                self.bind_item(pat, element, *mutability, elem);
            }
            Source::Enumerate(inner) => match pat {
                syn::Pat::Tuple(pair) if pair.elems.len() == 2 => {
                    let index = match at {
                        Atom::Var(id) => Operand::Place(Place::of(*id)),
                        at => Operand::Atom(at.clone()),
                    };
                    self.bind_pat(&pair.elems[0], index, usize_kind);
                    self.bind_element(&pair.elems[1], inner, at, len);
                }
                pat => self
                    .cx
                    .error(pat, "write the pattern of `enumerate()` as `(index, item)`"),
            },
            Source::Zip(left, right) => match pat {
                syn::Pat::Tuple(pair) if pair.elems.len() == 2 => {
                    self.bind_element(&pair.elems[0], left, at, len);
                    self.bind_element(&pair.elems[1], right, at, len);
                }
                pat => self
                    .cx
                    .error(pat, "write the pattern of `zip()` as `(left, right)`"),
            },
            Source::Rev(inner) => {
                let span = pat.span();
                let last = self.index_math("sub", len.clone(), Atom::int(1), span);
                let mirrored = self.index_math("sub", last, at.clone(), span);
                self.bind_element(pat, inner, &mirrored, len);
            }
            Source::Range(range, kind) => {
                let index = self.index_math("add", range.from.clone(), at.clone(), pat.span());
                self.bind_pat(pat, Operand::Atom(index), *kind);
            }
        }
    }

    fn index_math(&mut self, name: &str, left: Atom, right: Atom, span: Span) -> Atom {
        let kind = self.types.discrete("usize");
        self.bind(Value::operation(name, vec![left, right]), kind, span)
    }

    fn bind_item(
        &mut self,
        pat: &syn::Pat,
        element: Place,
        mutability: Option<Mutability>,
        kind: TyId,
    ) {
        match (pat, mutability) {
            // `for &v in xs`: the value.
            (syn::Pat::Reference(reference), Some(_)) => {
                self.bind_pat(&reference.pat, Operand::Place(element), kind);
            }
            (pat, Some(mutability)) => self.bind_pat(pat, Operand::Ref(element, mutability), kind),
            (pat, None) => self.bind_pat(pat, Operand::Place(element), kind),
        }
    }

    fn bind_pat(&mut self, pat: &syn::Pat, operand: Operand, kind: TyId) {
        match pat {
            syn::Pat::Wild(_) => {}
            syn::Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => {
                self.bind_local(&name.ident, name.mutability.is_some(), operand, kind);
            }
            pat => match operand {
                Operand::Place(place) => self.destructure(pat, place, kind),
                _ => self.cx.error(
                    pat,
                    "this loop pattern is not supported yet: bind a name and take it apart with `let`",
                ),
            },
        }
    }
}

/// Whether a condition does more than compute: short circuits only fill their cells.
fn changes_something(test: &Block) -> bool {
    let mut found = false;
    crate::ir::visit::walk(test, &mut |stmt| {
        found |= match &stmt.kind {
            StmtKind::Store { first, .. } => !first,
            StmtKind::Let(..) | StmtKind::Cell(..) | StmtKind::If(..) | StmtKind::View { .. } => {
                false
            }
            StmtKind::Call(call) => call.args.iter().any(|arg| {
                matches!(
                    arg,
                    Arg::Ref {
                        mutability: Mutability::Mutable,
                        ..
                    }
                )
            }),
            _ => true,
        };
    });
    found
}
