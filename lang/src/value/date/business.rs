//! Which days are business days, and counting them. Whole weeks are counted at once, so that no
//! count and no distance takes longer than the holidays that were named.
//!
//! Days are numbers, as in [`Value::Date`](crate::value::Value::Date).

use crate::value::arith::DATE_RANGE;
use jiff::civil::Weekday;
use std::collections::BTreeSet;

/// Business days: all but some days of the week and some dates.
#[derive(Debug)]
pub struct Calendar {
    /// By day of the week, Monday first.
    weekend: [bool; 7],
    /// Those that do not fall on a weekend.
    holidays: BTreeSet<i32>,
    /// Days of a week that are no weekend; at least one.
    per_week: i64,
}

/// Monday is 0; 1970-01-01 was a Thursday.
fn weekday(day: i32) -> usize {
    (day + 3).rem_euclid(7) as usize
}

impl Calendar {
    /// A calendar; `None` if every day of the week is a weekend.
    pub fn new(weekend: &[Weekday], holidays: impl IntoIterator<Item = i32>) -> Option<Self> {
        let mut is_weekend = [false; 7];
        for day in weekend {
            is_weekend[day.to_monday_zero_offset() as usize] = true;
        }
        let per_week = is_weekend.iter().filter(|weekend| !**weekend).count() as i64;
        let holidays = holidays.into_iter().filter(|day| !is_weekend[weekday(*day)]).collect();
        Some(Self { weekend: is_weekend, holidays, per_week }).filter(|calendar| calendar.per_week > 0)
    }

    /// Whether it is neither weekend nor holiday.
    pub fn is_business_day(&self, day: i32) -> bool {
        !self.weekend[weekday(day)] && !self.holidays.contains(&day)
    }

    /// The day that is so many business days later, or earlier for a negative count. A day that is no
    /// business day counts as the next one. `None` outside the years that dates have.
    pub fn shift(&self, day: i32, count: i64) -> Option<i32> {
        let mut day = day;
        while !self.is_business_day(day) {
            day = Some(day + 1).filter(|day| DATE_RANGE.contains(day))?;
        }
        let (step, mut left) = (if count < 0 { -1 } else { 1 }, count.unsigned_abs());
        while left > 0 {
            let weeks = left / self.per_week as u64;
            if weeks == 0 || self.weekend[weekday(day)] {
                day = Some(day + step).filter(|day| DATE_RANGE.contains(day))?;
                left -= u64::from(self.is_business_day(day));
                continue;
            }
            let jump = i64::try_from(weeks).ok()?.checked_mul(7 * i64::from(step))?;
            let to = i64::from(day).checked_add(jump).and_then(|to| i32::try_from(to).ok());
            let to = to.filter(|to| DATE_RANGE.contains(to))?;
            let passed = if step > 0 { day + 1..=to } else { to..=day - 1 };
            left = left % self.per_week as u64 + self.holidays.range(passed).count() as u64;
            day = to;
        }
        Some(day)
    }

    /// How many business days there are from `first` to `last`, both counted.
    pub fn count(&self, first: i32, last: i32) -> i64 {
        if last < first {
            return 0;
        }
        let days = i64::from(last) - i64::from(first) + 1;
        let rest = (days % 7) as i32;
        let loose = (0..rest).filter(|ahead| !self.weekend[weekday(first + ahead)]).count() as i64;
        days / 7 * self.per_week + loose - self.holidays.range(first..=last).count() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts day by day what the calendar counts by weeks.
    fn one_by_one(calendar: &Calendar, day: i32, count: i64) -> i32 {
        let mut day = (day..).find(|day| calendar.is_business_day(*day)).unwrap();
        for _ in 0..count.abs() {
            day += count.signum() as i32;
            while !calendar.is_business_day(day) {
                day += count.signum() as i32;
            }
        }
        day
    }

    proptest! {
        #[test]
        fn weeks_at_once_are_as_days_one_by_one(
            weekend in prop::collection::vec(0_i8..6, 0..6),
            holidays in prop::collection::vec(-40_i32..60, 0..30),
            day in -20_i32..20,
            count in -30_i64..30,
        ) {
            let weekend: Vec<Weekday> =
                weekend.into_iter().map(|day| Weekday::from_monday_zero_offset(day).unwrap()).collect();
            let calendar = Calendar::new(&weekend, holidays).unwrap();
            prop_assert_eq!(calendar.shift(day, count), Some(one_by_one(&calendar, day, count)));
            let last = day + count.unsigned_abs() as i32;
            let counted = (day..=last).filter(|day| calendar.is_business_day(*day)).count();
            prop_assert_eq!(calendar.count(day, last), counted as i64);
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_reached_at_once() {
        let calendar = Calendar::new(&[Weekday::Saturday, Weekday::Sunday], []).unwrap();
        assert_eq!(calendar.shift(0, i64::MAX), None);
        assert_eq!(calendar.shift(0, i64::MIN), None);
        assert_eq!(calendar.shift(0, 2_000_000), Some(2_800_000));
        assert_eq!(calendar.count(*DATE_RANGE.start(), *DATE_RANGE.end()), 5_217_490);
    }

    #[test]
    fn a_week_without_business_days_is_no_calendar() {
        let all: Vec<Weekday> = (0..7).map(|day| Weekday::from_monday_zero_offset(day).unwrap()).collect();
        assert!(Calendar::new(&all, []).is_none());
    }
}
