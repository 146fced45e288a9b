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
        "randomNumber" => KindSet::NUMBERS,
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
