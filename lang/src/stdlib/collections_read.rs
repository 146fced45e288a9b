//! Collections: asked, compared, ordered. What makes and changes them stands in `collections`.

use super::collections::{
    COLLECTIONS, Content, content, holds, of_entries, of_values, position, set_entries,
};
use super::{Builtin, Ctx, Param, args, example, list, optional, param};
use crate::value::fault::Run;
use crate::value::{Kind, Value, compare};

const KEY: &[Param] = &[param("key", "any")];
const VALUE: &[Param] = &[param("value", "any")];
const ASCENDING: &[Param] = &[optional("ascending", "boolean")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "get",
        aliases: &[],
        on: COLLECTIONS,
        params: KEY,
        returns: "any",
        doc: "The value of a key of a collection, null if the key is absent; without keys, the value at a position counted from 0.",
        examples: &[
            example(r#"Collection("a", "b").get(1)"#, "b"),
            example(r#"Collection("a": 1).get("a")"#, "1"),
            example(r#"Collection("a": 1).get("b")"#, "null"),
            example("Collection(1).get(1)", "fault E0404"),
        ],
        run: get,
    },
    Builtin {
        name: "size",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "number",
        doc: "How many values a collection has.",
        examples: &[example("Collection(1, 2).size()", "2"), example("Collection().size()", "0")],
        run: |ctx, args| {
            let inner = ctx.heap.opened(args[0]);
            Ok(Value::Int(ctx.heap.size(inner).unwrap_or(0) as i64))
        },
    },
    Builtin {
        name: "getKey",
        aliases: &[],
        on: COLLECTIONS,
        params: VALUE,
        returns: "any",
        doc: "The first key whose value is equal, or the first position; null if there is none.",
        examples: &[
            example(r#"Collection("a": 1, "b": 1).getKey(1)"#, "a"),
            example(r#"Collection("x", "y").getKey("y")"#, "1"),
            example("Collection().getKey(1)", "null"),
        ],
        run: |ctx, args| key_of(ctx, args, false),
    },
    Builtin {
        name: "getLastKey",
        aliases: &[],
        on: COLLECTIONS,
        params: VALUE,
        returns: "any",
        doc: "The last key whose value is equal, or the last position; null if there is none.",
        examples: &[
            example(r#"Collection("a": 1, "b": 1).getLastKey(1)"#, "b"),
            example("Collection(7, 7).getLastKey(7)", "1"),
            example("Collection(7).getLastKey(8)", "null"),
        ],
        run: |ctx, args| key_of(ctx, args, true),
    },
    Builtin {
        name: "keys",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "list",
        doc: "The keys of a collection in their order; without keys, the positions.",
        examples: &[
            example(r#"Collection("b": 1, "a": 2).keys()"#, "b,a"),
            example(r#"Collection("x", "y").keys()"#, "0,1"),
        ],
        run: |ctx, args| {
            let keys = pairs(ctx, args[0])?.into_iter().map(|(key, _)| key).collect();
            Ok(ctx.heap.list(keys))
        },
    },
    Builtin {
        name: "values",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "list",
        doc: "The values of a collection in their order.",
        examples: &[
            example(r#"Collection("b": 1, "a": 2).values()"#, "1,2"),
            example("Collection().values().size()", "0"),
        ],
        run: |ctx, args| {
            let values = args::items(ctx, args, 0, "values")?;
            Ok(ctx.heap.list(values))
        },
    },
    Builtin {
        name: "containsKey",
        aliases: &["containKey"],
        on: COLLECTIONS,
        params: KEY,
        returns: "boolean",
        doc: "Whether a collection has a key; without keys, a position.",
        examples: &[
            example(r#"Collection("a": null).containsKey("a")"#, "true"),
            example(r#"Collection("a").containKey("a")"#, "false"),
        ],
        run: contains_key,
    },
    Builtin {
        name: "containsValue",
        aliases: &["containValue", "contains"],
        on: COLLECTIONS,
        params: VALUE,
        returns: "boolean",
        doc: "Whether a collection has a value that is equal, with or without a key.",
        examples: &[
            example(r#"Collection("a": 1).containsValue(1)"#, "true"),
            example(r#"Collection("ab").contains("a")"#, "false"),
        ],
        run: |ctx, args| contains_value(ctx, args).map(Value::Bool),
    },
    Builtin {
        name: "notContains",
        aliases: &[],
        on: COLLECTIONS,
        params: VALUE,
        returns: "boolean",
        doc: "Whether a collection has no value that is equal.",
        examples: &[
            example(r#"Collection("a").notContains("b")"#, "true"),
            example(r#"Collection("k": "v").notContains("v")"#, "false"),
        ],
        run: |ctx, args| contains_value(ctx, args).map(|found| Value::Bool(!found)),
    },
    Builtin {
        name: "duplicate",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "collection",
        doc: "A copy of the collection; what it holds is shared with the first.",
        examples: &[
            example(r#"Collection("a": 1).duplicate()"#, r#"{"a":1}"#),
            example("Collection().duplicate().size()", "0"),
        ],
        run: |ctx, args| {
            Ok(match content(ctx, args[0])? {
                Content::Nothing => of_values(ctx, Vec::new()),
                Content::Values(values) => of_values(ctx, values),
                Content::Entries(entries) => of_entries(ctx, entries),
            })
        },
    },
    Builtin {
        name: "distinct",
        aliases: &[],
        on: COLLECTIONS,
        params: &[],
        returns: "collection",
        doc: "A new collection in which each value stands once, where it stood first and under its first key.",
        examples: &[
            example("Collection(1, 1, 2).distinct()", "1,2"),
            example(r#"Collection("a": 1, "b": 1).distinct()"#, r#"{"a":1}"#),
        ],
        run: distinct,
    },
    Builtin {
        name: "intersect",
        aliases: &[],
        on: COLLECTIONS,
        params: &[param("other", "collection")],
        returns: "collection",
        doc: "A new collection of what stands in both: the values, each once, or the keys that have equal values in both. The other one may be a list or a map.",
        examples: &[
            example("Collection(1, 2, 2, 3).intersect(Collection(3, 2))", "2,3"),
            example(r#"Collection("a": 1, "b": 2).intersect(Collection("a": 1, "b": 3))"#, r#"{"a":1}"#),
        ],
        run: intersect,
    },
    Builtin {
        name: "sort",
        aliases: &[],
        on: COLLECTIONS,
        params: ASCENDING,
        returns: "collection",
        doc: "Sorts the collection itself by its values and returns it; downwards if `ascending` is false. Keys move with their values. Kinds are ordered as for lists.",
        examples: &[
            example("Collection(3, 1, 2).sort()", "1,2,3"),
            example(r#"Collection("a": 1, "b": 2).sort(false)"#, r#"{"b":2,"a":1}"#),
            example("Collection({1}, {2}).sort()", "fault E0402"),
        ],
        run: |ctx, args| sort(ctx, args, false),
    },
    Builtin {
        name: "sortKey",
        aliases: &[],
        on: COLLECTIONS,
        params: ASCENDING,
        returns: "collection",
        doc: "Sorts the collection itself by its keys and returns it; downwards if `ascending` is false. Without keys the positions count.",
        examples: &[
            example(r#"Collection("b": 1, "a": 2).sortKey()"#, r#"{"a":2,"b":1}"#),
            example("Collection(3, 1).sortKey(false)", "1,3"),
        ],
        run: |ctx, args| sort(ctx, args, true),
    },
];

/// Keys and values; positions where there are no keys.
fn pairs(ctx: &mut Ctx<'_>, collection: Value) -> Run<Vec<(Value, Value)>> {
    Ok(match content(ctx, collection)? {
        Content::Nothing => Vec::new(),
        Content::Values(values) => (0..).map(Value::Int).zip(values).collect(),
        Content::Entries(entries) => entries,
    })
}

fn get(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let inner = ctx.heap.opened(args[0]);
    if ctx.heap.kind(inner) == Kind::List {
        let at = position(ctx, args, ctx.heap.size(inner).unwrap_or(0), "get")?;
        return Ok(ctx.heap.as_list(inner).and_then(|items| items.get(at)).copied().unwrap_or(Value::Null));
    }
    Ok(ctx.heap.map_get(inner, args[1]).unwrap_or(Value::Null))
}

fn key_of(ctx: &mut Ctx<'_>, args: &[Value], last: bool) -> Run<Value> {
    let mut pairs = pairs(ctx, args[0])?;
    if last {
        pairs.reverse();
    }
    for (key, value) in pairs {
        if compare::equal(ctx.heap, ctx.zone, value, args[1])? {
            return Ok(key);
        }
    }
    Ok(Value::Null)
}

fn contains_key(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let inner = ctx.heap.opened(args[0]);
    let found = match (ctx.heap.kind(inner), args[1]) {
        (Kind::List, Value::Int(at)) => (0..ctx.heap.size(inner).unwrap_or(0) as i64).contains(&at),
        _ => ctx.heap.map_get(inner, args[1]).is_some(),
    };
    Ok(Value::Bool(found))
}

fn contains_value(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<bool> {
    let values = args::items(ctx, args, 0, "containsValue")?;
    holds(ctx, &values, args[1])
}

fn distinct(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let mut seen = list::Seen::new(ctx);
    let mut kept = Vec::new();
    match content(ctx, args[0])? {
        Content::Entries(entries) => {
            for (key, value) in entries {
                if seen.insert(ctx, value)? {
                    kept.push((key, value));
                }
            }
            Ok(of_entries(ctx, kept))
        }
        _ => {
            let mut kept = Vec::new();
            for value in args::items(ctx, args, 0, "distinct")? {
                if seen.insert(ctx, value)? {
                    kept.push(value);
                }
            }
            Ok(of_values(ctx, kept))
        }
    }
}

fn intersect(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let other = ctx.heap.opened(args[1]);
    if let Content::Entries(entries) = content(ctx, args[0])? {
        if ctx.heap.as_map(other).is_none() {
            return Err(args::wrong_kind(ctx, args, 1, "intersect", "a collection with keys or a map"));
        }
        let mut kept = Vec::new();
        for (key, value) in entries {
            if let Some(theirs) = ctx.heap.map_get(other, key)
                && compare::equal(ctx.heap, ctx.zone, value, theirs)?
            {
                kept.push((key, value));
            }
        }
        return Ok(of_entries(ctx, kept));
    }
    let theirs = args::items(ctx, args, 1, "intersect")?;
    let theirs = list::Seen::of(ctx, &theirs)?;
    let mut taken = list::Seen::new(ctx);
    let mut kept = Vec::new();
    for value in args::items(ctx, args, 0, "intersect")? {
        if theirs.holds(ctx, value)? && taken.insert(ctx, value)? {
            kept.push(value);
        }
    }
    Ok(of_values(ctx, kept))
}

fn sort(ctx: &mut Ctx<'_>, args: &[Value], by_key: bool) -> Run<Value> {
    let name = if by_key { "sortKey" } else { "sort" };
    let ascending = args::flag(ctx, args, 1, name, true)?;
    let inner = ctx.heap.opened(args[0]);
    match content(ctx, args[0])? {
        Content::Nothing => {}
        Content::Values(mut values) => {
            if !by_key {
                values = list::sorted(ctx, values, ascending, |value| *value)?;
            } else if !ascending {
                values.reverse();
            }
            ctx.heap.edit_list(inner, |items| *items = values);
        }
        Content::Entries(entries) => {
            let by = |(key, value): &(Value, Value)| if by_key { *key } else { *value };
            let sorted = list::sorted(ctx, entries, ascending, by)?;
            set_entries(ctx, inner, sorted);
        }
    }
    Ok(args[0])
}
