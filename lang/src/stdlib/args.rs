//! How natives read their arguments, so that every built-in takes and refuses the same things in
//! the same words.

use super::Ctx;
use crate::codes;
use crate::value::date::pattern::Pattern;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value, convert, print};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::rc::Rc;

/// Kinds that text functions take: what is no text counts as its printed form.
pub(super) const SCALARS: &[Kind] =
    &[Kind::Text, Kind::Number, Kind::Decimal, Kind::Boolean, Kind::Date, Kind::DateTime, Kind::Error];
/// Kinds that number functions take; text must be numeric.
pub(super) const NUMBERS: &[Kind] = &[Kind::Number, Kind::Decimal, Kind::Text];
/// Kinds that date functions take; text must be a date.
pub(super) const DATES: &[Kind] = &[Kind::Date, Kind::DateTime, Kind::Text];
/// Lists, and `{}` that may become one.
pub(super) const LISTS: &[Kind] = &[Kind::List, Kind::Empty];
/// What holds values in a row: lists, and collections of either sort by their values.
pub(super) const ROWS: &[Kind] = &[Kind::List, Kind::Empty, Kind::Collection];
/// Maps, and `{}` that may become one.
pub(super) const MAPS: &[Kind] = &[Kind::Map, Kind::Empty];
/// Everything, null too.
pub(super) const ANYTHING: &[Kind] = Kind::ALL;
/// Everything but null.
pub(super) const NOT_NULL: &[Kind] = Kind::ALL.split_at(1).1;

/// `a text`, `an empty {}`, `null`.
pub(super) fn with_article(kind: Kind) -> String {
    match kind {
        Kind::Null => "null".to_owned(),
        Kind::Empty | Kind::Error => format!("an {}", kind.name()),
        _ => format!("a {}", kind.name()),
    }
}

/// The fault for an argument of the wrong kind. Position 0 is the receiver.
pub(super) fn wrong_kind(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str, wanted: &str) -> Box<Fault> {
    let got = args.get(at).map_or(Kind::Null, |value| ctx.heap.kind(*value));
    let place = match at {
        0 => "what it is called on".to_owned(),
        _ => format!("argument {at}"),
    };
    let fault = Fault::new(
        codes::WRONG_KIND,
        format!("`{name}` needs {wanted} as {place}, but this is {}", with_article(got)),
    );
    if got == Kind::Null { fault.with_help("give it a default first: ifnull(x, \"\")") } else { fault }
}

/// A text argument; numbers, dates and booleans count as their printed form.
pub(super) fn text<'a>(ctx: &'a Ctx<'_>, args: &'a [Value], at: usize, name: &str) -> Run<Cow<'a, str>> {
    match args.get(at) {
        Some(value) => match ctx.heap.str(value) {
            Some(text) => Ok(Cow::Borrowed(text)),
            None if SCALARS.contains(&ctx.heap.kind(*value)) => {
                print::to_text(ctx.heap, ctx.zone, *value).map(Cow::Owned)
            }
            None => Err(wrong_kind(ctx, args, at, name, "a text")),
        },
        None => Err(wrong_kind(ctx, args, at, name, "a text")),
    }
}

/// A whole number: a number, or a decimal or numeric text without a fraction.
#[inline]
pub(super) fn int(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<i64> {
    match args.get(at) {
        Some(Value::Int(n)) => Ok(*n),
        _ => whole(ctx, args, at, name),
    }
}

#[inline(never)]
fn whole(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<i64> {
    let number = decimal(ctx, args, at, name)?;
    if !number.fract().is_zero() {
        return Err(Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{name}` needs a whole number as argument {at}, but this is {number}"),
        ));
    }
    convert::decimal_to_long(number)
}

/// A number, or the one in a numeric text.
pub(super) fn decimal(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Decimal> {
    let is_number = |value: &Value| NUMBERS.contains(&ctx.heap.kind(*value));
    match args.get(at).filter(|value| is_number(value)) {
        Some(value) => convert::to_decimal(ctx.heap, *value),
        None => Err(wrong_kind(ctx, args, at, name, "a number")),
    }
}

/// A truth value; `false` if the argument is absent and has no other default.
pub(super) fn flag(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str, default: bool) -> Run<bool> {
    match args.get(at) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(value) => match ctx.heap.str(value) {
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(wrong_kind(ctx, args, at, name, "true or false")),
        },
    }
}

/// A date or date-time, or the one in a date text.
#[inline]
pub(super) fn date(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Value> {
    match args.get(at) {
        Some(value @ (Value::Date(_) | Value::DateTime(_))) => Ok(*value),
        _ => date_in_text(ctx, args, at, name),
    }
}

#[inline(never)]
fn date_in_text(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Value> {
    match args.get(at).filter(|value| DATES.contains(&ctx.heap.kind(**value))) {
        Some(value) => convert::to_date(ctx.heap, ctx.zone, *value),
        None => Err(wrong_kind(ctx, args, at, name, "a date")),
    }
}

/// A date format in Java's letters.
pub(super) fn date_pattern(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Rc<Pattern>> {
    Pattern::kept(&text(ctx, args, at, name)?)
}

/// The elements of a list or collection, copied: handles, not what they lead to. Of a collection
/// with keys these are its values.
pub(super) fn items(ctx: &mut Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Vec<Value>> {
    let inner = args.get(at).map(|value| ctx.heap.opened(*value)).unwrap_or(Value::Null);
    if let Some(entries) = ctx.heap.as_map(inner)
        && args.get(at).is_some_and(|value| ctx.heap.kind(*value) == Kind::Collection)
    {
        ctx.heap.reserve(size_of_val(entries))?;
        let values: Vec<Value> = entries.iter().map(|(_, value)| *value).collect();
        ctx.charge(values.len());
        if !values.is_empty() {
            return Ok(values);
        }
    }
    let Some(items) = ctx.heap.as_list(inner) else {
        return Err(wrong_kind(ctx, args, at, name, "a list"));
    };
    ctx.heap.reserve(size_of_val(items))?;
    let items = items.to_vec();
    ctx.charge(items.len());
    Ok(items)
}

/// The entries of a map argument, copied as [`items`] does.
pub(super) fn entries(ctx: &mut Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Vec<(Value, Value)>> {
    let Some(entries) = args.get(at).and_then(|value| ctx.heap.as_map(*value)) else {
        return Err(wrong_kind(ctx, args, at, name, "a map"));
    };
    ctx.heap.reserve(size_of_val(entries))?;
    let entries = entries.to_vec();
    ctx.charge(entries.len());
    Ok(entries)
}

/// An index into a list or text of `len` elements; `len` itself is allowed if `end` is.
///
/// # Errors
/// `E0404` with the index and the range that would be right.
pub(super) fn index(index: i64, len: usize, end: bool, what: &str) -> Run<usize> {
    let limit = if end { len + 1 } else { len };
    if let Ok(at) = usize::try_from(index)
        && at < limit
    {
        return Ok(at);
    }
    let unit = match what {
        "list" => "element",
        "collection" => "value",
        _ => "character",
    };
    let plural = if len == 1 { "" } else { "s" };
    let range = match limit {
        0 => "so there is no index that fits".to_owned(),
        1 => "so only index 0 fits".to_owned(),
        _ => format!("so 0 to {} fit", limit - 1),
    };
    Err(Fault::new(
        codes::INDEX_OUT_OF_RANGE,
        format!("index {index} is outside the {what}: it has {len} {unit}{plural}, {range}"),
    ))
}

/// Pays for looking at the bytes of a text.
pub(super) fn charge_text(ctx: &mut Ctx<'_>, bytes: usize) {
    ctx.charge(1 + bytes / 16);
}
