//! Dates: reading them, and asking for their parts. Shifting and distances stand in `datetime_shift`
//! and `datetime_between`.
//!
//! Text that holds a date counts as one everywhere here.

use super::args::{self, DATES};
use super::{Builtin, Ctx, Example, Param, example, optional, param};
use crate::codes;
use crate::value::convert::quoted;
use crate::value::date::pattern::{Pattern, week_of};
use crate::value::date::{self, zone};
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const READABLE: &[Kind] = &[Kind::Text, Kind::Date, Kind::DateTime, Kind::Number];
const FORMAT: &[Param] = &[optional("format", "text"), optional("zone", "text")];

const fn part(
    name: &'static str,
    aliases: &'static [&'static str],
    doc: &'static str,
    examples: &'static [Example],
    run: super::Native,
) -> Builtin {
    Builtin { name, aliases, on: DATES, params: &[], returns: "number", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "toDate",
        aliases: &[],
        on: READABLE,
        params: FORMAT,
        returns: "date",
        doc: "The date in a text, without a time. The format describes the text, in the letters of Java's `SimpleDateFormat`; without one, the default format and ISO 8601 are read. Numbers are milliseconds since 1970-01-01 UTC.",
        examples: &[
            example(r#""2024-02-29".toDate()"#, "29-Feb-2024"),
            example(r#""12-31-2024".toDate("MM-dd-yyyy")"#, "31-Dec-2024"),
            example("'05-Mar-2024 10:20:30'.toDate()", "05-Mar-2024"),
            example("86400000.toDate()", "02-Jan-1970"),
            example(r#""30-Feb-2024".toDate()"#, "fault E0406"),
            example(r#""2024".toDate("yyyy-MM-dd")"#, "fault E0406"),
        ],
        run: to_date,
    },
    Builtin {
        name: "toTime",
        aliases: &["toDateTime"],
        on: READABLE,
        params: FORMAT,
        returns: "date-time",
        doc: "The date and time in a text; midnight if it has no time. The format describes the text, the zone is that of its clock unless the text names one. An hour, minute or second beyond its range counts as 0.",
        examples: &[
            example(r#""2024-02-29T10:20:30".toTime("yyyy-MM-dd'T'HH:mm:ss")"#, "29-Feb-2024 10:20:30"),
            example(
                r#""2024-02-29 10:00".toDateTime("yyyy-MM-dd HH:mm", "Asia/Kolkata")"#,
                "29-Feb-2024 04:30:00",
            ),
            example(r#""2024-02-29T10:20:30+05:30".toTime()"#, "29-Feb-2024 04:50:30"),
            example("'05-Mar-2024'.toTime()", "05-Mar-2024 00:00:00"),
            example("\"05-Mar-2024 25:61:10\".toTime()", "05-Mar-2024 00:00:10"),
            example("0.toTime()", "01-Jan-1970 00:00:00"),
        ],
        run: to_time,
    },
    part(
        "getDay",
        &["day"],
        "Day of the month.",
        &[example("'15-Mar-2019'.getDay()", "15"), example("day('15-Mar-2019')", "15")],
        |ctx, args| read_part(ctx, args, "getDay", |at| at.day().into()),
    ),
    part(
        "getMonth",
        &["month"],
        "Month, 1 to 12.",
        &[example("'15-Mar-2019'.getMonth()", "3"), example("month('2024-12-31')", "12")],
        |ctx, args| read_part(ctx, args, "getMonth", |at| at.month().into()),
    ),
    part(
        "getYear",
        &["year"],
        "Year.",
        &[
            example("'15-Mar-2019'.getYear()", "2019"),
            example("year('29-Feb-2024')", "2024"),
            example(r#""someday".getYear()"#, "fault E0406"),
        ],
        |ctx, args| read_part(ctx, args, "getYear", |at| at.year().into()),
    ),
    part(
        "getHour",
        &["hour"],
        "Hour, 0 to 23.",
        &[example("'15-Mar-2019 10:20:30'.getHour()", "10"), example("'15-Mar-2019'.hour()", "0")],
        |ctx, args| read_part(ctx, args, "getHour", |at| at.hour().into()),
    ),
    part(
        "getMinutes",
        &["minute"],
        "Minute, 0 to 59.",
        &[example("'15-Mar-2019 10:20:30'.getMinutes()", "20"), example("minute('15-Mar-2019')", "0")],
        |ctx, args| read_part(ctx, args, "getMinutes", |at| at.minute().into()),
    ),
    part(
        "getSeconds",
        &["second"],
        "Second, 0 to 59.",
        &[example("'15-Mar-2019 10:20:30'.getSeconds()", "30"), example("second('15-Mar-2019')", "0")],
        |ctx, args| read_part(ctx, args, "getSeconds", |at| at.second().into()),
    ),
    part(
        "getDayOfWeek",
        &["weekday"],
        "Day of the week: Sunday is 1, Saturday 7.",
        &[example("'17-Mar-2019'.getDayOfWeek()", "1"), example("weekday('16-Mar-2019')", "7")],
        |ctx, args| read_part(ctx, args, "getDayOfWeek", |at| at.weekday().to_sunday_one_offset().into()),
    ),
    part(
        "getDayOfYear",
        &[],
        "Day of the year, 1 to 366.",
        &[example("'01-Feb-2024'.getDayOfYear()", "32"), example("'31-Dec-2024'.getDayOfYear()", "366")],
        |ctx, args| read_part(ctx, args, "getDayOfYear", |at| at.day_of_year().into()),
    ),
    part(
        "getWeekOfYear",
        &[],
        "Week of the year. Weeks start on Sunday; week 1 holds 1 January.",
        &[example("'07-Jan-2024'.getWeekOfYear()", "2"), example("'31-Dec-2023'.getWeekOfYear()", "1")],
        |ctx, args| read_part(ctx, args, "getWeekOfYear", |at| week_of(at.date()).1.into()),
    ),
    Builtin {
        name: "unixEpoch",
        aliases: &[],
        on: DATES,
        params: &[optional("zone", "text")],
        returns: "number",
        doc: "Milliseconds from 1970-01-01T00:00:00 UTC. With a zone, the date's clock is taken to stand there.",
        examples: &[
            example("'01-Jan-1970 00:00:00'.unixEpoch(\"UTC\")", "0"),
            example("'01-Jan-1970 05:30:00'.unixEpoch(\"Asia/Kolkata\")", "0"),
            example("'01-Jan-1970'.unixEpoch(\"Narnia\")", "fault E0416"),
        ],
        run: unix_epoch,
    },
    Builtin {
        name: "toDateTimeString",
        aliases: &[],
        on: &[Kind::Number, Kind::Text, Kind::Date, Kind::DateTime],
        params: &[param("format", "text"), optional("zone", "text")],
        returns: "text",
        doc: "Milliseconds from 1970-01-01T00:00:00 UTC, or a date, as a text in a format, as a clock in the zone shows it.",
        examples: &[
            example("0.toDateTimeString(\"yyyy-MM-dd\", \"GMT\")", "1970-01-01"),
            example("0.toDateTimeString(\"HH:mm XXX\", \"Asia/Kolkata\")", "05:30 +05:30"),
            example("\"1000\".toDateTimeString(\"ss\")", "01"),
        ],
        run: to_date_time_string,
    },
];

/// The date-time an author means, and its clock in the organisation's zone.
pub(super) fn clock(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<(Value, DateTime)> {
    let value = args::date(ctx, args, at, name)?;
    let shown = date::civil(value, ctx.zone)?;
    shown.map(|shown| (value, shown)).ok_or_else(|| args::wrong_kind(ctx, args, at, name, "a date"))
}

fn read_part(ctx: &mut Ctx<'_>, args: &[Value], name: &str, part: fn(DateTime) -> i64) -> Run<Value> {
    let (_, shown) = clock(ctx, args, 0, name)?;
    Ok(Value::Int(part(shown)))
}

fn zone_argument(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<TimeZone> {
    match args.get(at).filter(|zone| !zone.is_null()) {
        Some(_) => zone::find(&args::text(ctx, args, at, name)?),
        None => Ok(ctx.zone.clone()),
    }
}

/// The date or date-time in the receiver, by the format if there is one.
fn read(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Value> {
    ctx.charge(8);
    if let Value::Int(millis) = args[0] {
        date::timestamp(millis)?;
        return Ok(Value::DateTime(millis));
    }
    let has_format = args.get(1).is_some_and(|format| !format.is_null());
    let Some(text) = ctx.heap.str(&args[0]).filter(|_| has_format || args.len() > 2) else {
        return args::date(ctx, args, 0, name);
    };
    let zone = zone_argument(ctx, args, 2, name)?;
    if has_format {
        let parsed = Pattern::kept(&args::text(ctx, args, 1, name)?)?.parse(text)?;
        return date::instant_value(parsed.civil, parsed.zone.as_ref().unwrap_or(&zone));
    }
    date::parse_date_text(text, &zone)
        .ok_or_else(|| Fault::new(codes::NOT_A_DATE, format!("{} is not a date", quoted(text))))
}

fn to_date(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match read(ctx, args, "toDate")? {
        value @ Value::DateTime(_) => {
            let shown = date::civil(value, ctx.zone)?;
            Ok(shown.map_or(Value::Null, |shown| date::date_value(shown.date())))
        }
        value => Ok(value),
    }
}

fn to_time(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let value = read(ctx, args, "toTime")?;
    Ok(date::millis(value, ctx.zone)?.map_or(Value::Null, Value::DateTime))
}

fn unix_epoch(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let zone = zone_argument(ctx, args, 1, "unixEpoch")?;
    let (_, shown) = clock(ctx, args, 0, "unixEpoch")?;
    let instant = date::instant_value(shown, &zone)?;
    Ok(date::millis(instant, &zone)?.map_or(Value::Null, Value::Int))
}

fn to_date_time_string(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let name = "toDateTimeString";
    let pattern = args::date_pattern(ctx, args, 1, name)?;
    let zone = zone_argument(ctx, args, 2, name)?;
    let is_date_text = |text: &str| date::parse_date_text(text, ctx.zone).is_some();
    let millis = match ctx.heap.str(&args[0]) {
        Some(text) if !is_date_text(text) => args::int(ctx, args, 0, name)?,
        Some(_) => date::millis(args::date(ctx, args, 0, name)?, ctx.zone)?.unwrap_or_default(),
        None => crate::value::convert::to_long(ctx.heap, ctx.zone, args[0])?,
    };
    let shown = pattern.format(Value::DateTime(millis), &zone)?;
    ctx.charge(16);
    Ok(ctx.heap.text_owned(shown))
}
