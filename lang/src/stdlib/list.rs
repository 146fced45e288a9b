//! Lists: adding, taking out, order and set operations. What lists share with maps stands in
//! `collection`, what lists of numbers have in `list_numbers`.

use super::args::{self, LISTS};
use super::{Builtin, Ctx, Param, conversion, example, optional, param};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value, compare, convert, date};
use rust_decimal::Decimal;

const ELEMENT: &[Param] = &[param("element", "any")];
const OTHER: &[Param] = &[param("other", "list")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "List",
        aliases: &[],
        on: &[],
        params: &[optional("source", "list")],
        returns: "list",
        doc: "A new list: empty, a copy of another list, the parts of a text between commas, or a list of one other value.",
        examples: &[
            example("List().size()", "0"),
            example("list({1, 2})", "1,2"),
            example(r#"List("a,b").size()"#, "2"),
            example("List(5).get(0)", "5"),
        ],
        run: new_list,
    },
    Builtin {
        name: "add",
        aliases: &[],
        on: LISTS,
        params: ELEMENT,
        returns: "nothing",
        doc: "Puts an element at the end of the list.",
        examples: &[example("{1}.add(2)", "null"), example("add(List(), 2)", "null")],
        run: add,
    },
    Builtin {
        name: "addAll",
        aliases: &[],
        on: LISTS,
        params: OTHER,
        returns: "nothing",
        doc: "Puts all elements of another list at the end of the list.",
        examples: &[
            example("{1}.addAll({2, 3})", "null"),
            example("{1}.addAll({})", "null"),
            example("{1}.addAll(2)", "fault E0402"),
        ],
        run: add_all,
    },
    Builtin {
        name: "indexOf",
        aliases: &[],
        on: LISTS,
        params: ELEMENT,
        returns: "number",
        doc: "Position of the first element that is equal; -1 if there is none.",
        examples: &[example(r#"{"a", "b", "b"}.indexOf("b")"#, "1"), example(r#"{"a"}.indexOf("x")"#, "-1")],
        run: |ctx, args| position(ctx, args, false),
    },
    Builtin {
        name: "lastIndexOf",
        aliases: &[],
        on: LISTS,
        params: ELEMENT,
        returns: "number",
        doc: "Position of the last element that is equal; -1 if there is none.",
        examples: &[
            example(r#"{"a", "b", "b"}.lastIndexOf("b")"#, "2"),
            example(r#"{"a"}.lastIndexOf("x")"#, "-1"),
        ],
        run: |ctx, args| position(ctx, args, true),
    },
    Builtin {
        name: "removeElement",
        aliases: &[],
        on: LISTS,
        params: ELEMENT,
        returns: "nothing",
        doc: "Takes the first element that is equal out of the list; nothing happens if there is none.",
        examples: &[
            example(r#"{"a", "b"}.removeElement("a")"#, "null"),
            example(r#"{"a"}.removeElement("x")"#, "null"),
        ],
        run: remove_element,
    },
    Builtin {
        name: "removeAll",
        aliases: &[],
        on: LISTS,
        params: OTHER,
        returns: "nothing",
        doc: "Takes every element out of the list that is equal to one of another list.",
        examples: &[example("{1, 2, 1}.removeAll({1})", "null"), example("List().removeAll({1})", "null")],
        run: remove_all,
    },
    Builtin {
        name: "distinct",
        aliases: &[],
        on: LISTS,
        params: &[],
        returns: "list",
        doc: "A new list in which each value stands once, where it stood first.",
        examples: &[
            example("{1, 1, 2, 1.0}.distinct()", "1,2"),
            example("{{1}, {1}}.distinct().size()", "1"),
        ],
        run: distinct,
    },
    Builtin {
        name: "intersect",
        aliases: &[],
        on: LISTS,
        params: OTHER,
        returns: "list",
        doc: "A new list of the values that stand in both lists, each once, in the order of the first.",
        examples: &[
            example("{1, 2, 2, 3}.intersect({3, 2})", "2,3"),
            example("{1}.intersect({2}).size()", "0"),
        ],
        run: intersect,
    },
    Builtin {
        name: "sort",
        aliases: &[],
        on: LISTS,
        params: &[optional("ascending", "boolean")],
        returns: "list",
        doc: "Sorts the list itself and returns it; downwards if `ascending` is false. Numbers come before dates, dates before text, then booleans, then nulls; text is in the order of its code units. Lists and maps have no order and fault.",
        examples: &[
            example("{3, 1, 2}.sort()", "1,2,3"),
            example("{3, 1}.sort(false)", "3,1"),
            example(r#"{"b", "a", "B"}.sort()"#, "B,a,b"),
            example("{10, 9.5}.sort()", "9.5,10"),
            example("{{1}, {2}}.sort()", "fault E0402"),
        ],
        run: sort,
    },
    Builtin {
        name: "subList",
        aliases: &[],
        on: LISTS,
        params: &[param("start", "number"), optional("end", "number")],
        returns: "list",
        doc: "A new list of the elements from `start` up to, but not including, `end`; without `end` to the last.",
        examples: &[
            example("{1, 2, 3}.subList(0, 2)", "1,2"),
            example("{1, 2, 3}.sublist(1)", "2,3"),
            example("{1, 2}.subList(1, 3)", "fault E0404"),
        ],
        run: sub_list,
    },
    Builtin {
        name: "reverse",
        aliases: &[],
        on: LISTS,
        params: &[],
        returns: "list",
        doc: "A new list in the opposite order.",
        examples: &[example("{1, 2, 3}.reverse()", "3,2,1"), example("List().reverse().size()", "0")],
        run: |ctx, args| {
            let mut items = args::items(ctx, args, 0, "reverse")?;
            items.reverse();
            Ok(ctx.heap.list(items))
        },
    },
];

pub(super) fn new_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let Some(source) = args.first() else { return Ok(ctx.heap.list(vec![])) };
    match ctx.heap.kind(*source) {
        Kind::List | Kind::Empty => {
            let items = args::items(ctx, args, 0, "List")?;
            Ok(ctx.heap.list(items))
        }
        Kind::Text => {
            let bytes = args::text(ctx, args, 0, "List")?.len();
            args::charge_text(ctx, bytes);
            let comma = ctx.heap.text(",");
            conversion::split(ctx, *source, comma)
        }
        _ => Ok(ctx.heap.list(vec![*source])),
    }
}

fn add(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match ctx.heap.edit_list(args[0], |items| items.push(args[1])) {
        Some(()) => Ok(Value::Null),
        None => Err(args::wrong_kind(ctx, args, 0, "add", "a list")),
    }
}

fn add_all(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let more = args::items(ctx, args, 1, "addAll")?;
    ctx.heap.edit_list(args[0], |items| items.extend(more));
    Ok(Value::Null)
}

fn find(ctx: &mut Ctx<'_>, args: &[Value], from_end: bool) -> Run<Option<usize>> {
    let items = ctx.heap.as_list(args[0]).unwrap_or_default();
    let len = items.len();
    let mut found = None;
    for step in 0..len {
        let at = if from_end { len - 1 - step } else { step };
        if compare::equal(ctx.heap, ctx.zone, items[at], args[1])? {
            found = Some(at);
            break;
        }
    }
    ctx.charge(len);
    Ok(found)
}

fn position(ctx: &mut Ctx<'_>, args: &[Value], from_end: bool) -> Run<Value> {
    Ok(Value::Int(find(ctx, args, from_end)?.map_or(-1, |at| at as i64)))
}

fn remove_element(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if let Some(at) = find(ctx, args, false)? {
        ctx.heap.edit_list(args[0], |items| items.remove(at));
    }
    Ok(Value::Null)
}

/// Values that were seen: scalars in a map of the heap, lists and maps one by one, by content.
pub(super) struct Seen {
    scalars: Value,
    objects: Vec<Value>,
}

impl Seen {
    pub(super) fn new(ctx: &mut Ctx<'_>) -> Self {
        Self { scalars: ctx.heap.map(0), objects: Vec::new() }
    }

    pub(super) fn of(ctx: &mut Ctx<'_>, items: &[Value]) -> Run<Self> {
        let mut seen = Self::new(ctx);
        for item in items {
            seen.insert(ctx, *item)?;
        }
        Ok(seen)
    }

    pub(super) fn holds(&self, ctx: &mut Ctx<'_>, value: Value) -> Run<bool> {
        if !matches!(value, Value::Object(_)) {
            return Ok(ctx.heap.map_get(self.scalars, value).is_some());
        }
        ctx.charge(self.objects.len());
        for object in &self.objects {
            if compare::equal(ctx.heap, ctx.zone, *object, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if the value is new.
    pub(super) fn insert(&mut self, ctx: &mut Ctx<'_>, value: Value) -> Run<bool> {
        if self.holds(ctx, value)? {
            return Ok(false);
        }
        if matches!(value, Value::Object(_)) {
            self.objects.push(value);
        } else {
            ctx.heap.map_put(self.scalars, value, Value::Null);
        }
        Ok(true)
    }
}

fn remove_all(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let unwanted = args::items(ctx, args, 1, "removeAll")?;
    let unwanted = Seen::of(ctx, &unwanted)?;
    let mut kept = Vec::new();
    for item in args::items(ctx, args, 0, "removeAll")? {
        if !unwanted.holds(ctx, item)? {
            kept.push(item);
        }
    }
    ctx.heap.edit_list(args[0], |items| *items = kept);
    Ok(Value::Null)
}

fn distinct(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let mut seen = Seen::new(ctx);
    let mut kept = Vec::new();
    for item in args::items(ctx, args, 0, "distinct")? {
        if seen.insert(ctx, item)? {
            kept.push(item);
        }
    }
    Ok(ctx.heap.list(kept))
}

fn intersect(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let other = args::items(ctx, args, 1, "intersect")?;
    let other = Seen::of(ctx, &other)?;
    let mut taken = Seen::new(ctx);
    let mut kept = Vec::new();
    for item in args::items(ctx, args, 0, "intersect")? {
        if other.holds(ctx, item)? && taken.insert(ctx, item)? {
            kept.push(item);
        }
    }
    Ok(ctx.heap.list(kept))
}

/// What a value sorts by; variants stand in the order in which kinds do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(Decimal),
    Date(i64),
    Text,
    Boolean(bool),
    Null,
}

fn sort_key(ctx: &Ctx<'_>, value: Value) -> Run<SortKey> {
    Ok(match ctx.heap.kind(value) {
        Kind::Number | Kind::Decimal => SortKey::Number(convert::to_decimal(ctx.heap, value)?),
        Kind::Date | Kind::DateTime => SortKey::Date(date::millis(value, ctx.zone)?.unwrap_or_default()),
        Kind::Text => SortKey::Text,
        Kind::Boolean => SortKey::Boolean(matches!(value, Value::Bool(true))),
        Kind::Null => SortKey::Null,
        kind @ (Kind::Empty | Kind::List | Kind::Map | Kind::Error | Kind::Collection | Kind::File) => {
            return Err(Fault::new(
                codes::WRONG_KIND,
                format!("`sort` cannot order a list that holds {}", args::with_article(kind)),
            )
            .with_help("sort a list of one field of each, then look the rest up in a map"));
        }
    })
}

/// The elements in order, if all of them are whole numbers: equal ones are then the same.
fn sorted_whole(items: &[Value], ascending: bool) -> Option<Vec<Value>> {
    let whole = |item: &Value| if let Value::Int(n) = item { Some(*n) } else { None };
    let mut numbers: Vec<i64> = items.iter().map(whole).collect::<Option<_>>()?;
    numbers.sort_unstable();
    if !ascending {
        numbers.reverse();
    }
    Some(numbers.into_iter().map(Value::Int).collect())
}

fn sort(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let ascending = args::flag(ctx, args, 1, "sort", true)?;
    let items = args::items(ctx, args, 0, "sort")?;
    if let Some(sorted) = sorted_whole(&items, ascending) {
        ctx.charge(4 * sorted.len());
        ctx.heap.edit_list(args[0], |items| *items = sorted);
        return Ok(args[0]);
    }
    let sorted = sorted(ctx, items, ascending, |item| *item)?;
    ctx.heap.edit_list(args[0], |items| *items = sorted);
    Ok(args[0])
}

/// Things in the order of the values they sort by; equal ones keep theirs.
pub(super) fn sorted<T>(
    ctx: &mut Ctx<'_>,
    items: Vec<T>,
    ascending: bool,
    by: impl Fn(&T) -> Value,
) -> Run<Vec<T>> {
    ctx.heap.reserve(items.len() * 3 * size_of::<Value>())?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        keyed.push((sort_key(ctx, by(&item))?, item));
    }
    let heap = &*ctx.heap;
    let text = |value: &Value| heap.str(value).map_or(0, str::len);
    let work: usize = keyed.iter().map(|(_, item)| 4 + text(&by(item)) / 16).sum();
    let order = |a: &(SortKey, T), b: &(SortKey, T)| match (heap.str(&by(&a.1)), heap.str(&by(&b.1))) {
        (Some(a), Some(b)) => compare::text_order(a, b),
        _ => a.0.cmp(&b.0),
    };
    keyed.sort_by(|a, b| if ascending { order(a, b) } else { order(b, a) });
    let sorted = keyed.into_iter().map(|(_, item)| item).collect();
    ctx.charge(work);
    Ok(sorted)
}

fn sub_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let items = args::items(ctx, args, 0, "subList")?;
    let start = args::index(args::int(ctx, args, 1, "subList")?, items.len(), true, "list")?;
    let end = match args.get(2) {
        Some(_) => args::index(args::int(ctx, args, 2, "subList")?, items.len(), true, "list")?,
        None => items.len(),
    };
    if end < start {
        return Err(Fault::new(
            codes::INDEX_OUT_OF_RANGE,
            format!("`subList` ends at {end}, before its start at {start}"),
        )
        .with_help("the second number is the position after the last element, not a count"));
    }
    Ok(ctx.heap.list(items[start..end].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn kinds_stand_in_the_documented_order() {
        let keys = [
            SortKey::Number(Decimal::ONE),
            SortKey::Date(0),
            SortKey::Text,
            SortKey::Boolean(false),
            SortKey::Boolean(true),
            SortKey::Null,
        ];
        assert!(keys.windows(2).all(|pair| pair[0].cmp(&pair[1]) == Ordering::Less));
    }
}
