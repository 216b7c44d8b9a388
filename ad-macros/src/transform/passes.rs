//! The transformations that make derivatives fast, each of which can be left out.
//!
//! `AUTODIFF_WITHOUT=rerun,accumulators cargo build` compiles without the named
//! ones, `AUTODIFF_WITHOUT=all` without any: the derivatives are the same up to
//! rounding, so that their effect can be measured and a wrong one found. (Cargo
//! does not notice a change of the variable: touch the crate.)

/// A transformation that changes how fast a derivative is, not what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pass {
    /// [`crate::analysis::induction`], [`crate::analysis::swaps`]
    Undo,
    /// [`crate::analysis::elements`]
    Elements,
    /// [`super::copies`]
    Copies,
    /// [`super::rewind`]
    Rewind,
    /// [`crate::analysis::rerun`]
    Rerun,
    /// [`crate::analysis::tail`]
    Tail,
    /// [`super::calls`]: arrays that a pullback wants again lie on one flat tape.
    Flat,
    /// [`crate::analysis::exchange`]
    Exchange,
    /// [`super::adjoint`]: a pullback computes again what follows from what it holds.
    Capture,
    /// [`super::trips`]
    Trips,
    /// [`super::halves`]
    Halves,
    /// [`super::fuse`]
    Fuse,
    /// [`super::join`]
    Join,
    /// [`super::joint`]
    Joint,
    /// [`super::jam`]
    Jam,
    /// [`super::tighten::interchange`]
    Interchange,
    /// [`super::tighten::still`]
    Still,
    /// [`super::tighten::sums`]
    Accumulators,
    /// [`super::tighten::neighbours`]
    Neighbours,
    /// [`super::tighten::order`]
    Order,
    /// [`super::tighten::rows`], [`super::tighten::steps`], [`super::tighten::fixed`],
    /// [`super::tighten::heads`]
    Rows,
    /// [`super::plan`]: what is dear to compute is saved where a tape is kept.
    Costs,
    /// [`super::recall`]
    Recall,
    /// [`super::direct`]
    Direct,
    /// [`super::hoist`]
    Hoist,
    /// [`super::last`]
    Last,
    /// [`super::partners`]
    Partners,
    /// [`super::postpone`]
    Postpone,
    /// [`super::linear`]
    Partials,
    /// [`super::simplify`]
    Simplify,
}

const NAMES: &[(Pass, &str)] = &[
    (Pass::Undo, "undo"),
    (Pass::Elements, "elements"),
    (Pass::Copies, "copies"),
    (Pass::Rewind, "rewind"),
    (Pass::Rerun, "rerun"),
    (Pass::Tail, "tail"),
    (Pass::Flat, "flat"),
    (Pass::Exchange, "exchange"),
    (Pass::Capture, "capture"),
    (Pass::Trips, "trips"),
    (Pass::Halves, "halves"),
    (Pass::Fuse, "fuse"),
    (Pass::Join, "join"),
    (Pass::Joint, "joint"),
    (Pass::Jam, "jam"),
    (Pass::Interchange, "interchange"),
    (Pass::Still, "still"),
    (Pass::Accumulators, "accumulators"),
    (Pass::Neighbours, "neighbours"),
    (Pass::Order, "order"),
    (Pass::Rows, "rows"),
    (Pass::Costs, "costs"),
    (Pass::Recall, "recall"),
    (Pass::Direct, "direct"),
    (Pass::Hoist, "hoist"),
    (Pass::Last, "last"),
    (Pass::Partners, "partners"),
    (Pass::Postpone, "postpone"),
    (Pass::Partials, "partials"),
    (Pass::Simplify, "simplify"),
];

/// Which transformations run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passes {
    off: Vec<Pass>,
}

impl Passes {
    /// All but those that the environment names.
    pub fn from_env() -> Passes {
        std::env::var("AUTODIFF_WITHOUT")
            .map(|text| Passes::without(&text))
            .unwrap_or_default()
    }

    /// All but those named in a list with commas.
    pub fn without(text: &str) -> Passes {
        let named: Vec<&str> = text.split(',').map(str::trim).collect();
        let off = |(_, name): &&(Pass, &str)| named.contains(name) || named.contains(&"all");
        Passes {
            off: NAMES.iter().filter(off).map(|(pass, _)| *pass).collect(),
        }
    }

    pub fn on(&self, pass: Pass) -> bool {
        !self.off.contains(&pass)
    }
}
