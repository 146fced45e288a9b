//! The spellings in which services say that there was too much, each read from a whole answer.

use super::*;
use http::{HeaderName, HeaderValue};
use serde_json::json;

/// 2026-11-23T00:00:00Z
const NOW: Timestamp = Timestamp(1_795_392_000_000);

fn headers(all: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    all.iter().map(pair).collect()
}

fn rule(json: Value) -> RateRule {
    let rule: RateRule = serde_json::from_value(json).unwrap();
    assert_eq!(rule.fault(), None);
    rule
}

/// Seconds to wait after a 429 with these headers.
fn wait(all: &[(&str, &str)]) -> Option<i64> {
    let signal = signal(429, &headers(all), b"", &[], NOW);
    signal.wait.map(|(at, _)| (at.0 - NOW.0) / 1000)
}

#[test]
fn every_usual_header_of_a_refusal_is_read() {
    for (name, value) in [
        ("Retry-After", "30"),
        ("Retry-After", "30.0"),
        ("Retry-After", "Mon, 23 Nov 2026 00:00:30 GMT"),
        ("Retry-After", "1795392030"),
        ("retry-after-ms", "30000"),
        ("x-ms-retry-after-ms", "30000"),
        ("X-Retry-After", "1795392030"),
        ("x-ratelimit-retry-after", "30"),
        ("x-ratelimit-retry-after", "1795392030000"),
        ("x-rate-limit-retry-after", "2026-11-23T00:00:30Z"),
        ("x-rate-limit-retry-after-seconds", "30"),
        ("x-ratelimit-reset", "30"),
        ("x-ratelimit-reset", "1795392030"),
        ("x-ratelimit-reset", "1795392030000"),
        ("x-ratelimit-reset", "2026-11-23T00:00:30Z"),
        ("x-rate-limit-reset", "30"),
        ("x-rate-limit-reset", "1795392030"),
        ("ratelimit-reset", "30"),
        ("ratelimit-reset", "1795392030"),
        ("x-ratelimit-reset-after", "29.5"),
        ("x-ratelimit-requests-reset", "30"),
        ("x-ratelimit-reset-requests", "30s"),
        ("x-ratelimit-minutely-reset", "30"),
        ("x-aircallapi-reset", "1795392030"),
        ("x-cloudtalkapi-resettime", "1795392030"),
        ("x-contentful-ratelimit-reset", "30"),
        ("x-toggl-quota-resets-in", "30"),
        ("anthropic-ratelimit-requests-reset", "2026-11-23T00:00:30Z"),
    ] {
        let expected = if value == "29.5" { 29 } else { 30 };
        assert_eq!(wait(&[(name, value)]), Some(expected), "{name}: {value}");
    }
    assert_eq!(wait(&[("RateLimit", "limit=100, remaining=0, reset=30")]), Some(30));
    assert_eq!(wait(&[("RateLimit", "\"default\";r=0;t=30")]), Some(30));
    assert_eq!(wait(&[]), None);
}

#[test]
fn of_two_headers_the_longest_counts() {
    assert_eq!(wait(&[("retry-after", "5"), ("x-ratelimit-reset", "1795392043")]), Some(43));
    assert_eq!(wait(&[("retry-after", "43"), ("x-ratelimit-reset", "5")]), Some(43));
}

#[test]
fn a_budget_with_something_left_is_not_the_one_that_ran_out() {
    let both = [("retry-after", "5"), ("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "3000")];
    assert_eq!(wait(&both), Some(5));
    // Unless nothing else says when.
    assert_eq!(wait(&both[1..]), Some(3000));
}

#[test]
fn an_answer_that_is_no_refusal_tells_of_its_budget_only() {
    let all = [("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", "7"), ("X-RateLimit-Reset", "30")];
    let signal = signal(200, &headers(&all), b"", &[], NOW);
    assert_eq!((signal.limited, signal.wait), (false, None));
    let told = signal.budget.unwrap();
    let resets = told.resets_at.map(|at| at.0 - NOW.0);
    assert_eq!((told.limit, told.remaining, resets), (Some(100), 7, Some(30_000)));
    assert_eq!(told.header, "x-ratelimit-remaining");
}

#[test]
fn of_several_budgets_the_tightest_is_told() {
    let all = [
        ("x-ratelimit-remaining", "900"),
        ("ratelimit-limit", "10, 10;w=1"),
        ("ratelimit-remaining", "2"),
        ("x-ratelimit-daily-remaining", "2"),
        ("x-ratelimit-daily-reset", "600"),
    ];
    let told = signal(200, &headers(&all), b"", &[], NOW).budget.unwrap();
    assert_eq!((told.header.as_str(), told.remaining), ("x-ratelimit-daily-remaining", 2));
}

#[test]
fn a_definition_declares_odd_headers_places_and_statuses() {
    let odd = rule(json!({
        "wait_headers": [{"name": "X-Come-Back", "meaning": "after", "unit": "min"}],
        "remaining_headers": ["X-Left"],
        "in_body": {"path": "error.details[0].retryIn", "meaning": "after", "unit": "ms"},
        "limited_when": [
            {"status": 403, "path": "error.reason", "is": ["rateLimitExceeded", "userRateLimitExceeded"]},
            {"status": 420},
        ],
    }));
    let read = |status, all: &[(&str, &str)], body: Value| {
        let signal = signal(status, &headers(all), body.to_string().as_bytes(), &[&odd], NOW);
        (signal.limited, signal.wait.map(|(at, from)| ((at.0 - NOW.0) / 1000, from)))
    };
    assert_eq!(read(420, &[("x-come-back", "2")], json!({})), (true, Some((120, "x-come-back".into()))));
    let refused = json!({"error": {"reason": "RateLimitExceeded", "details": [{"retryIn": 7000}]}});
    let place = "error.details[0].retryIn".to_owned();
    assert_eq!(read(403, &[], refused), (true, Some((7, place))));
    assert_eq!(read(403, &[("x-come-back", "2")], json!({"error": {"reason": "forbidden"}})), (false, None));
    let told = signal(200, &headers(&[("x-left", "3")]), b"{}", &[&odd], NOW).budget;
    assert_eq!(told.map(|told| told.remaining), Some(3));
}

#[test]
fn an_overloaded_service_may_say_when_to_come_back() {
    let all = headers(&[("retry-after", "9"), ("x-ratelimit-reset", "600")]);
    let signal = signal(503, &all, b"", &[], NOW);
    assert!(!signal.limited);
    assert_eq!(signal.wait, Some((NOW.plus_seconds(9), "retry-after".to_owned())));
}
