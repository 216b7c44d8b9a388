//! Calls of helper functions.

use super::expr::Ex;
use super::program::{Function, ParamKind};
use super::scope::{Gen, Kind, Lock, Own, Seq};
use super::stmt::bare;

impl Gen<'_> {
    /// The arguments of a call; `None` if a slice is missing.
    fn arguments(&mut self, helper: &Function, given: Option<&Seq>) -> Option<String> {
        self.enter();
        if let Some(seq) = given {
            self.lock(seq.id, Lock::Gone);
        }
        let args = self.argument_list(helper, given);
        self.leave();
        args
    }

    fn argument_list(&mut self, helper: &Function, given: Option<&Seq>) -> Option<String> {
        let mut args = Vec::new();
        for param in &helper.params {
            args.push(match (param.kind, given) {
                (ParamKind::Slice { mutable: true, .. }, Some(seq)) if seq.own == Own::Borrowed => {
                    seq.name.clone()
                }
                (ParamKind::Slice { mutable: true, .. }, Some(seq)) => format!("&mut {}", seq.name),
                (kind, _) => self.argument(kind)?,
            });
        }
        Some(args.join(", "))
    }

    fn argument(&mut self, kind: ParamKind) -> Option<String> {
        Some(match kind {
            ParamKind::Slice { len, mutable } => self.slice_argument(len, mutable)?,
            ParamKind::Float => match self.rng.below(4) {
                0 => self.literal().text,
                _ => bare(&self.settled(1).text).to_string(),
            },
            ParamKind::Int { max } => self.int(max),
            ParamKind::Bool => match self.rng.below(3) {
                0 => "true".into(),
                _ => self.boolean(0),
            },
        })
    }

    /// A call with `seq` as the mutable slice; false if another slice is missing.
    pub(super) fn call_with(&mut self, helper: &Function, seq: &Seq) -> bool {
        let Some(args) = self.arguments(helper, Some(seq)) else {
            return false;
        };
        let call = format!("{}({args})", helper.name);
        match (helper.returns, self.rng.below(3)) {
            (true, 0) => self.bind_call(call),
            (true, _) => self.accumulate(&format!("0.3 * {call}")),
            (false, _) => self.line(format!("{call};")),
        }
        true
    }

    fn slice_argument(&mut self, len: usize, mutable: bool) -> Option<String> {
        let fits: Vec<Seq> = self
            .seqs(mutable)
            .into_iter()
            .filter(|seq| seq.len >= len)
            .collect();
        if fits.is_empty() {
            return None;
        }
        let seq = self.rng.pick(&fits);
        self.lock(seq.id, if mutable { Lock::Gone } else { Lock::Frozen });
        let part = self.part(&seq, len);
        if part == seq.name && seq.own == Own::Borrowed {
            return Some(part);
        }
        Some(format!("&{}{part}", if mutable { "mut " } else { "" }))
    }

    /// A call inside an expression: of a helper that only reads.
    pub(super) fn call_value(&mut self) -> Option<Ex> {
        let pure: Vec<Function> = self
            .helpers
            .iter()
            .filter(|helper| helper.returns && !helper.writes())
            .cloned()
            .collect();
        if pure.is_empty() || self.trips > 20 {
            return None;
        }
        let helper = self.rng.pick(&pure);
        let args = self.arguments(&helper, None)?;
        Some(self.returned(format!("{}({args})", helper.name)))
    }

    pub(super) fn call_statement(&mut self) {
        if self.helpers.is_empty() || self.trips > 20 {
            return self.store_element();
        }
        let helper = self.helpers[self.rng.below(self.helpers.len())].clone();
        let Some(args) = self.arguments(&helper, None) else {
            return self.store_element();
        };
        let call = format!("{}({args})", helper.name);
        match (helper.returns, self.rng.below(3)) {
            (true, 0) => match self.assignable(|kind| kind == Kind::Float) {
                Some(id) => {
                    let target = self.vars[id].target();
                    self.line(format!("{target} = 0.5 * {call};"));
                }
                None => self.bind_call(call),
            },
            (true, _) => self.bind_call(call),
            (false, _) => self.line(format!("{call};")),
        }
    }

    fn bind_call(&mut self, call: String) {
        let value = self.returned(call);
        let name = self.fresh();
        self.bind_float(&name, &value, true);
    }
}
