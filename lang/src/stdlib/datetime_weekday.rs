//! Dates: the next and the previous Monday, Tuesday and so on, and the names of the days.

use super::args::{self, DATES};
use super::datetime::clock;
use super::datetime_shift::{beyond, by_calendar};
use super::{Builtin, Ctx, Param, example, param};
use crate::codes;
use crate::suggest::closest;
use crate::value::Value;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use jiff::Span;
use jiff::civil::Weekday;

const DAY: &[Param] = &[param("weekday", "text")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "nextWeekDay",
        aliases: &[],
        on: DATES,
        params: DAY,
        returns: "date-time",
        doc: "The next such day of the week after this date; a week later if the date is such a day. Its time is kept. Days are named in English, in any case, whole or by three letters.",
        examples: &[
            example("'15-Mar-2019'.nextWeekDay(\"Monday\")", "18-Mar-2019"),
            example("'18-Mar-2019'.nextWeekDay(\"monday\")", "25-Mar-2019"),
            example("'15-Mar-2019 10:00:00'.nextWeekDay(\"Sat\")", "16-Mar-2019 10:00:00"),
            example("'15-Mar-2019'.nextWeekDay(\"Mittwoch\")", "fault E0416"),
        ],
        run: |ctx, args| week_day(ctx, args, "nextWeekDay", 1),
    },
    Builtin {
        name: "previousWeekDay",
        aliases: &[],
        on: DATES,
        params: DAY,
        returns: "date-time",
        doc: "The last such day of the week before this date; a week earlier if the date is such a day. Its time is kept.",
        examples: &[
            example("'15-Mar-2019'.previousWeekDay(\"Monday\")", "11-Mar-2019"),
            example("'11-Mar-2019'.previousWeekDay(\"Monday\")", "04-Mar-2019"),
        ],
        run: |ctx, args| week_day(ctx, args, "previousWeekDay", -1),
    },
];

/// English names, Monday first, as [`Weekday::to_monday_zero_offset`] counts.
const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The day of the week of an English name, whole or its first three letters, in any case.
///
/// # Errors
/// `E0416`, with the name that is nearest.
pub(super) fn weekday(text: &str, function: &str) -> Run<Weekday> {
    let text = text.trim();
    let named = |name: &str| name.eq_ignore_ascii_case(text) || name[..3].eq_ignore_ascii_case(text);
    let position = NAMES.iter().position(|name| named(name));
    if let Some(day) = position.and_then(|at| Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()) {
        return Ok(day);
    }
    let fault = Fault::new(
        codes::BAD_ARGUMENT,
        format!("`{function}` needs the English name of a day of the week, but this is {}", quoted(text)),
    );
    Err(fault.with_help(match closest(text, NAMES.into_iter()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => "write \"Monday\", \"Tuesday\" and so on, or \"Mon\", \"Tue\"".to_owned(),
    }))
}

fn week_day(ctx: &mut Ctx<'_>, args: &[Value], name: &str, direction: i64) -> Run<Value> {
    let wanted = weekday(&args::text(ctx, args, 1, name)?, name)?;
    let (_, shown) = clock(ctx, args, 0, name)?;
    let days = match direction {
        1 => wanted.since(shown.date().weekday()),
        _ => shown.date().weekday().since(wanted),
    };
    let days = if days == 0 { 7 } else { i64::from(days) };
    let span = Span::new().try_days(days * direction).map_err(|_| beyond())?;
    by_calendar(ctx, args, name, span)
}
