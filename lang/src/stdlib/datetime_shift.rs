//! Dates: moving them by days, months, hours, and to the ends of their month or
//! week. Days of the week and business days stand in `datetime_weekday` and `datetime_business`.
//!
//! Days, weeks, months and years move the calendar and keep the clock; hours, minutes and seconds
//! move the instant. Where a month is too short, its last day is taken.

use super::args::{self, DATES};
use super::datetime::clock;
use super::{Builtin, Ctx, Example, Native, Param, example, param};
use crate::codes;
use crate::value::Value;
use crate::value::arith::DATE_RANGE;
use crate::value::date;
use crate::value::fault::{Fault, Run};
use jiff::Span;

const COUNT: &[Param] = &[param("count", "number")];

const fn shift(name: &'static str, doc: &'static str, examples: &'static [Example], run: Native) -> Builtin {
    Builtin { name, aliases: &[], on: DATES, params: COUNT, returns: "date-time", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    shift(
        "addDay",
        "The date so many days later; earlier for a negative count.",
        &[
            example("'31-Jan-2024'.addDay(1)", "01-Feb-2024"),
            example("'01-Mar-2024 10:00:00'.addDay(0 - 1)", "29-Feb-2024 10:00:00"),
            example("\"2024-12-31\".addDay(1)", "01-Jan-2025"),
            example("\"someday\".addDay(1)", "fault E0406"),
        ],
        |ctx, args| days(ctx, args, "addDay", 1),
    ),
    shift(
        "subDay",
        "The date so many days earlier.",
        &[
            example("'01-Mar-2024'.subDay(1)", "29-Feb-2024"),
            example("'01-Jan-2024'.subDay(0 - 1)", "02-Jan-2024"),
        ],
        |ctx, args| days(ctx, args, "subDay", -1),
    ),
    shift(
        "addWeek",
        "The date so many weeks later.",
        &[
            example("'01-Mar-2024'.addWeek(2)", "15-Mar-2024"),
            example("'01-Mar-2024 08:00:00'.addWeek(0 - 1)", "23-Feb-2024 08:00:00"),
        ],
        |ctx, args| days(ctx, args, "addWeek", 7),
    ),
    shift(
        "subWeek",
        "The date so many weeks earlier.",
        &[
            example("'15-Mar-2024'.subWeek(2)", "01-Mar-2024"),
            example("'01-Jan-2024'.subWeek(0)", "01-Jan-2024"),
        ],
        |ctx, args| days(ctx, args, "subWeek", -7),
    ),
    shift(
        "addMonth",
        "The date so many months later; the last day of the month where the day does not exist.",
        &[
            example("'31-Jan-2024'.addMonth(1)", "29-Feb-2024"),
            example("'15-Nov-2024'.addMonth(2)", "15-Jan-2025"),
        ],
        |ctx, args| months(ctx, args, "addMonth", 1),
    ),
    shift(
        "subMonth",
        "The date so many months earlier; the last day of the month where the day does not exist.",
        &[
            example("'31-Mar-2024'.subMonth(1)", "29-Feb-2024"),
            example("'31-Jan-2024'.subMonth(2)", "30-Nov-2023"),
        ],
        |ctx, args| months(ctx, args, "subMonth", -1),
    ),
    shift(
        "addYear",
        "The date so many years later; 28 February where 29 does not exist.",
        &[
            example("'29-Feb-2024'.addYear(1)", "28-Feb-2025"),
            example("'01-Jan-2024'.addYear(9000)", "fault E0409"),
        ],
        |ctx, args| months(ctx, args, "addYear", 12),
    ),
    shift(
        "subYear",
        "The date so many years earlier; 28 February where 29 does not exist.",
        &[
            example("'29-Feb-2024'.subYear(4)", "29-Feb-2020"),
            example("'29-Feb-2024'.subYear(1)", "28-Feb-2023"),
        ],
        |ctx, args| months(ctx, args, "subYear", -12),
    ),
    shift(
        "addHour",
        "The date-time so many hours later.",
        &[
            example("'31-Dec-2024 23:30:00'.addHour(1)", "01-Jan-2025 00:30:00"),
            example("'31-Dec-2024'.addHour(2)", "31-Dec-2024 02:00:00"),
        ],
        |ctx, args| seconds(ctx, args, "addHour", 3600),
    ),
    shift(
        "subHour",
        "The date-time so many hours earlier.",
        &[
            example("'01-Jan-2025 00:30:00'.subHour(1)", "31-Dec-2024 23:30:00"),
            example("'01-Jan-2025'.subHour(1)", "31-Dec-2024 23:00:00"),
        ],
        |ctx, args| seconds(ctx, args, "subHour", -3600),
    ),
    shift(
        "addMinutes",
        "The date-time so many minutes later.",
        &[
            example("'01-Jan-2025 00:30:00'.addMinutes(45)", "01-Jan-2025 01:15:00"),
            example("'01-Jan-2025'.addMinutes(0 - 1)", "31-Dec-2024 23:59:00"),
        ],
        |ctx, args| seconds(ctx, args, "addMinutes", 60),
    ),
    shift(
        "subMinutes",
        "The date-time so many minutes earlier.",
        &[
            example("'01-Jan-2025 00:30:00'.subMinutes(45)", "31-Dec-2024 23:45:00"),
            example("'01-Jan-2025 00:00:00'.subMinutes(1440)", "31-Dec-2024 00:00:00"),
        ],
        |ctx, args| seconds(ctx, args, "subMinutes", -60),
    ),
    shift(
        "addSeconds",
        "The date-time so many seconds later.",
        &[
            example("'01-Jan-2025 00:00:00'.addSeconds(90)", "01-Jan-2025 00:01:30"),
            example("'01-Jan-2025 00:00:00'.addSeconds(1.5)", "fault E0416"),
        ],
        |ctx, args| seconds(ctx, args, "addSeconds", 1),
    ),
    shift(
        "subSeconds",
        "The date-time so many seconds earlier.",
        &[
            example("'01-Jan-2025 00:00:00'.subSeconds(1)", "31-Dec-2024 23:59:59"),
            example("'01-Jan-2025 00:00:00'.subSeconds(0 - 1)", "01-Jan-2025 00:00:01"),
        ],
        |ctx, args| seconds(ctx, args, "subSeconds", -1),
    ),
    shift(
        "eomonth",
        "Last day of the month that lies so many months later.",
        &[
            example("'15-Mar-2019'.eomonth(0)", "31-Mar-2019"),
            example("'31-Jan-2024'.eomonth(1)", "29-Feb-2024"),
        ],
        eomonth,
    ),
    shift(
        "edate",
        "The date so many months later, without its time.",
        &[
            example("'31-Jan-2024 10:00:00'.edate(1)", "29-Feb-2024"),
            example("'31-Mar-2024'.edate(0 - 1)", "29-Feb-2024"),
        ],
        edate,
    ),
    Builtin {
        name: "toStartOfMonth",
        aliases: &[],
        on: DATES,
        params: &[],
        returns: "date-time",
        doc: "First day of the month; midnight, if it has a time.",
        examples: &[
            example("'15-Mar-2019'.toStartOfMonth()", "01-Mar-2019"),
            example("'15-Mar-2019 10:00:00'.toStartOfMonth()", "01-Mar-2019 00:00:00"),
        ],
        run: |ctx, args| start(ctx, args, "toStartOfMonth", |day| Ok(day.first_of_month())),
    },
    Builtin {
        name: "toStartOfWeek",
        aliases: &[],
        on: DATES,
        params: &[],
        returns: "date-time",
        doc: "Sunday of the week; midnight, if it has a time.",
        examples: &[
            example("'15-Mar-2019'.toStartOfWeek()", "10-Mar-2019"),
            example("'10-Mar-2019'.toStartOfWeek()", "10-Mar-2019"),
        ],
        run: |ctx, args| {
            start(ctx, args, "toStartOfWeek", |day| {
                day.checked_sub(Span::new().days(day.weekday().to_sunday_zero_offset())).map_err(|_| beyond())
            })
        },
    },
];

/// The fault of a date beyond the years that dates have.
pub(super) fn beyond() -> Box<Fault> {
    Fault::new(codes::OVERFLOW, "the result lies outside the years -9999 to 9999")
}

/// The count of the author times the size of the unit.
fn amount(ctx: &Ctx<'_>, args: &[Value], name: &str, unit: i64) -> Run<i64> {
    args::int(ctx, args, 1, name)?.checked_mul(unit).ok_or_else(beyond)
}

/// The receiver moved on the calendar; a date-time keeps its clock.
pub(super) fn by_calendar(ctx: &mut Ctx<'_>, args: &[Value], name: &str, span: Span) -> Run<Value> {
    let (value, shown) = clock(ctx, args, 0, name)?;
    ctx.charge(4);
    let moved = shown.checked_add(span).map_err(|_| beyond())?;
    match value {
        Value::Date(_) => Ok(date::date_value(moved.date())),
        _ => date::instant_value(moved, ctx.zone),
    }
}

fn days(ctx: &mut Ctx<'_>, args: &[Value], name: &str, unit: i64) -> Run<Value> {
    let (value, amount) = (args::date(ctx, args, 0, name)?, amount(ctx, args, name, unit)?);
    match value {
        Value::Date(day) => {
            ctx.charge(4);
            let moved = i32::try_from(i64::from(day).saturating_add(amount)).ok();
            return moved.filter(|day| DATE_RANGE.contains(day)).map(Value::Date).ok_or_else(beyond);
        }
        // Where clocks never change, days are all alike.
        Value::DateTime(start) if ctx.zone.to_fixed_offset().is_ok() => {
            return later(ctx, start, amount.checked_mul(date::DAY));
        }
        _ => {}
    }
    let span = Span::new().try_days(amount).map_err(|_| beyond())?;
    by_calendar(ctx, args, name, span)
}

/// So many milliseconds later.
fn later(ctx: &mut Ctx<'_>, start: i64, millis: Option<i64>) -> Run<Value> {
    let moved = millis.and_then(|millis| start.checked_add(millis)).ok_or_else(beyond)?;
    date::timestamp(moved).map_err(|_| beyond())?;
    ctx.charge(4);
    Ok(Value::DateTime(moved))
}

fn months(ctx: &mut Ctx<'_>, args: &[Value], name: &str, unit: i64) -> Run<Value> {
    let span = Span::new().try_months(amount(ctx, args, name, unit)?).map_err(|_| beyond())?;
    by_calendar(ctx, args, name, span)
}

fn seconds(ctx: &mut Ctx<'_>, args: &[Value], name: &str, unit: i64) -> Run<Value> {
    let value = args::date(ctx, args, 0, name)?;
    let millis = amount(ctx, args, name, unit)?.checked_mul(1000);
    match date::millis(value, ctx.zone)? {
        Some(start) => later(ctx, start, millis),
        None => Err(args::wrong_kind(ctx, args, 0, name, "a date")),
    }
}

fn eomonth(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (_, shown) = clock(ctx, args, 0, "eomonth")?;
    let span = Span::new().try_months(amount(ctx, args, "eomonth", 1)?).map_err(|_| beyond())?;
    let moved = shown.date().checked_add(span).map_err(|_| beyond())?;
    Ok(date::date_value(moved.last_of_month()))
}

fn edate(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (_, shown) = clock(ctx, args, 0, "edate")?;
    let span = Span::new().try_months(amount(ctx, args, "edate", 1)?).map_err(|_| beyond())?;
    Ok(date::date_value(shown.date().checked_add(span).map_err(|_| beyond())?))
}

fn start(
    ctx: &mut Ctx<'_>,
    args: &[Value],
    name: &str,
    first: fn(jiff::civil::Date) -> Run<jiff::civil::Date>,
) -> Run<Value> {
    let (value, shown) = clock(ctx, args, 0, name)?;
    let day = first(shown.date())?;
    match value {
        Value::Date(_) => Ok(date::date_value(day)),
        _ => date::instant_value(day.at(0, 0, 0, 0), ctx.zone),
    }
}
