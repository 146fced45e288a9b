//! From the name of a method and the kind of its receiver to the built-in that answers.

use crate::codes;
use crate::stdlib::{Builtin, TABLES};
use crate::suggest::closest;
use crate::value::fault::{Fault, Run};
use crate::value::heap::Heap;
use crate::value::{Kind, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const KINDS: usize = Kind::ALL.len();

/// A built-in with what is checked before each call of it.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The built-in.
    pub builtin: &'static Builtin,
    fewest: u8,
    most: u8,
}

/// All built-ins of one name.
struct Method {
    name: &'static str,
    /// Those with a receiver, by its kind.
    on: [Option<Entry>; KINDS],
    /// The one without a receiver.
    free: Option<Entry>,
}

/// All names, sorted in lower case. Positions in it are what instructions hold.
static METHODS: LazyLock<Vec<(String, Method)>> = LazyLock::new(|| {
    let mut methods: BTreeMap<String, Method> = BTreeMap::new();
    for builtin in TABLES.iter().copied().flatten() {
        for name in std::iter::once(&builtin.name).chain(builtin.aliases) {
            let method = methods.entry(name.to_ascii_lowercase()).or_insert(Method {
                name,
                on: [None; KINDS],
                free: None,
            });
            let entry = Entry { builtin, fewest: builtin.required() as u8, most: builtin.params.len() as u8 };
            if builtin.on.is_empty() {
                method.free.get_or_insert(entry);
            }
            for kind in builtin.on {
                method.on[*kind as usize].get_or_insert(entry);
            }
        }
    }
    methods.into_iter().collect()
});

/// Number of the method of a name, without case.
pub fn id(name: &str) -> Option<u16> {
    let mut lower = [0; 64];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let at = METHODS.binary_search_by(|(other, _)| other.as_bytes().cmp(lower)).ok()?;
    u16::try_from(at).ok()
}

/// A spelling of the method of a number.
pub fn name_of(method: u16) -> &'static str {
    METHODS.get(usize::from(method)).map_or("", |(_, method)| method.name)
}

/// The built-in that answers a method call; `args[0]` is the receiver.
///
/// # Errors
/// `E0401` if the receiver is null, `E0403` if its kind has no such method, `E0416` for a wrong
/// number of arguments.
#[inline]
pub fn on_receiver(heap: &Heap, method: u16, args: &[Value]) -> Run<&'static Entry> {
    let receiver = args.first().copied().unwrap_or(Value::Null);
    let kind = heap.kind(receiver);
    let found = METHODS.get(usize::from(method)).and_then(|(_, method)| method.on[kind as usize].as_ref());
    match found {
        Some(entry) => entry.checked(args.len().saturating_sub(1)),
        None => Err(missing(method, kind)),
    }
}

/// The built-in that answers a call in free form, with or without a receiver.
///
/// # Errors
/// As [`on_receiver`].
pub fn free(heap: &Heap, method: u16, args: &[Value]) -> Run<&'static Entry> {
    match METHODS.get(usize::from(method)).and_then(|(_, method)| method.free.as_ref()) {
        Some(entry) => entry.checked(args.len()),
        None => on_receiver(heap, method, args),
    }
}

impl Entry {
    #[inline]
    fn checked(&'static self, given: usize) -> Run<&'static Entry> {
        if given >= usize::from(self.fewest) && given <= usize::from(self.most) {
            return Ok(self);
        }
        Err(self.wrong_count(given))
    }

    #[cold]
    fn wrong_count(&self, given: usize) -> Box<Fault> {
        let wanted = if self.fewest == self.most {
            self.most.to_string()
        } else {
            format!("{} to {}", self.fewest, self.most)
        };
        Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{}` takes {wanted} arguments here, not {given}", self.builtin.name),
        )
    }
}

/// What to write instead of a method that another kind of value has.
const INSTEAD: &[(&str, &[Kind], &str)] = &[
    (
        "length",
        &[Kind::List, Kind::Map, Kind::Empty],
        "write `size()`; `length` counts the characters of a text",
    ),
    (
        "values",
        &[Kind::Map, Kind::Empty],
        "walk over the keys: `for each key in map.keys() { value = map.get(key); }`",
    ),
    ("add", &[Kind::Map], "a map takes a key as well: `map.put(key, value)`"),
    ("put", &[Kind::List], "a list takes values without keys: `list.add(value)`"),
    ("keys", &[Kind::List], "a list has positions: `for each index i in list { … }`"),
    ("toMap", &[Kind::List], "a list has no keys; take an element that is a map: `list.get(0)`"),
    ("toJSONList", &[Kind::Map], "this is a map; a list may stand under one of its keys: `map.get(key)`"),
    ("toList", &[Kind::Map], "write `map.keys()` for a list of its keys"),
];

#[cold]
fn missing(method: u16, kind: Kind) -> Box<Fault> {
    let name = name_of(method);
    if kind == Kind::Null {
        return Fault::new(codes::NULL_RECEIVER, format!("`{name}` was called on null"))
            .with_help("ask first with `if(x != null)`, or give it a default with `ifnull(x, …)`");
    }
    let fault = Fault::new(codes::NO_SUCH_METHOD, format!("a {} has no method `{name}`", kind.name()));
    let of_kind = METHODS.iter().filter(|(_, other)| other.on[kind as usize].is_some());
    let nearest = closest(name, of_kind.map(|(_, other)| other.name));
    let kinds: Vec<&str> = METHODS.get(usize::from(method)).map_or_else(Vec::new, |(_, method)| {
        Kind::ALL.iter().filter(|k| method.on[**k as usize].is_some()).map(|k| k.name()).collect()
    });
    let instead =
        INSTEAD.iter().find(|(other, kinds, _)| name.eq_ignore_ascii_case(other) && kinds.contains(&kind));
    if let Some((.., help)) = instead {
        return fault.with_help(*help);
    }
    match nearest {
        Some(other) => fault.with_help(format!("did you mean `{other}`?")),
        _ if !kinds.is_empty() => fault.with_help(format!("`{name}` is a method of: {}", kinds.join(", "))),
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_place() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, at);
        }
    }

    #[test]
    fn what_stands_instead_is_not_a_method_of_that_kind() {
        for (name, kinds, help) in INSTEAD {
            let (_, method) = &METHODS[usize::from(id(name).unwrap())];
            assert!(kinds.iter().all(|kind| method.on[*kind as usize].is_none()), "{name}: {help}");
            assert!(missing(id(name).unwrap(), kinds[0]).help.as_deref() == Some(*help));
        }
    }

    #[test]
    fn names_are_found_without_case_and_by_every_spelling() {
        for builtin in TABLES.iter().copied().flatten() {
            for name in std::iter::once(&builtin.name).chain(builtin.aliases) {
                assert!(name.len() <= 64, "{name} is longer than any name that is looked for");
                assert!(id(name).is_some() && id(name) == id(&name.to_uppercase()), "{name}");
            }
        }
        assert_eq!(id("no such method"), None);
    }
}
