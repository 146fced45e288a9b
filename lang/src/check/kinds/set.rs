//! Sets of kinds: what a value may be.

use crate::value::Kind;
use std::fmt;

/// The kinds that a value may be of. What nothing is known of may be any.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KindSet(u32);

impl KindSet {
    /// No kind: no value comes here.
    pub const NONE: KindSet = KindSet(0);
    /// Every kind: nothing is known.
    pub const ANY: KindSet = KindSet((1 << Kind::ALL.len()) - 1);
    /// Null alone.
    pub const NULL: KindSet = KindSet::of(Kind::Null);
    /// Whole and decimal numbers.
    pub const NUMBERS: KindSet = KindSet::of(Kind::Number).with(Kind::Decimal);
    /// Dates with and without time.
    pub const DATES: KindSet = KindSet::of(Kind::Date).with(Kind::DateTime);

    /// One kind.
    pub const fn of(kind: Kind) -> Self {
        Self(1 << kind as u32)
    }

    /// These kinds.
    pub fn these(kinds: &[Kind]) -> Self {
        kinds.iter().fold(Self::NONE, |set, kind| set.with(*kind))
    }

    /// This set and one kind more.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u32)
    }

    /// This set without one kind.
    #[must_use]
    pub const fn without(self, kind: Kind) -> Self {
        Self(self.0 & !(1 << kind as u32))
    }

    /// The kinds of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The kinds of both sets.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a value of this kind is possible.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// Whether no kind is possible.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether nothing is known.
    pub const fn is_any(self) -> bool {
        self.0 == Self::ANY.0
    }

    /// Whether no kind is in both.
    pub const fn is_apart_from(self, other: Self) -> bool {
        self.both(other).is_empty()
    }

    /// The kinds, null first.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }

    /// The kind, if there is but one.
    pub fn only(self) -> Option<Kind> {
        let mut kinds = self.iter();
        kinds.next().filter(|_| kinds.next().is_none())
    }

    /// `a text`, `a number or a decimal`, `null`.
    pub fn described(self) -> String {
        let kinds: Vec<String> = self.iter().map(with_article).collect();
        kinds.join(" or ")
    }
}

fn with_article(kind: Kind) -> String {
    let name = kind.name();
    match kind {
        Kind::Null => name.to_owned(),
        _ if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

impl fmt::Debug for KindSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        let names: Vec<&str> = self.iter().map(Kind::name).collect();
        write!(f, "{{{}}}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_kinds_join_and_part() {
        let text_or_null = KindSet::these(&[Kind::Text, Kind::Null]);
        assert!(text_or_null.has(Kind::Null) && !text_or_null.has(Kind::Map));
        assert_eq!(text_or_null.without(Kind::Null).only(), Some(Kind::Text));
        assert_eq!(text_or_null.only(), None);
        assert_eq!(KindSet::these(Kind::ALL), KindSet::ANY);
        assert!(text_or_null.is_apart_from(KindSet::NUMBERS));
        assert_eq!(text_or_null.described(), "null or a text");
        assert_eq!(format!("{:?} {:?}", text_or_null, KindSet::ANY), "{null, text} any");
    }
}
