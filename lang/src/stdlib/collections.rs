//! Collections: made, filled, changed. What asks and orders them stands in `collections_read`.
//!
//! A collection holds values in a row or values under keys, never both; which of them is decided by
//! the first thing that is put in. Inside it is a list or a map of its own.

use super::args;
use super::{Builtin, Ctx, example, optional, param};
use crate::codes;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use crate::value::heap::Object;
use crate::value::{Kind, Value, compare, print};

/// Collections alone.
pub(super) const COLLECTIONS: &[Kind] = &[Kind::Collection];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "Collection",
        aliases: &[],
        on: &[],
        params: &[optional("values", "any")],
        returns: "collection",
        doc: "A new collection: empty, of any number of values, or of any number of `key: value` entries. It is one or the other, never both; an empty one is decided by the first `insert`.",
        examples: &[
            example(r#"Collection("a", "b")"#, "a,b"),
            example(r#"Collection("CRM": 5, "Desk": 2)"#, r#"{"CRM":5,"Desk":2}"#),
            example("Collection().size()", "0"),
            example("Collection({1, 2}).size()", "1"),
        ],
        run: new_collection,
    },
    Builtin {
        name: "insert",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("values", "any")],
        returns: "nothing",
        doc: "Puts values at the end of a collection, or sets the values of keys: `c.insert(\"key\": value)`. A key that is there gets the new value and keeps its place. Keys into a collection of values, or values into one of keys, fault.",
        examples: &[
            example(r#"Collection("a").insert("b")"#, "null"),
            example(r#"Collection("a": 1).insert("b": 2, "a": 3)"#, "null"),
            example(r#"Collection("a").insert("k": 1)"#, "fault E0418"),
        ],
        run: insert,
    },
    Builtin {
        name: "insertAll",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("other", "collection")],
        returns: "nothing",
        doc: "Puts everything of another collection, a list or a map into the collection; equal keys get the new value.",
        examples: &[
            example(r#"Collection("a": 1).insertAll(Collection("a": 2))"#, "null"),
            example(r#"Collection(1).insertAll(Collection("a": 2))"#, "fault E0418"),
        ],
        run: insert_all,
    },
    Builtin {
        name: "update",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("key", "any"), param("value", "any")],
        returns: "nothing",
        doc: "Replaces the value of a key, or at a position counted from 0. What is not there faults; `insert` adds.",
        examples: &[
            example(r#"Collection("CRM": 5).update("CRM", 6)"#, "null"),
            example("Collection(1, 2).update(1, 3)", "null"),
            example("Collection(1, 2).update(2, 3)", "fault E0404"),
            example(r#"Collection("a": 1).update("b", 2)"#, "fault E0416"),
        ],
        run: update,
    },
    Builtin {
        name: "delete",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("value", "any")],
        returns: "nothing",
        doc: "Takes the first value that is equal out of the collection, with its key; nothing happens if there is none.",
        examples: &[
            example(r#"Collection("a", "b").delete("a")"#, "null"),
            example(r#"Collection("k": 1).delete(2)"#, "null"),
        ],
        run: |ctx, args| delete_values(ctx, args, false),
    },
    Builtin {
        name: "deleteAll",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("other", "collection")],
        returns: "nothing",
        doc: "Takes every value out of the collection that is equal to one of another collection or list.",
        examples: &[
            example("Collection(1, 2, 1).deleteAll(Collection(1))", "null"),
            example("Collection(1).deleteAll({})", "null"),
        ],
        run: |ctx, args| delete_values(ctx, args, true),
    },
    Builtin {
        name: "deleteKey",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("key", "any")],
        returns: "nothing",
        doc: "Takes a key and its value out of the collection, or the value at a position counted from 0. A key that is absent is no fault.",
        examples: &[
            example(r#"Collection("k": 1).deleteKey("k")"#, "null"),
            example(r#"Collection("k": 1).deleteKey("other")"#, "null"),
            example("Collection(1).deleteKey(1)", "fault E0404"),
        ],
        run: |ctx, args| delete_keys(ctx, args[0], &[args[1]], "deleteKey"),
    },
    Builtin {
        name: "deleteKeys",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("keys", "collection")],
        returns: "nothing",
        doc: "Takes several keys out of the collection, given as a collection or list of keys.",
        examples: &[
            example(r#"Collection("a": 1, "b": 2).deleteKeys(Collection("a", "b"))"#, "null"),
            example(r#"Collection("a": 1).deleteKeys({"x"})"#, "null"),
        ],
        run: |ctx, args| {
            let keys = args::items(ctx, args, 1, "deleteKeys")?;
            delete_keys(ctx, args[0], &keys, "deleteKeys")
        },
    },
    Builtin {
        name: "clear",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "nothing",
        doc: "Takes everything out of a collection; it may then become either sort.",
        examples: &[example("Collection(1, 2).clear()", "null"), example("clear(Collection())", "null")],
        run: |ctx, args| {
            ctx.heap.clear(args[0]);
            Ok(Value::Null)
        },
    },
];

/// What stands in a collection.
pub(super) enum Content {
    /// Nothing; it may become either.
    Nothing,
    /// Values in a row.
    Values(Vec<Value>),
    /// Values under keys.
    Entries(Vec<(Value, Value)>),
}

/// The content of a collection, copied: handles, not what they lead to.
pub(super) fn content(ctx: &mut Ctx<'_>, collection: Value) -> Run<Content> {
    let inner = ctx.heap.opened(collection);
    if let Some(entries) = ctx.heap.as_map(inner).filter(|entries| !entries.is_empty()) {
        ctx.heap.reserve(size_of_val(entries))?;
        let entries = entries.to_vec();
        ctx.charge(entries.len());
        return Ok(Content::Entries(entries));
    }
    let values = ctx.heap.as_list(inner).unwrap_or_default();
    if values.is_empty() {
        return Ok(Content::Nothing);
    }
    ctx.heap.reserve(size_of_val(values))?;
    let values = values.to_vec();
    ctx.charge(values.len());
    Ok(Content::Values(values))
}

/// A new collection of values.
pub(super) fn of_values(ctx: &mut Ctx<'_>, values: Vec<Value>) -> Value {
    let inner = if values.is_empty() { ctx.heap.object(Object::Empty) } else { ctx.heap.list(values) };
    ctx.heap.collection(inner)
}

/// A new collection of entries.
pub(super) fn of_entries(ctx: &mut Ctx<'_>, entries: Vec<(Value, Value)>) -> Value {
    let inner = if entries.is_empty() { ctx.heap.object(Object::Empty) } else { ctx.heap.map(entries.len()) };
    for (key, value) in entries {
        ctx.heap.map_put(inner, key, value);
    }
    ctx.heap.collection(inner)
}

/// The compiler gathers the arguments of `Collection(…)` and `insert(…)` into one list or map of its
/// own, so that here it is known which of the two the author wrote.
fn gathered(ctx: &mut Ctx<'_>, gathered: Option<Value>) -> Run<Content> {
    match gathered {
        Some(values) if matches!(ctx.heap.kind(values), Kind::List | Kind::Map | Kind::Empty) => {
            content(ctx, values)
        }
        Some(single) => Ok(Content::Values(vec![single])),
        None => Ok(Content::Nothing),
    }
}

fn new_collection(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(match gathered(ctx, args.first().copied())? {
        Content::Nothing => of_values(ctx, Vec::new()),
        Content::Values(values) => of_values(ctx, values),
        Content::Entries(entries) => of_entries(ctx, entries),
    })
}

fn insert(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let new = gathered(ctx, args.get(1).copied())?;
    put_in(ctx, args[0], new)
}

fn insert_all(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if !matches!(ctx.heap.kind(args[1]), Kind::Collection | Kind::List | Kind::Map | Kind::Empty) {
        return Err(args::wrong_kind(ctx, args, 1, "insertAll", "a collection, a list or a map"));
    }
    let new = content(ctx, args[1])?;
    put_in(ctx, args[0], new)
}

fn put_in(ctx: &mut Ctx<'_>, collection: Value, new: Content) -> Run<Value> {
    let inner = ctx.heap.opened(collection);
    if ctx.heap.size(inner).unwrap_or(0) == 0 {
        ctx.heap.make_empty(inner);
    }
    let kind = ctx.heap.kind(inner);
    match new {
        Content::Nothing => {}
        Content::Values(values) if kind != Kind::Map => {
            ctx.heap.reserve(size_of_val(values.as_slice()))?;
            ctx.heap.edit_list(inner, |items| items.extend(values));
        }
        Content::Entries(entries) if kind != Kind::List => {
            for (key, value) in entries {
                ctx.heap.map_put(inner, key, value);
            }
        }
        Content::Values(_) => return Err(mixed("it holds values under keys", "c.insert(\"key\": value)")),
        Content::Entries(_) => return Err(mixed("it holds values without keys", "c.insert(value)")),
    }
    Ok(Value::Null)
}

fn mixed(holds: &str, example: &str) -> Box<Fault> {
    Fault::new(codes::MIXED_COLLECTION, format!("this cannot go into the collection: {holds}")).with_help(
        format!("a collection holds one or the other; write `{example}`, or make another collection"),
    )
}

/// A checked position in a collection of `len` values.
pub(super) fn position(ctx: &Ctx<'_>, args: &[Value], len: usize, name: &str) -> Run<usize> {
    let index = match args.get(1) {
        Some(Value::Int(index)) => *index,
        _ => args::int(ctx, args, 1, name).map_err(|fault| {
            fault.with_help("this collection has values without keys, which are asked for by position")
        })?,
    };
    args::index(index, len, false, "collection")
}

fn update(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let inner = ctx.heap.opened(args[0]);
    if ctx.heap.kind(inner) == Kind::List {
        let len = ctx.heap.size(inner).unwrap_or(0);
        let at = position(ctx, args, len, "update")?;
        ctx.heap.edit_list(inner, |items| items[at] = args[2]);
        return Ok(Value::Null);
    }
    if ctx.heap.map_get(inner, args[1]).is_none() {
        let key = print::info_text(ctx.heap, ctx.zone, args[1]).unwrap_or_default();
        return Err(Fault::new(codes::BAD_ARGUMENT, format!("the collection has no key {}", quoted(&key)))
            .with_help("`insert` adds a key"));
    }
    ctx.heap.map_put(inner, args[1], args[2]);
    Ok(Value::Null)
}

/// Takes out the first value that is equal to `args[1]`, or all that are equal to one of its elements.
fn delete_values(ctx: &mut Ctx<'_>, args: &[Value], all: bool) -> Run<Value> {
    let unwanted = if all { args::items(ctx, args, 1, "deleteAll")? } else { vec![args[1]] };
    let mut left = !unwanted.is_empty();
    let mut is_unwanted = |ctx: &mut Ctx<'_>, value: Value| -> Run<bool> {
        if !left {
            return Ok(false);
        }
        let found = holds(ctx, &unwanted, value)?;
        left = !found || all;
        Ok(found)
    };
    let inner = ctx.heap.opened(args[0]);
    match content(ctx, args[0])? {
        Content::Nothing => {}
        Content::Values(values) => {
            let mut kept = Vec::with_capacity(values.len());
            for value in values {
                if !is_unwanted(ctx, value)? {
                    kept.push(value);
                }
            }
            ctx.heap.edit_list(inner, |items| *items = kept);
        }
        Content::Entries(entries) => {
            let mut kept = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                if !is_unwanted(ctx, value)? {
                    kept.push((key, value));
                }
            }
            set_entries(ctx, inner, kept);
        }
    }
    Ok(Value::Null)
}

/// Replaces all entries of the map inside a collection.
pub(super) fn set_entries(ctx: &mut Ctx<'_>, inner: Value, entries: Vec<(Value, Value)>) {
    ctx.heap.clear(inner);
    for (key, value) in entries {
        ctx.heap.map_put(inner, key, value);
    }
}

/// Whether one of the values is equal to another.
pub(super) fn holds(ctx: &mut Ctx<'_>, values: &[Value], wanted: Value) -> Run<bool> {
    ctx.charge(values.len());
    for value in values {
        if compare::equal(ctx.heap, ctx.zone, *value, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn delete_keys(ctx: &mut Ctx<'_>, collection: Value, keys: &[Value], name: &str) -> Run<Value> {
    match content(ctx, collection)? {
        Content::Nothing => {}
        Content::Values(values) => {
            let mut gone = vec![false; values.len()];
            for key in keys {
                gone[position(ctx, &[collection, *key], values.len(), name)?] = true;
            }
            let mut gone = gone.into_iter();
            let inner = ctx.heap.opened(collection);
            ctx.heap.edit_list(inner, |items| items.retain(|_| !gone.next().unwrap_or(false)));
        }
        Content::Entries(entries) => {
            ctx.charge(keys.len());
            let unwanted = ctx.heap.map(keys.len());
            for key in keys {
                ctx.heap.map_put(unwanted, *key, Value::Null);
            }
            let kept = entries.into_iter().filter(|(key, _)| ctx.heap.map_get(unwanted, *key).is_none());
            let kept = kept.collect();
            let inner = ctx.heap.opened(collection);
            set_entries(ctx, inner, kept);
        }
    }
    Ok(Value::Null)
}
