//! Tokens of `if`, as statement and as value.

use super::block::Uses;
use super::print::{Expr, Prec, Printer};
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::TokenStream;
use quote::quote;

impl Printer<'_> {
    pub fn if_tokens(&mut self, cond: &Expr, yes: &Block, no: &Block) -> TokenStream {
        let yes_tokens = self.stmts(&yes.stmts, &[], &[]);
        let no_tokens = self.stmts(&no.stmts, &[], &[]);
        let test = &cond.tokens;
        if no_tokens.is_empty() {
            return quote!(if #test { #yes_tokens });
        }
        if yes_tokens.is_empty() {
            let test = cond.at(Prec::Unary);
            return quote!(if !#test { #no_tokens });
        }
        if is_lone_if(&no_tokens) {
            return quote!(if #test { #yes_tokens } else #no_tokens);
        }
        quote!(if #test { #yes_tokens } else { #no_tokens })
    }

    /// `let y = if c { a } else { b };`, and `a && b` where that says the same.
    pub(super) fn value_if(
        &mut self,
        id: VarId,
        cond: &Expr,
        (yes, no): (&Block, &Block),
        uses: &Uses,
        out: &mut TokenStream,
    ) {
        let expr = self.value_if_expr(id, cond, yes, no);
        let inline = expr.prec != Prec::Low;
        match self.folds(id, None, uses).filter(|_| inline) {
            Some(count) => self.pend(id, expr, count),
            None => self.emit_let(id, &expr, true, out),
        }
    }

    pub(super) fn value_if_expr(
        &mut self,
        id: VarId,
        cond: &Expr,
        yes: &Block,
        no: &Block,
    ) -> Expr {
        let (yes_tokens, yes_alone) = self.yielded(yes, id);
        let (no_tokens, no_alone) = self.yielded(no, id);
        let test = &cond.tokens;
        let is = |expr: &Option<Expr>, text: &str| {
            expr.as_ref()
                .is_some_and(|expr| expr.tokens.to_string() == text)
        };
        let joined = |operator: TokenStream, right: &Expr, prec: Prec| {
            let left = cond.at(prec);
            let value = right.at(prec);
            let mut reads = cond.reads.clone();
            reads.extend(&right.reads);
            Expr {
                tokens: quote!(#left #operator #value),
                prec,
                reads,
            }
        };
        if let (Some(value), true) = (&yes_alone, is(&no_alone, "false")) {
            return joined(quote!(&&), value, Prec::And);
        }
        if let (true, Some(value)) = (is(&yes_alone, "true"), &no_alone) {
            return joined(quote!(||), value, Prec::Or);
        }
        let tokens = if is_lone_if(&no_tokens) {
            quote!(if #test { #yes_tokens } else #no_tokens)
        } else {
            quote!(if #test { #yes_tokens } else { #no_tokens })
        };
        Expr::new(tokens, Prec::Low)
    }

    /// A block whose value is what it stores into `id`; alone: without statements.
    pub(super) fn yielded(&mut self, block: &Block, id: VarId) -> (TokenStream, Option<Expr>) {
        let Some((last, init)) = block.stmts.split_last() else {
            return (TokenStream::new(), None);
        };
        match &last.kind {
            StmtKind::Store { value, .. } => {
                let stmts = self.stmts(init, &[value], &[]);
                let value = self.kept(value);
                let tokens = &value.tokens;
                let alone = stmts.is_empty().then(|| value.clone());
                (quote!(#stmts #tokens), alone)
            }
            StmtKind::If(cond, yes, no) => {
                let stmts = self.stmts(init, &[cond], &[yes, no]);
                let cond = self.atom(cond);
                let mut before = stmts;
                self.flush_all(&mut before);
                let inner = self.value_if_expr(id, &cond, yes, no);
                let tokens = &inner.tokens;
                (quote!(#before #tokens), None)
            }
            _ => (self.stmts(&block.stmts, &[], &[]), None),
        }
    }
}

/// Whether a block ends by storing the value of `id`, once.
pub(super) fn yields(block: &Block, id: VarId) -> bool {
    let Some((last, init)) = block.stmts.split_last() else {
        return false;
    };
    let mentions = |stmts: &[Stmt]| {
        let block = Block {
            stmts: stmts.to_vec(),
        };
        let mut found = false;
        walk(&block, &mut |stmt| {
            found |= stmt.kind.access().variables().any(|other| other == id);
        });
        found
    };
    if mentions(init) {
        return false;
    }
    match &last.kind {
        StmtKind::Store { place, first, .. } => *first && place.root == id && place.path.is_empty(),
        StmtKind::If(_, yes, no) => yields(yes, id) && yields(no, id),
        StmtKind::Effect(opaque) => {
            let text = opaque.tokens.to_string();
            [
                "panic !",
                "unreachable !",
                "todo !",
                "unimplemented !",
                "panic!",
                "unreachable!",
            ]
            .iter()
            .any(|start| text.starts_with(start))
        }
        _ => false,
    }
}

/// Whether tokens are one `if` statement and nothing else.
fn is_lone_if(tokens: &TokenStream) -> bool {
    matches!(
        syn::parse2::<syn::Expr>(tokens.clone()),
        Ok(syn::Expr::If(_))
    )
}
