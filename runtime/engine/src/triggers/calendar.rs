//! The moments of a schedule: which come next, and what becomes of those that were missed.
//!
//! Times of day that a change of the clocks leaves out are made up for right after the gap, and those that come
//! twice count once, the first time; patterns with `*` or steps in their hours or minutes go by the clock on the
//! wall, so they skip the gap and run through the repeated hour twice. An interval knows no clocks: it is a length
//! of time.

use croner::Cron;
use croner::parser::{CronParser, Year};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use sluis_model::error::{Failure, Reason};
use sluis_model::time::Timestamp;
use sluis_model::trigger_spec::{Missed, Overlap, ScheduleRule};

/// The shortest time between two moments.
const SHORTEST_MS: i64 = 10_000;
/// The longest interval.
const LONGEST_MS: i64 = 366 * 86_400_000;
/// A moment that is reached later than this was missed.
const LATE_MS: i64 = 60_000;
/// As many moments are looked at in one go.
const STEPS: usize = 10_000;
/// Where that is not enough to get through all that was missed, only these last ones are, in ms.
const WINDOWS: &[i64] = &[366 * 86_400_000, 4 * 86_400_000, 86_400_000];
/// Most moments that are made good.
pub const AT_MOST: u32 = 100;

/// When a schedule fires.
#[derive(Debug, Clone)]
pub struct Calendar {
    rhythm: Rhythm,
    zone: TimeZone,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    missed: Missed,
    at_most: usize,
}

#[derive(Debug, Clone)]
enum Rhythm {
    Pattern(Box<Cron>),
    /// Milliseconds from one moment to the next, counted from the first.
    Every {
        step: i64,
        first: i64,
    },
}

/// What is to be done now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The moments for which the function is started, in order.
    pub due: Vec<Timestamp>,
    /// How many are let go; at least so many where there were very many.
    pub dropped: u64,
    /// The one after that.
    pub next: Option<Timestamp>,
}

impl Calendar {
    /// The calendar of a rule, for a trigger that was made at a moment.
    ///
    /// # Errors
    /// What is wrong with the rule, and how to mend it.
    pub fn of(rule: &ScheduleRule, made_at: Timestamp) -> Result<Self, Failure> {
        let zone = TimeZone::get(&rule.zone).map_err(|_| {
            refused(format!("`{}` is no time zone", rule.zone))
                .help("write a name of the IANA database, such as `Europe/Amsterdam`, or `UTC`")
        })?;
        let starts = rule.starts_at.as_deref().map(|text| moment("starts_at", text, &zone)).transpose()?;
        let ends = rule.ends_at.as_deref().map(|text| moment("ends_at", text, &zone)).transpose()?;
        if let (Some(starts), Some(ends)) = (starts, ends)
            && ends < starts
        {
            return Err(refused("`ends_at` lies before `starts_at`, so it would never fire"));
        }
        let rhythm = match (&rule.cron, &rule.every) {
            (Some(pattern), None) => Rhythm::Pattern(Box::new(parsed(pattern)?)),
            (None, Some(every)) => {
                // An interval begins with its start, or one step after it was made.
                let step = interval(every)?;
                Rhythm::Every {
                    step,
                    first: starts.map_or(made_at.0.saturating_add(step), |starts| starts.0),
                }
            }
            _ => {
                return Err(refused("a schedule has either `cron` or `every`")
                    .help("for example `cron: \"0 9 * * 1-5\"`, or `every: 15m`"));
            }
        };
        if !(1..=AT_MOST).contains(&rule.at_most) {
            return Err(refused(format!("`at_most` is {}; 1 to {AT_MOST} are made good", rule.at_most)));
        }
        if (rule.missed, rule.overlap) == (Missed::All, Overlap::Skip) {
            return Err(refused(
                "with `missed: all` and `overlap: skip` most of what is made good would be skipped",
            )
            .help("say `overlap: queue`, so that one begins when the one before has ended"));
        }
        let at_most = usize::try_from(rule.at_most).unwrap_or(1);
        let calendar = Self { rhythm, zone, starts, ends, missed: rule.missed, at_most };
        calendar.refuse_restless(made_at)?;
        Ok(calendar)
    }

    /// The first moment after this one.
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let from = match self.starts {
            // The start itself counts.
            Some(starts) if starts > at => Timestamp(starts.0.saturating_sub(1)),
            _ => at,
        };
        let next = match &self.rhythm {
            Rhythm::Every { step, first } if from.0 < *first => *first.min(&first.saturating_add(*step)),
            Rhythm::Every { step, first } => {
                let steps = from.0.saturating_sub(*first) / step + 1;
                first.saturating_add(steps.saturating_mul(*step))
            }
            Rhythm::Pattern(pattern) => {
                let from = jiff::Timestamp::from_millisecond(from.0).ok()?.to_zoned(self.zone.clone());
                pattern.find_next_occurrence(&from, false).ok()?.timestamp().as_millisecond()
            }
        };
        Some(Timestamp(next)).filter(|next| self.ends.is_none_or(|ends| *next <= ends))
    }

    /// So many moments after this one.
    pub fn coming(&self, at: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.after(at), |last| self.after(*last)).take(count).collect()
    }

    /// What is to be done when `planned` was the next moment and it is now `now`.
    pub fn plan(&self, planned: Timestamp, now: Timestamp) -> Plan {
        let reached = self.reached(planned, now);
        let next = self.after(now);
        let Some(last) = reached.last() else { return Plan { next: Some(planned), ..Plan::default() } };
        let in_time = now.0.saturating_sub(last.0) <= LATE_MS;
        let wanted = match self.missed {
            Missed::Skip if in_time => 1,
            Missed::Skip => 0,
            Missed::Once => 1,
            Missed::All => self.at_most,
        };
        let dropped = reached.len().saturating_sub(wanted);
        let due = reached.get(dropped..).unwrap_or_default().to_vec();
        Plan { due, dropped: u64::try_from(dropped).unwrap_or(u64::MAX), next }
    }

    /// The moments from the planned one until now; the last of them where there are very many.
    fn reached(&self, planned: Timestamp, now: Timestamp) -> Vec<Timestamp> {
        let mut reached = Vec::new();
        for window in WINDOWS {
            let from = planned.max(Timestamp(now.0.saturating_sub(*window)));
            let first = if from == planned { Some(planned) } else { self.after(from) };
            let all = std::iter::successors(first, |last| self.after(*last));
            reached = all.take_while(|at| *at <= now).take(STEPS).collect();
            if reached.len() < STEPS {
                break;
            }
        }
        reached
    }

    /// A pattern may name seconds; more often than is sensible it must not fire.
    fn refuse_restless(&self, from: Timestamp) -> Result<(), Failure> {
        let first = self.coming(from, 60);
        let least = first.windows(2).filter_map(|pair| Some(pair.last()?.0 - pair.first()?.0)).min();
        match least {
            Some(least) if least < SHORTEST_MS => Err(refused(format!(
                "it would fire every {} s; the shortest time between two moments is {} s",
                least / 1000,
                SHORTEST_MS / 1000
            ))),
            _ if first.is_empty() && self.ends.is_none() => {
                Err(refused("no such moment ever comes").help("no month has that day"))
            }
            _ => Ok(()),
        }
    }
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::new(Reason::InvalidInput, format!("the schedule cannot be kept: {}", why.into()))
}

fn parsed(pattern: &str) -> Result<Cron, Failure> {
    let parser = CronParser::builder().year(Year::Disallowed).build();
    parser.parse(pattern).map_err(|error| {
        refused(format!("`{}` is no cron pattern: {error}", pattern.chars().take(100).collect::<String>()))
            .help("five fields: minute, hour, day of the month, month, day of the week, as in `0 9 * * 1-5`")
    })
}

/// Milliseconds of `15m`, `1h 30m`, `2d`: a day has 24 hours here.
fn interval(text: &str) -> Result<i64, Failure> {
    let wrong = || {
        let shown: String = text.chars().take(60).collect();
        refused(format!("`{shown}` is no length of time"))
            .help("write it as `30s`, `15m`, `1h 30m` or `2d`; what goes by months is a `cron` pattern")
    };
    let span: Span = text.parse().map_err(|_| wrong())?;
    if span.get_months() != 0 || span.get_years() != 0 {
        return Err(wrong());
    }
    let length: SignedDuration =
        span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    match i64::try_from(length.as_millis()) {
        Ok(ms) if (SHORTEST_MS..=LONGEST_MS).contains(&ms) => Ok(ms),
        _ => Err(refused(format!("`every: {text}` is not between 10 seconds and 366 days"))),
    }
}

/// A moment with its offset, or by the clock of the zone.
fn moment(field: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Failure> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_millisecond()));
    }
    let local = text.parse::<DateTime>().ok().and_then(|local| zone.to_timestamp(local).ok());
    local.map(|at| Timestamp(at.as_millisecond())).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        refused(format!("`{field}: {shown}` is no moment")).help(
            "write it as `2026-12-01T09:00:00+01:00`, or without the offset to mean the clock of `zone`",
        )
    })
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
