//! The spellings of "this ends then".

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use sluis_model::connector::ExpiresAs;
use sluis_model::time::Timestamp;

/// Seconds from now; none if it is not written so. Not clamped.
pub(super) fn seconds_left(value: &Value, written: ExpiresAs, now: Timestamp) -> Option<f64> {
    let left = |epoch_ms: f64| (epoch_ms - now.0 as f64) / 1000.0;
    match written {
        ExpiresAs::Seconds => number(value),
        ExpiresAs::Milliseconds => number(value).map(|ms| ms / 1000.0),
        ExpiresAs::EpochSeconds | ExpiresAs::Jwt => number(value).map(|seconds| left(seconds * 1000.0)),
        ExpiresAs::EpochMilliseconds => number(value).map(left),
        ExpiresAs::Date => value.as_str().and_then(date).map(|at| left(at.0 as f64)),
    }
    .filter(|seconds| seconds.is_finite())
}

/// A moment in seconds since 1970.
pub(super) fn epoch_seconds(value: &Value) -> Option<Timestamp> {
    let seconds = number(value).filter(|seconds| seconds.is_finite() && *seconds > 0.0)?;
    Some(Timestamp((seconds.min(1e11) * 1000.0) as i64))
}

/// The claim `exp` of a JWT. The signature is not looked at: the token comes from the very endpoint, and
/// this decides only when it is renewed.
pub(super) fn of_jwt(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    claims.get("exp").cloned()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// RFC 3339, also without a zone, which is then UTC; or RFC 9110.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let local = || {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    let http = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    zoned.or_else(local).or_else(http).map(|at| Timestamp(at.as_millisecond()))
}
