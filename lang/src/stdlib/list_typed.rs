//! Lists that are made with a type: `List:Int({"1", 2})`. Their elements are converted when the list
//! is made; what is added later is not looked at.

use super::args;
use super::list::new_list;
use super::{Builtin, Ctx, Param, example, optional};
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value, convert, print};

const SOURCE: &[Param] = &[optional("source", "list")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "List:String",
        aliases: &["List:Text"],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of texts: empty, or the elements of another list, each as its text. Nulls stay.",
        examples: &[
            example(r#"List:String({1, "a"}).toString()"#, r#"["1","a"]"#),
            example("List:String().size()", "0"),
        ],
        run: |ctx, args| typed(ctx, args, "List:String", as_text),
    },
    Builtin {
        name: "List:Int",
        aliases: &["List:Long", "List:BigInt", "List:Number"],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of whole numbers: empty, or the elements of another list, each converted as `toLong` does. Nulls stay.",
        examples: &[
            example(r#"List:Int({"7", 2.9}).toString()"#, "[7,2]"),
            example(r#"List:Int({"seven"})"#, "fault E0405"),
        ],
        run: |ctx, args| {
            typed(ctx, args, "List:Int", |ctx, value| {
                convert::to_long(ctx.heap, ctx.zone, value).map(Value::Int)
            })
        },
    },
    Builtin {
        name: "List:Float",
        aliases: &["List:Decimal"],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of decimals: empty, or the elements of another list, each converted as `toDecimal` does. Nulls stay.",
        examples: &[
            example(r#"List:Float({"1.50", 2}).toString()"#, "[1.50,2]"),
            example(r#"List:Decimal({"a"})"#, "fault E0405"),
        ],
        run: |ctx, args| {
            typed(ctx, args, "List:Float", |ctx, value| {
                convert::to_decimal(ctx.heap, value).map(|number| ctx.heap.decimal(number))
            })
        },
    },
    Builtin {
        name: "List:Bool",
        aliases: &["List:Boolean"],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of truth values: empty, or the elements of another list, which are `true` or `false`, also as text. Nulls stay.",
        examples: &[
            example(r#"List:Bool({"true", false}).toString()"#, "[true,false]"),
            example("List:Bool({1})", "fault E0402"),
        ],
        run: |ctx, args| {
            typed(ctx, args, "List:Bool", |ctx, value| {
                args::flag(ctx, &[Value::Null, value], 1, "List:Bool", false).map(Value::Bool)
            })
        },
    },
    Builtin {
        name: "List:Date",
        aliases: &["List:DateTime", "List:Time", "List:Timestamp"],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of dates and date-times: empty, or the elements of another list, each converted as `toDate` and `toDateTime` do, with the time it has. Nulls stay.",
        examples: &[
            example("List:Date({'05-Mar-2024'}).get(0).addDay(1)", "06-Mar-2024"),
            example(r#"List:Date({"soon"})"#, "fault E0406"),
        ],
        run: |ctx, args| {
            typed(ctx, args, "List:Date", |ctx, value| convert::to_date(ctx.heap, ctx.zone, value))
        },
    },
    Builtin {
        name: "List:Map",
        aliases: &[],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of maps: empty, or the elements of another list, which are maps. Nulls stay.",
        examples: &[
            example(r#"List:Map({{"a": 1}}).get(0).get("a")"#, "1"),
            example("List:Map({1})", "fault E0402"),
        ],
        run: |ctx, args| typed(ctx, args, "List:Map", |ctx, value| only(ctx, value, Kind::Map, "List:Map")),
    },
    Builtin {
        name: "List:List",
        aliases: &[],
        on: &[],
        params: SOURCE,
        returns: "list",
        doc: "A new list of lists: empty, or the elements of another list, which are lists. Nulls stay.",
        examples: &[
            example("List:List({{1, 2}, {3}}).get(1).get(0)", "3"),
            example("List:List({1})", "fault E0402"),
        ],
        run: |ctx, args| {
            typed(ctx, args, "List:List", |ctx, value| only(ctx, value, Kind::List, "List:List"))
        },
    },
];

type Convert = fn(&mut Ctx<'_>, Value) -> Run<Value>;

fn typed(ctx: &mut Ctx<'_>, args: &[Value], name: &str, convert: Convert) -> Run<Value> {
    let list = new_list(ctx, args)?;
    let items = args::items(ctx, &[list], 0, name)?;
    let mut converted = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let value = if item.is_null() { Ok(item) } else { convert(ctx, item) };
        converted.push(value.map_err(|fault| at_element(fault, at, name))?);
    }
    Ok(ctx.heap.list(converted))
}

/// The same fault, with the element that it is about.
fn at_element(mut fault: Box<Fault>, at: usize, name: &str) -> Box<Fault> {
    if !fault.is_halt() {
        fault.message = format!("`{name}`, element {at}: {}", fault.message);
    }
    fault
}

fn as_text(ctx: &mut Ctx<'_>, value: Value) -> Run<Value> {
    if ctx.heap.str(&value).is_some() {
        return Ok(value);
    }
    let text = print::to_text(ctx.heap, ctx.zone, value)?;
    args::charge_text(ctx, text.len());
    Ok(ctx.heap.text_owned(text))
}

/// `{}` is taken for either kind.
fn only(ctx: &mut Ctx<'_>, value: Value, kind: Kind, name: &str) -> Run<Value> {
    let is = ctx.heap.kind(value);
    if is == kind || is == Kind::Empty {
        return Ok(value);
    }
    Err(args::wrong_kind(ctx, &[Value::Null, value], 1, name, &args::with_article(kind)))
}
