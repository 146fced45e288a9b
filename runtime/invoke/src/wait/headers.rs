//! The headers in which services say how long to wait and how much is left: the table of those in use.

use sluis_model::rate::{WaitMeaning, WaitUnit};

/// A header that is known.
pub struct Known {
    /// Its name in lower case.
    pub name: &'static str,
    /// What its value counts from; `Auto` where both are in use.
    pub meaning: WaitMeaning,
    /// What a number in it counts.
    pub unit: WaitUnit,
}

const fn auto(name: &'static str) -> Known {
    Known { name, meaning: WaitMeaning::Auto, unit: WaitUnit::Seconds }
}

const fn after(name: &'static str, unit: WaitUnit) -> Known {
    Known { name, meaning: WaitMeaning::After, unit }
}

/// They say when to come back, in a refusal.
pub const RETRY: &[Known] = &[
    auto("retry-after"),
    after("retry-after-ms", WaitUnit::Milliseconds),
    after("x-ms-retry-after-ms", WaitUnit::Milliseconds),
    auto("x-retry-after"),
    auto("x-ratelimit-retry-after"),
    auto("x-rate-limit-retry-after"),
    auto("x-rate-limit-retry-after-seconds"),
];

/// They say when a budget is full again, in any answer; the two names after them say how much of the same
/// budget is left and how large it is.
pub const RESET: &[(Known, &str, &str)] = &[
    (auto("ratelimit-reset"), "ratelimit-remaining", "ratelimit-limit"),
    (auto("x-ratelimit-reset"), "x-ratelimit-remaining", "x-ratelimit-limit"),
    (auto("x-rate-limit-reset"), "x-rate-limit-remaining", "x-rate-limit-limit"),
    (after("x-ratelimit-reset-after", WaitUnit::Seconds), "x-ratelimit-remaining", "x-ratelimit-limit"),
    (auto("x-ratelimit-requests-reset"), "x-ratelimit-requests-remaining", "x-ratelimit-requests-limit"),
    (auto("x-ratelimit-reset-requests"), "x-ratelimit-remaining-requests", "x-ratelimit-limit-requests"),
    (auto("x-ratelimit-reset-tokens"), "x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens"),
    (auto("x-ratelimit-minutely-reset"), "x-ratelimit-minutely-remaining", "x-ratelimit-minutely-limit"),
    (auto("x-ratelimit-daily-reset"), "x-ratelimit-daily-remaining", "x-ratelimit-daily-limit"),
    (auto("x-aircallapi-reset"), "x-aircallapi-remaining", "x-aircallapi-limit"),
    (auto("x-cloudtalkapi-resettime"), "x-cloudtalkapi-remaining", "x-cloudtalkapi-limit"),
    (
        after("x-contentful-ratelimit-reset", WaitUnit::Seconds),
        "x-contentful-ratelimit-second-remaining",
        "x-contentful-ratelimit-second-limit",
    ),
    (auto("x-toggl-quota-resets-in"), "x-toggl-quota-remaining", "x-toggl-quota-limit"),
    (auto("x-app-rate-limit-reset"), "x-app-rate-limit-remaining", "x-app-rate-limit-limit"),
    (auto("x-quota-reset"), "x-quota-remaining", "x-quota-limit"),
    (auto("x-api-limit-reset"), "x-api-limit-remaining", "x-api-limit"),
    (auto("rate-limit-reset"), "rate-limit-remaining", "rate-limit-limit"),
    (
        auto("anthropic-ratelimit-requests-reset"),
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-limit",
    ),
    (
        auto("anthropic-ratelimit-tokens-reset"),
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-limit",
    ),
];

/// One header with all three, in the drafts of the IETF: `limit=100, remaining=0, reset=50`, and
/// `"default";r=0;t=50` since the seventh.
pub const COMBINED: &str = "ratelimit";
