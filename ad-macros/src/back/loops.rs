//! Tokens of loops.

use super::print::{Prec, Printer};
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

impl Printer<'_> {
    pub(super) fn loop_tokens(&mut self, each: &Loop, out: &mut TokenStream) -> TokenStream {
        match &each.head {
            Head::Range(range) => {
                let head = self.range_head(range);
                self.flush_all(out);
                let name = self.loop_name(range.var, &each.body);
                let body = self.block(&each.body);
                quote!(for #name in #head #body)
            }
            Head::Forever => {
                self.flush_all(out);
                let body = self.block(&each.body);
                quote!(loop #body)
            }
            Head::Schedule(schedule) => {
                let range = self.range(Some(&schedule.range.0), Some(&schedule.range.1), false);
                let (range, budget) = (range.tokens, self.atom(&schedule.budget).tokens);
                self.flush_all(out);
                let [step, from, to] =
                    [schedule.step, schedule.from, schedule.to].map(|id| self.ident(id));
                let body = self.block(&each.body);
                quote!(for (#step, #from, #to) in ad_rt::schedule(#range, #budget) #body)
            }
            Head::Drain(trips) => {
                self.flush_all(out);
                let trips = self.ident(*trips);
                let body = self.block(&each.body);
                quote!(for _ in 0..#trips #body)
            }
            Head::While(test, cond) => {
                self.flush_all(out);
                let stmts = self.stmts(&test.stmts, &[cond], &[]);
                let cond = self.atom(cond);
                let body = self.stmts(&each.body.stmts, &[], &[]);
                if stmts.is_empty() {
                    let cond = &cond.tokens;
                    return quote!(while #cond { #body });
                }
                let cond = cond.at(Prec::Unary);
                quote!(loop { #stmts if !#cond { break; } #body })
            }
        }
    }

    /// `_` where the body does not use the variable.
    pub(super) fn loop_name(&self, var: VarId, body: &Block) -> TokenStream {
        let mut used = false;
        walk(body, &mut |stmt| {
            used |= stmt.kind.access().variables().any(|id| id == var);
        });
        if used {
            self.ident(var).to_token_stream()
        } else {
            quote!(_)
        }
    }

    pub(super) fn range_head(&mut self, range: &Range) -> TokenStream {
        let bounds = self.range(Some(&range.from), Some(&range.to), range.inclusive);
        let mut head = bounds.tokens;
        let mut adapters = range.adapters.as_slice();
        // Twice reversed is not reversed.
        let reversed = |pair: &[Adapter]| matches!(pair, [.., Adapter::Rev, Adapter::Rev]);
        if reversed(adapters) {
            adapters = &adapters[..adapters.len() - 2];
        }
        if !adapters.is_empty() {
            head = quote!((#head));
        }
        for adapter in adapters {
            head = match adapter {
                Adapter::Rev => quote!(#head.rev()),
                Adapter::StepBy(step) => {
                    let step = self.atom(step).tokens;
                    quote!(#head.step_by(#step))
                }
            };
        }
        head
    }
}
