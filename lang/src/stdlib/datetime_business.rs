//! Dates: business days. Saturday and Sunday are no business days unless the script names others;
//! holidays are those that the script names.

use super::args::{self, DATES};
use super::datetime::clock;
use super::datetime_shift::beyond;
use super::datetime_weekday::weekday;
use super::{Builtin, Ctx, Param, example, optional, param};
use crate::codes;
use crate::value::date::business::Calendar;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value, convert, date};
use jiff::civil::Weekday;

const COUNTED: &[Param] =
    &[param("count", "number"), optional("weekends", "list"), optional("holidays", "list")];
const BETWEEN: &[Param] =
    &[param("other", "date"), optional("weekends", "list"), optional("holidays", "list")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "addBusinessDay",
        aliases: &[],
        on: DATES,
        params: COUNTED,
        returns: "date-time",
        doc: "The date so many business days later; earlier for a negative count. Its time is kept. Saturdays and Sundays are skipped, or the days of the week in `weekends`, and the dates in `holidays`. A date that is no business day counts as the next one.",
        examples: &[
            example("'15-Mar-2019'.addBusinessDay(1)", "18-Mar-2019"),
            example("'15-Mar-2019 16:30:00'.addBusinessDay(6)", "25-Mar-2019 16:30:00"),
            example("'16-Mar-2019'.addBusinessDay(0)", "18-Mar-2019"),
            example("'16-Mar-2019'.addBusinessDay(1)", "19-Mar-2019"),
            example("'18-Mar-2019'.addBusinessDay(0 - 1)", "15-Mar-2019"),
            example("'14-Mar-2019'.addBusinessDay(1, {\"Friday\"}, {'16-Mar-2019'})", "17-Mar-2019"),
        ],
        run: |ctx, args| shifted(ctx, args, "addBusinessDay", 1),
    },
    Builtin {
        name: "subBusinessDay",
        aliases: &[],
        on: DATES,
        params: COUNTED,
        returns: "date-time",
        doc: "The date so many business days earlier, as `addBusinessDay` counts them.",
        examples: &[
            example("'18-Mar-2019'.subBusinessDay(1)", "15-Mar-2019"),
            example("'17-Mar-2019'.subBusinessDay(1)", "15-Mar-2019"),
            example("'18-Mar-2019'.subBusinessDay(1, {\"Sunday\"})", "16-Mar-2019"),
        ],
        run: |ctx, args| shifted(ctx, args, "subBusinessDay", -1),
    },
    Builtin {
        name: "workday",
        aliases: &[],
        on: DATES,
        params: COUNTED,
        returns: "date",
        doc: "The date so many business days later, without its time. A negative count leaves the date as it is, as documented; `subBusinessDay` goes back.",
        examples: &[
            example("'15-Mar-2019'.workday(1)", "18-Mar-2019"),
            example("'15-Mar-2019 16:30:00'.workday(1)", "18-Mar-2019"),
            example("'23-May-2020'.workday(5, {\"Sunday\"}, {'25-May-2020'})", "30-May-2020"),
            example("'18-Mar-2019'.workday(0 - 1)", "18-Mar-2019"),
        ],
        run: workday,
    },
    Builtin {
        name: "workDaysBetween",
        aliases: &[],
        on: DATES,
        params: BETWEEN,
        returns: "number",
        doc: "How many business days there are from this date to the other, both counted; negative if the other is earlier.",
        examples: &[
            example("'15-Mar-2019'.workDaysBetween('18-Mar-2019')", "2"),
            example("'16-Mar-2019'.workDaysBetween('17-Mar-2019')", "0"),
            example("'18-Mar-2019'.workDaysBetween('15-Mar-2019')", "-2"),
            example("'15-Mar-2019'.workDaysBetween('18-Mar-2019', {}, {'18-Mar-2019'})", "3"),
        ],
        run: work_days_between,
    },
    Builtin {
        name: "workDaysList",
        aliases: &[],
        on: DATES,
        params: BETWEEN,
        returns: "list",
        doc: "The business days from this date to the other, both counted, in that order and without times.",
        examples: &[
            example("'14-Mar-2019'.workDaysList('18-Mar-2019')", "14-Mar-2019,15-Mar-2019,18-Mar-2019"),
            example("'18-Mar-2019'.workDaysList('15-Mar-2019')", "18-Mar-2019,15-Mar-2019"),
            example("'16-Mar-2019'.workDaysList('17-Mar-2019').size()", "0"),
        ],
        run: work_days_list,
    },
];

/// The calendar of the weekends and holidays in the arguments two and three.
fn calendar(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Calendar> {
    let weekend = match elements(ctx, args, 2, name)? {
        None => vec![Weekday::Saturday, Weekday::Sunday],
        Some(days) => {
            let day = |at: usize| weekday(&args::text(ctx, &days, at, name)?, name);
            (0..days.len()).map(day).collect::<Run<Vec<_>>>()?
        }
    };
    let named = elements(ctx, args, 3, name)?.unwrap_or_default();
    ctx.charge(8 + 4 * named.len());
    let mut holidays = Vec::with_capacity(named.len());
    for day in named {
        let day = convert::to_date(ctx.heap, ctx.zone, day)?;
        holidays.extend(date::civil(day, ctx.zone)?.map(|shown| date::days_of_date(shown.date())));
    }
    Calendar::new(&weekend, holidays).ok_or_else(|| {
        Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{name}` finds no business day: every day of the week is among `weekends`"),
        )
    })
}

/// The elements of a list argument, or the parts of a text between commas; none if it is absent.
fn elements(ctx: &mut Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Option<Vec<Value>>> {
    let Some(value) = args.get(at).filter(|value| !value.is_null()) else { return Ok(None) };
    if ctx.heap.kind(*value) != Kind::Text {
        return args::items(ctx, args, at, name).map(Some);
    }
    let text = args::text(ctx, args, at, name)?.into_owned();
    args::charge_text(ctx, text.len());
    ctx.heap.reserve(text.len() + (text.matches(',').count() + 1) * size_of::<Value>())?;
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    Ok(Some(parts.map(|part| ctx.heap.text(part)).collect()))
}

fn shifted(ctx: &mut Ctx<'_>, args: &[Value], name: &str, direction: i64) -> Run<Value> {
    let count = args::int(ctx, args, 1, name)?.checked_mul(direction).ok_or_else(beyond)?;
    let (value, shown) = clock(ctx, args, 0, name)?;
    let day = calendar(ctx, args, name)?.shift(date::days_of_date(shown.date()), count);
    let day = day.ok_or_else(beyond)?;
    match value {
        Value::Date(_) => Ok(Value::Date(day)),
        _ => date::instant_value(date::date_of_days(day)?.to_datetime(shown.time()), ctx.zone),
    }
}

fn workday(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let count = args::int(ctx, args, 1, "workday")?;
    let (_, shown) = clock(ctx, args, 0, "workday")?;
    let calendar = calendar(ctx, args, "workday")?;
    let day = date::days_of_date(shown.date());
    if count < 0 {
        return Ok(Value::Date(day));
    }
    calendar.shift(day, count).map(Value::Date).ok_or_else(beyond)
}

/// The days of the receiver and of the argument.
fn ends(ctx: &Ctx<'_>, args: &[Value], name: &str) -> Run<(i32, i32)> {
    let ((_, from), (_, to)) = (clock(ctx, args, 0, name)?, clock(ctx, args, 1, name)?);
    Ok((date::days_of_date(from.date()), date::days_of_date(to.date())))
}

fn work_days_between(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (from, to) = ends(ctx, args, "workDaysBetween")?;
    let calendar = calendar(ctx, args, "workDaysBetween")?;
    Ok(Value::Int(if to < from { -calendar.count(to, from) } else { calendar.count(from, to) }))
}

fn work_days_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (from, to) = ends(ctx, args, "workDaysList")?;
    let calendar = calendar(ctx, args, "workDaysList")?;
    let (first, last) = (from.min(to), from.max(to));
    let count = usize::try_from(calendar.count(first, last)).unwrap_or_default();
    ctx.heap.reserve(count * size_of::<Value>())?;
    ctx.charge(2 * count);
    let mut days = Vec::with_capacity(count);
    days.extend((first..=last).filter(|day| calendar.is_business_day(*day)).map(Value::Date));
    if to < from {
        days.reverse();
    }
    Ok(ctx.heap.list(days))
}
