//! Moments of schedules, over changes of clocks and over times at which nobody was there.

use super::*;
use serde_json::{Value, json};

fn rule(fields: Value) -> ScheduleRule {
    serde_json::from_value(fields).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn calendar(fields: Value) -> Calendar {
    Calendar::of(&rule(fields), at("2026-01-01T00:00:00Z")).unwrap()
}

fn coming(calendar: &Calendar, from: &str, count: usize) -> Vec<String> {
    let shown = |at: Timestamp| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string();
    calendar.coming(at(from), count).into_iter().map(shown).collect()
}

#[test]
fn a_pattern_goes_by_the_clock_of_its_zone() {
    let office = calendar(json!({ "cron": "0 9 * * 1-5", "zone": "Europe/Amsterdam" }));
    // Friday; the clocks go forward on Sunday.
    assert_eq!(
        coming(&office, "2026-03-27T07:00:00Z", 3),
        ["2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z", "2026-03-31T07:00:00Z"]
    );
}

#[test]
fn a_time_that_the_clocks_leave_out_is_made_up_for_after_the_gap() {
    let night = calendar(json!({ "cron": "30 2 * * *", "zone": "Europe/Amsterdam" }));
    // 02:30 is not there on the 29th: it fires at 03:00 summer time.
    assert_eq!(coming(&night, "2026-03-28T02:00:00Z", 2), ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    // A step skips what is not there.
    let steps = calendar(json!({ "cron": "*/30 * * * *", "zone": "Europe/Amsterdam" }));
    assert_eq!(
        coming(&steps, "2026-03-29T00:15:00Z", 3),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
    );
}

#[test]
fn a_time_that_comes_twice_counts_once_and_a_step_each_time() {
    let night = calendar(json!({ "cron": "30 2 * * *", "zone": "Europe/Amsterdam" }));
    assert_eq!(coming(&night, "2026-10-24T12:00:00Z", 2), ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    let steps = calendar(json!({ "cron": "*/30 * * * *", "zone": "Europe/Amsterdam" }));
    assert_eq!(
        coming(&steps, "2026-10-25T00:15:00Z", 4),
        ["2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"]
    );
}

#[test]
fn an_interval_is_counted_from_its_start_and_knows_no_clocks() {
    let hourly = calendar(json!({ "every": "1h 30m", "starts_at": "2026-03-28T23:00:00Z" }));
    assert_eq!(
        coming(&hourly, "2026-01-01T00:00:00Z", 3),
        ["2026-03-28T23:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z"]
    );
    assert_eq!(coming(&hourly, "2026-03-29T00:30:00Z", 1), ["2026-03-29T02:00:00Z"]);
    let plain = calendar(json!({ "every": "10s" }));
    assert_eq!(coming(&plain, "2026-01-01T00:00:00Z", 1), ["2026-01-01T00:00:10Z"]);
}

#[test]
fn start_and_end_are_part_of_the_time_between_them() {
    let spell = calendar(json!({
        "cron": "0 12 * * *", "zone": "America/New_York",
        "starts_at": "2026-06-01T12:00:00", "ends_at": "2026-06-02T16:00:00Z"
    }));
    assert_eq!(coming(&spell, "2026-01-01T00:00:00Z", 9), ["2026-06-01T16:00:00Z", "2026-06-02T16:00:00Z"]);
}

fn plan(missed: &str, now: &str) -> (usize, u64) {
    let fields = json!({ "every": "1h", "missed": missed, "at_most": 3, "overlap": "queue" });
    let calendar = calendar(fields);
    let plan = calendar.plan(at("2026-01-01T01:00:00Z"), at(now));
    assert!(plan.next.unwrap() > at(now) && plan.due.is_sorted());
    (plan.due.len(), plan.dropped)
}

#[test]
fn what_was_missed_is_let_go_made_good_once_or_made_good_up_to_a_number() {
    // Nobody was there from one to five; at a quarter past five it is too late even for that.
    for (missed, now, wanted) in [
        ("skip", "2026-01-01T01:00:30Z", (1, 0)),
        ("skip", "2026-01-01T05:15:00Z", (0, 5)),
        ("skip", "2026-01-01T05:00:20Z", (1, 4)),
        ("once", "2026-01-01T05:15:00Z", (1, 4)),
        ("all", "2026-01-01T05:15:00Z", (3, 2)),
        ("all", "2026-01-01T02:15:00Z", (2, 0)),
    ] {
        assert_eq!(plan(missed, now), wanted, "{missed} {now}");
    }
}

#[test]
fn a_moment_that_has_not_come_starts_nothing() {
    let calendar = calendar(json!({ "every": "1h" }));
    let planned = at("2026-01-01T01:00:00Z");
    let plan = calendar.plan(planned, at("2026-01-01T00:59:59Z"));
    assert_eq!(plan, Plan { due: vec![], dropped: 0, next: Some(planned) });
}

#[test]
fn years_without_anybody_are_got_over() {
    let calendar = calendar(json!({ "every": "10s", "missed": "all", "overlap": "allow" }));
    let now = at("2031-01-01T00:00:00Z");
    let plan = calendar.plan(at("2026-01-01T00:00:10Z"), now);
    assert_eq!(plan.due.len(), 10);
    assert_eq!(plan.due.last(), Some(&now));
    assert!(plan.dropped > 1_000);
}

#[test]
fn a_rule_that_cannot_be_kept_says_why() {
    for (fields, words) in [
        (json!({ "cron": "61 * * * *" }), "cron pattern"),
        (json!({ "cron": "* * * *" }), "cron pattern"),
        (json!({ "cron": "* * * * * *" }), "every 1 s"),
        (json!({ "cron": "0 0 30 2 *" }), "no such moment"),
        (json!({ "cron": "0 0 * * *", "every": "1h" }), "either"),
        (json!({}), "either"),
        (json!({ "every": "1mo" }), "length of time"),
        (json!({ "every": "5s" }), "10 seconds"),
        (json!({ "every": "often" }), "length of time"),
        (json!({ "every": "1h", "zone": "Amsterdam" }), "time zone"),
        (json!({ "every": "1h", "starts_at": "tomorrow" }), "starts_at"),
        (
            json!({ "every": "1h", "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z" }),
            "before",
        ),
        (json!({ "every": "1h", "missed": "all" }), "overlap: skip"),
        (json!({ "every": "1h", "at_most": 0 }), "at_most"),
    ] {
        let said = Calendar::of(&rule(fields.clone()), at("2026-01-01T00:00:00Z")).unwrap_err();
        assert!(said.message.contains(words), "{fields}: {said:?}");
    }
}
