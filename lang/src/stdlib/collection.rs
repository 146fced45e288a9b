//! What lists and maps share: `get`, `size`, `contains`, `clear`, `remove`; and what only maps have.
//! What only lists have stands in `list`.

use super::args::{self, MAPS};
use super::{Builtin, Ctx, Param, example, optional, param};
use crate::codes;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use crate::value::heap::Object;
use crate::value::json::{self, Mode};
use crate::value::{Kind, Value, compare, print};

const KEY: &[Param] = &[param("key", "any")];
const CONTAINERS: &[Kind] = &[Kind::List, Kind::Map, Kind::Empty];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "Map",
        aliases: &[],
        on: &[],
        params: &[optional("source", "map")],
        returns: "map",
        doc: "A new map: empty, a copy of another map, or read from a JSON text.",
        examples: &[
            example("Map()", "{}"),
            example("map({\"a\": 1})", r#"{"a":1}"#),
            example(r#"Map("{\"a\":1}").get("a")"#, "1"),
        ],
        run: new_map,
    },
    Builtin {
        name: "put",
        aliases: &[],
        on: MAPS,
        params: &[param("key", "any"), param("value", "any")],
        returns: "nothing",
        doc: "Sets the value of a key; an existing key keeps its place. A value of null is kept as null.",
        examples: &[example(r#"{"a": 1}.put("a", 2)"#, "null"), example(r#"put(Map(), "a", 2)"#, "null")],
        run: put,
    },
    Builtin {
        name: "putAll",
        aliases: &[],
        on: MAPS,
        params: &[param("other", "map")],
        returns: "nothing",
        doc: "Sets every key of another map.",
        examples: &[example(r#"Map().putAll({"b": 2})"#, "null"), example(r#"putAll({"a": 1}, {})"#, "null")],
        run: put_all,
    },
    Builtin {
        name: "get",
        aliases: &["getJSON"],
        on: CONTAINERS,
        params: KEY,
        returns: "any",
        doc: "The value of a key of a map, null if the key is absent; the element of a list at a position counted from 0.",
        examples: &[
            example(r#"{"a": 1}.get("a")"#, "1"),
            example(r#"{"a": 1}.get("b")"#, "null"),
            example(r#"{"a": 1}.getJSON("a")"#, "1"),
            example(r#"{"a", "b"}.get(1)"#, "b"),
            example(r#"{"a", "b"}.get(2)"#, "fault E0404"),
            example(r#"{"a", "b"}.get(0 - 1)"#, "fault E0404"),
        ],
        run: get,
    },
    Builtin {
        name: "size",
        aliases: &[],
        on: CONTAINERS,
        params: &[],
        returns: "number",
        doc: "How many elements a list has, or keys a map.",
        examples: &[
            example("{1, 2}.size()", "2"),
            example("{\"a\": 1}.size()", "1"),
            example("size({})", "0"),
        ],
        run: size,
    },
    Builtin {
        name: "containKey",
        aliases: &["containsKey"],
        on: MAPS,
        params: KEY,
        returns: "boolean",
        doc: "Whether a map has a key, be its value null or not; case matters.",
        examples: &[
            example(r#"{"a": null}.containKey("a")"#, "true"),
            example(r#"{"product": 1}.containsKey("Product")"#, "false"),
        ],
        run: contain_key,
    },
    Builtin {
        name: "containValue",
        aliases: &["containsValue"],
        on: MAPS,
        params: &[param("value", "any")],
        returns: "boolean",
        doc: "Whether any key of a map has the value.",
        examples: &[
            example(r#"{"a": 1}.containValue(1)"#, "true"),
            example(r#"{"a": {1}}.containsValue({1})"#, "true"),
            example(r#"{"a": 1}.containValue(2)"#, "false"),
        ],
        run: contain_value,
    },
    Builtin {
        name: "contains",
        aliases: &[],
        on: CONTAINERS,
        params: &[param("element", "any")],
        returns: "boolean",
        doc: "Whether a list has an element that is equal, or a map a key.",
        examples: &[
            example(r#"{"ab", "c"}.contains("a")"#, "false"),
            example(r#"{"ab", "c"}.contains("c")"#, "true"),
            example("{1, {2, 3}}.contains({2, 3})", "true"),
            example(r#"{"a": 1}.contains("a")"#, "true"),
        ],
        run: |ctx, args| contains(ctx, args).map(Value::Bool),
    },
    Builtin {
        name: "notContains",
        aliases: &[],
        on: CONTAINERS,
        params: &[param("element", "any")],
        returns: "boolean",
        doc: "Whether a list has no element that is equal, or a map no such key.",
        examples: &[
            example(r#"{"a"}.notContains("b")"#, "true"),
            example(r#"{"a"}.notContains("a")"#, "false"),
        ],
        run: |ctx, args| contains(ctx, args).map(|found| Value::Bool(!found)),
    },
    Builtin {
        name: "keys",
        aliases: &[],
        on: MAPS,
        params: &[],
        returns: "list",
        doc: "The keys of a map, in the order in which they were first put.",
        examples: &[example(r#"{"b": 1, "a": 2}.keys()"#, "b,a"), example("Map().keys().size()", "0")],
        run: keys,
    },
    Builtin {
        name: "remove",
        aliases: &[],
        on: CONTAINERS,
        params: KEY,
        returns: "any",
        doc: "Takes the element at a position out of a list, or a key out of a map, and answers what stood there. A key that is absent is no fault and answers null.",
        examples: &[
            example(r#"{"a", "b"}.remove(0)"#, "a"),
            example("{1}.remove(1)", "fault E0404"),
            example(r#"{"a": 1}.remove("a")"#, "1"),
            example(r#"{"a": 1}.remove("b")"#, "null"),
        ],
        run: remove,
    },
    Builtin {
        name: "clear",
        aliases: &[],
        on: CONTAINERS,
        params: &[],
        returns: "nothing",
        doc: "Takes everything out of a list or map.",
        examples: &[example("{1, 2}.clear()", "null"), example("Map().clear()", "null")],
        run: clear,
    },
];

fn new_map(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let Some(source) = args.first() else { return Ok(ctx.heap.map(0)) };
    if let Some(text) = ctx.heap.str(source).map(str::to_owned) {
        args::charge_text(ctx, 4 * text.len());
        let value = json::parse(ctx.heap, &text, Mode::Lenient)?;
        if ctx.heap.kind(value) == Kind::Map {
            return Ok(value);
        }
        return Err(Fault::new(codes::NOT_JSON, format!("{} is not the JSON of a map", quoted(&text))));
    }
    let entries = args::entries(ctx, args, 0, "Map")?;
    let map = ctx.heap.map(entries.len());
    for (key, value) in entries {
        ctx.heap.map_put(map, key, value);
    }
    Ok(map)
}

fn put(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if !ctx.heap.map_put(args[0], args[1], args[2]) {
        return Err(args::wrong_kind(ctx, args, 0, "put", "a map"));
    }
    Ok(Value::Null)
}

fn put_all(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    for (key, value) in args::entries(ctx, args, 1, "putAll")? {
        ctx.heap.map_put(args[0], key, value);
    }
    Ok(Value::Null)
}

pub(super) fn get(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match ctx.heap.kind(args[0]) {
        Kind::Map => Ok(ctx.heap.map_get(args[0], args[1]).unwrap_or(Value::Null)),
        Kind::Empty if ctx.heap.kind(args[1]) != Kind::Number => Ok(Value::Null),
        _ => {
            let index = list_index(ctx, args, "get")?;
            Ok(ctx.heap.as_list(args[0]).and_then(|items| items.get(index)).copied().unwrap_or(Value::Null))
        }
    }
}

/// A checked position in the list `args[0]`.
fn list_index(ctx: &Ctx<'_>, args: &[Value], name: &str) -> Run<usize> {
    let Some(items) = ctx.heap.as_list(args[0]) else {
        return Err(args::wrong_kind(ctx, args, 0, name, "a list or map"));
    };
    if let Value::Int(index) = args[1] {
        return args::index(index, items.len(), false, "list");
    }
    let index = args::int(ctx, args, 1, name).map_err(|fault| {
        let key = print::info_text(ctx.heap, ctx.zone, args[1]).unwrap_or_default();
        let help = format!(
            "this is a list, whose elements are asked for by position, not by the key {}",
            quoted(&key)
        );
        fault.with_help(help)
    })?;
    args::index(index, items.len(), false, "list")
}

pub(super) fn size(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let Value::Object(at) = args[0] else {
        return Ok(Value::Int(1));
    };
    Ok(Value::Int(match ctx.heap.get(at) {
        Object::List(items) => items.len() as i64,
        Object::Map(map) => map.len() as i64,
        Object::Empty | Object::Error(_) | Object::Collection(_) | Object::File(_) => 0,
    }))
}

pub(super) fn contain_key(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if ctx.heap.as_map(args[0]).is_none() {
        return Err(args::wrong_kind(ctx, args, 0, "containKey", "a map"));
    }
    Ok(Value::Bool(ctx.heap.map_get(args[0], args[1]).is_some()))
}

fn contain_value(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    for (_, value) in args::entries(ctx, args, 0, "containValue")? {
        if compare::equal(ctx.heap, ctx.zone, value, args[1])? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn contains(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<bool> {
    if ctx.heap.kind(args[0]) == Kind::Map {
        return Ok(ctx.heap.map_get(args[0], args[1]).is_some());
    }
    let items = ctx.heap.as_list(args[0]).unwrap_or_default();
    let mut found = false;
    let mut seen = 0;
    for item in items {
        seen += 1;
        if compare::equal(ctx.heap, ctx.zone, *item, args[1])? {
            found = true;
            break;
        }
    }
    ctx.charge(seen);
    Ok(found)
}

pub(super) fn keys(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let keys = args::entries(ctx, args, 0, "keys")?.into_iter().map(|(key, _)| key).collect();
    Ok(ctx.heap.list(keys))
}

fn remove(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if ctx.heap.kind(args[0]) == Kind::Map {
        ctx.charge(ctx.heap.as_map(args[0]).map_or(0, <[_]>::len));
        return Ok(ctx.heap.map_remove(args[0], args[1]).unwrap_or(Value::Null));
    }
    if ctx.heap.kind(args[0]) == Kind::Empty && ctx.heap.kind(args[1]) != Kind::Number {
        return Ok(Value::Null);
    }
    let index = list_index(ctx, args, "remove")?;
    ctx.charge(ctx.heap.as_list(args[0]).map_or(0, |items| items.len() - index) / 16);
    Ok(ctx.heap.edit_list(args[0], |items| items.remove(index)).unwrap_or(Value::Null))
}

fn clear(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    ctx.heap.clear(args[0]);
    Ok(Value::Null)
}
