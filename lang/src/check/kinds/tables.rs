//! Kinds as the registers of the language tell them: what built-ins take and give, what host calls
//! give, what declared types mean.

use super::set::KindSet;
use crate::host::HostCallSpec;
use crate::stdlib::{Builtin, TABLES};
use crate::value::Kind;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Built-ins by each of their spellings, in lower case.
static BY_NAME: LazyLock<HashMap<String, Vec<&'static Builtin>>> = LazyLock::new(|| {
    let mut all: HashMap<String, Vec<&'static Builtin>> = HashMap::new();
    for builtin in TABLES.iter().copied().flatten() {
        for name in std::iter::once(&builtin.name).chain(builtin.aliases) {
            all.entry(name.to_ascii_lowercase()).or_default().push(builtin);
        }
    }
    all
});

/// Every built-in of a name, without case.
pub(crate) fn builtins(name: &str) -> &'static [&'static Builtin] {
    BY_NAME.get(name.to_ascii_lowercase().as_str()).map_or(&[], Vec::as_slice)
}

/// What a built-in gives, by the words of its table. Null is among all of it.
pub(crate) fn given(returns: &str) -> KindSet {
    let of = |word: &str| match word.trim() {
        "text" => KindSet::of(Kind::Text),
        "number" | "decimal" => KindSet::NUMBERS,
        "boolean" => KindSet::of(Kind::Boolean),
        "date" | "date-time" => KindSet::DATES,
        "list" => KindSet::these(&[Kind::List, Kind::Empty]),
        "map" => KindSet::these(&[Kind::Map, Kind::Empty]),
        "collection" => KindSet::of(Kind::Collection),
        "file" => KindSet::of(Kind::File),
        "nothing" | "null" => KindSet::NULL,
        _ => KindSet::ANY,
    };
    returns.split(" or ").map(of).fold(KindSet::NULL, KindSet::union)
}

/// What a host call gives.
pub(crate) fn answer(call: &HostCallSpec) -> KindSet {
    match call.name {
        "isAuthorized" | "authorize" | "revoke" => KindSet::of(Kind::Boolean),
        "currentdate" | "currenttime" => KindSet::DATES,
        "loginuser" | "loginuserid" | "adminuser" | "adminuserid" => {
            KindSet::these(&[Kind::Text, Kind::Null])
        }
        "budget" => KindSet::of(Kind::Map),
        "randomNumber" => KindSet::NUMBERS,
        "rows" | "pages" => KindSet::these(&[Kind::List, Kind::Empty]),
        "aesEncode" | "aesEncode128" => KindSet::of(Kind::Text),
        "rsasha1" | "rsasha256" | "rsasha512" => KindSet::these(&[Kind::Text, Kind::File]),
        _ => KindSet::ANY,
    }
}

/// What a declared type says of a parameter. Callers are not held to it, so it is a hint.
pub(crate) fn declared(ty: &str) -> KindSet {
    let kinds: &[Kind] = match ty.to_ascii_lowercase().as_str() {
        "string" | "text" => &[Kind::Text],
        "int" | "long" | "bigint" | "number" => &[Kind::Number],
        "float" | "decimal" | "double" => &[Kind::Number, Kind::Decimal],
        "bool" | "boolean" => &[Kind::Boolean],
        "date" | "datetime" | "time" | "timestamp" => &[Kind::Date, Kind::DateTime],
        "map" | "key-value" => &[Kind::Map, Kind::Empty],
        "list" => &[Kind::List, Kind::Empty],
        "collection" => &[Kind::Collection],
        "file" => &[Kind::File],
        _ => return KindSet::ANY,
    };
    KindSet::these(kinds).with(Kind::Null)
}

/// The kinds that neither a text of JSON nor a literal can be. Of them nothing is said where they are
/// not expected: some built-ins take them for lists or maps.
pub(crate) const fn not_plain() -> KindSet {
    KindSet::of(Kind::Collection).with(Kind::File)
}

/// Kinds that count as text where one is asked for: they are printed.
const PRINTED: &[Kind] = &[
    Kind::Null,
    Kind::Text,
    Kind::Number,
    Kind::Decimal,
    Kind::Boolean,
    Kind::Date,
    Kind::DateTime,
    Kind::Error,
];

/// What a parameter takes without a fault, by the word of its type. Null is always let through: that
/// it faults depends on the built-in.
pub(crate) fn taken(ty: &str) -> KindSet {
    taken_of_plain(ty).union(not_plain())
}

fn taken_of_plain(ty: &str) -> KindSet {
    match ty {
        "text" => KindSet::these(PRINTED),
        "number" | "decimal" => KindSet::NUMBERS.with(Kind::Text).with(Kind::Null),
        "date" | "date-time" => KindSet::DATES.with(Kind::Text).with(Kind::Null),
        "boolean" => KindSet::these(&[Kind::Boolean, Kind::Text, Kind::Null]),
        "list" => KindSet::these(&[Kind::List, Kind::Empty, Kind::Null]),
        "map" => KindSet::these(&[Kind::Map, Kind::Empty, Kind::Null]),
        _ => KindSet::ANY,
    }
}

/// What a function certainly cannot be given for a parameter of a declared type, the rest of which
/// is let through: numbers in texts, texts for dates, anything for a text.
pub(crate) fn accepted(ty: &str) -> KindSet {
    let declared = declared(ty);
    if declared.is_any() || declared.has(Kind::Text) {
        return KindSet::ANY;
    }
    let declared = declared.with(Kind::Text).union(not_plain());
    if declared.has(Kind::Map) || declared.has(Kind::List) {
        return declared;
    }
    declared.union(KindSet::NUMBERS)
}
