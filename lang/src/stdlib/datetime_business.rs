//! Dates: business days. Saturday and Sunday are no business days unless the script names others;
//! holidays are those that the script names.

use super::args::{self, DATES};
use super::datetime::clock;
use super::datetime_shift::beyond;
use super::datetime_weekday::weekday;
use super::{Builtin, Ctx, Param, example, optional, param};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value, convert, date};
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

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
        run: |ctx, args| {
            let (days, backwards) = between(ctx, args, "workDaysBetween")?;
            let count = days.len() as i64;
            Ok(Value::Int(if backwards { -count } else { count }))
        },
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
        run: |ctx, args| {
            let (days, _) = between(ctx, args, "workDaysList")?;
            let days = days.into_iter().map(date::date_value).collect();
            Ok(ctx.heap.list(days))
        },
    },
];

/// Which days are business days.
struct Calendar {
    weekend: Vec<Weekday>,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Reads the weekends and holidays in the arguments two and three.
    fn read(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Self> {
        let weekend = match elements(ctx, args, 2, name)? {
            None => vec![Weekday::Saturday, Weekday::Sunday],
            Some(days) => {
                let day = |at: usize| weekday(&args::text(ctx, &days, at, name)?, name);
                (0..days.len()).map(day).collect::<Run<Vec<_>>>()?
            }
        };
        let mut holidays = BTreeSet::new();
        for day in elements(ctx, args, 3, name)?.unwrap_or_default() {
            let day = convert::to_date(ctx.heap, ctx.zone, day)?;
            holidays.extend(date::civil(day, ctx.zone)?.map(|shown| shown.date()));
        }
        let calendar = Self { weekend, holidays };
        if (0..7)
            .all(|day| Weekday::from_monday_zero_offset(day).is_ok_and(|day| calendar.weekend.contains(&day)))
        {
            return Err(Fault::new(
                codes::BAD_ARGUMENT,
                format!("`{name}` finds no business day: every day of the week is among `weekends`"),
            ));
        }
        Ok(calendar)
    }

    fn is_business_day(&self, day: Date) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// The day `count` business days after `day`, or before it; the next one if `day` is none.
    fn shift(&self, ctx: &mut Ctx<'_>, day: Date, count: i64) -> Run<Date> {
        let step = |day: Date, back: bool| if back { day.yesterday() } else { day.tomorrow() };
        let (mut day, mut left, mut steps) = (day, count.unsigned_abs(), 0);
        while !self.is_business_day(day) {
            day = step(day, false).map_err(|_| beyond())?;
        }
        while left > 0 {
            day = step(day, count < 0).map_err(|_| beyond())?;
            left -= u64::from(self.is_business_day(day));
            steps += 1;
        }
        ctx.charge(8 + steps);
        Ok(day)
    }
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
    let day = Calendar::read(ctx, args, name)?.shift(ctx, shown.date(), count)?;
    match value {
        Value::Date(_) => Ok(date::date_value(day)),
        _ => date::instant_value(day.to_datetime(shown.time()), ctx.zone),
    }
}

fn workday(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let count = args::int(ctx, args, 1, "workday")?;
    let (_, shown) = clock(ctx, args, 0, "workday")?;
    let calendar = Calendar::read(ctx, args, "workday")?;
    let day = if count < 0 { shown.date() } else { calendar.shift(ctx, shown.date(), count)? };
    Ok(date::date_value(day))
}

/// The business days from the receiver to the argument, and whether that goes backwards.
fn between(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<(Vec<Date>, bool)> {
    let ((_, from), (_, to)) = (clock(ctx, args, 0, name)?, clock(ctx, args, 1, name)?);
    let (from, to) = (from.date(), to.date());
    let calendar = Calendar::read(ctx, args, name)?;
    let backwards = to < from;
    let (first, last) = if backwards { (to, from) } else { (from, to) };
    let span = usize::try_from(first.duration_until(last).as_hours() / 24).unwrap_or_default() + 1;
    ctx.heap.reserve(span * (size_of::<Date>() + size_of::<Value>()))?;
    ctx.charge(span);
    let all = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(span);
    let mut days: Vec<Date> = all.filter(|day| calendar.is_business_day(*day)).collect();
    if backwards {
        days.reverse();
    }
    Ok((days, backwards))
}
