//! The spellings of "this ends then" in token answers, as the seconds that RFC 6749 §5.1 has there.

use crate::expiry::{number, read};
use serde_json::Value;
use sluis_model::connector::{ExpiresAs, ExpiryForm};
use sluis_model::time::Timestamp;

/// Seconds from now, within what is believed of a lifetime; none if it is not written so.
pub(super) fn seconds_left(value: &Value, written: ExpiresAs, now: Timestamp) -> Option<f64> {
    let form = match written {
        ExpiresAs::Seconds => ExpiryForm::Seconds,
        ExpiresAs::Milliseconds => ExpiryForm::Milliseconds,
        ExpiresAs::EpochSeconds | ExpiresAs::Jwt => ExpiryForm::Unix,
        ExpiresAs::EpochMilliseconds => ExpiryForm::UnixMs,
        ExpiresAs::Date => ExpiryForm::DateTime,
    };
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    read(now, form, text.trim()).map(|end| end.0.saturating_sub(now.0) as f64 / 1000.0)
}

/// A moment in seconds since 1970.
pub(super) fn epoch_seconds(value: &Value) -> Option<Timestamp> {
    let seconds = number(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
    (seconds > 0.0).then_some(Timestamp((seconds.min(1e11) * 1000.0) as i64))
}
