//! What generated code may ask of the functions it calls.

/// Per argument: whether something holds for it, and then the arguments that it depends
/// on.
///
/// - `OVERWRITES`: the function writes the argument before it reads it. The lengths or
///   values of the listed arguments say how far; it touches nothing behind.
/// - `LINEAR`: the adjoint of the argument is a linear function of those of the results,
///   whose coefficients are made of the listed arguments and of lengths.
#[derive(Clone, Copy, Debug)]
pub struct Dependence(pub &'static [Option<&'static [usize]>]);

impl Dependence {
    /// Whether it holds for `argument`, and depends on no other arguments than those in
    /// `fixed`.
    #[must_use]
    pub const fn by(&self, argument: usize, fixed: &[usize]) -> bool {
        let Some(list) = self.0[argument] else {
            return false;
        };
        let mut at = 0;
        while at < list.len() {
            if !contains(fixed, list[at]) {
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
    use super::Dependence;

    const FACTS: Dependence = Dependence(&[None, Some(&[0, 1]), Some(&[])]);

    #[test]
    fn what_it_depends_on_has_to_be_fixed() {
        assert!(!FACTS.by(0, &[0, 1, 2]));
        assert!(FACTS.by(1, &[2, 1, 0]));
        assert!(!FACTS.by(1, &[1]));
        assert!(FACTS.by(2, &[]));
    }
}
