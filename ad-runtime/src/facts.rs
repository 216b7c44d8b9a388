//! What generated code may ask of the functions it calls.

/// Per argument: whether the function writes it before it reads it.
///
/// Where it does, the arguments whose lengths or values say how far: the function
/// overwrites the argument up to there, and touches nothing behind.
#[derive(Clone, Copy, Debug)]
pub struct Overwrites(pub &'static [Option<&'static [usize]>]);

impl Overwrites {
    /// Whether `argument` is overwritten, to an extent that depends on no other
    /// arguments than those in `fixed`.
    #[must_use]
    pub const fn by(&self, argument: usize, fixed: &[usize]) -> bool {
        let Some(extent) = self.0[argument] else {
            return false;
        };
        let mut at = 0;
        while at < extent.len() {
            if !contains(fixed, extent[at]) {
                return false;
            }
            at += 1;
        }
        true
    }
}

const fn contains(list: &[usize], item: usize) -> bool {
    let mut at = 0;
    while at < list.len() {
        if list[at] == item {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Overwrites;

    const FACTS: Overwrites = Overwrites(&[None, Some(&[0, 1]), Some(&[])]);

    #[test]
    fn an_extent_has_to_be_fixed() {
        assert!(!FACTS.by(0, &[0, 1, 2]));
        assert!(FACTS.by(1, &[2, 1, 0]));
        assert!(!FACTS.by(1, &[1]));
        assert!(FACTS.by(2, &[]));
    }
}
