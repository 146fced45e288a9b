//! When a token ends, in every spelling that services use.

use crate::error::AuthError;
use crate::json_path;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use sluis_model::connector::{Expiry, ExpiryForm};
use sluis_model::time::Timestamp;

/// Longest lifetime believed, in milliseconds: ten years. More would overflow someone's calendar.
const LIFETIME_AT_MOST_MS: f64 = 10.0 * 365.25 * 86_400_000.0;

/// The end of a token that came with this answer at `now`; the bounded default where the answer says
/// nothing sensible; none if there is none.
pub fn end_of(
    now: Timestamp,
    expiry: &Expiry,
    answer: Option<&Value>,
    token: &str,
) -> Result<Option<Timestamp>, AuthError> {
    let said = match (&expiry.at, answer) {
        (Some(path), Some(answer)) => json_path::text_at(answer, "expires.at", path)?,
        _ => None,
    };
    let end = match (expiry.form, said) {
        (ExpiryForm::Jwt, _) => jwt_end(token),
        (form, Some(text)) => read(now, form, text.trim()),
        (_, None) => None,
    };
    let default = || expiry.lifetime_s.map(|seconds| now.plus_seconds(i64::from(seconds)));
    Ok(end.or_else(default))
}

/// A finite number.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// The end that a text names in this form, within what is believed of a lifetime.
pub(crate) fn read(now: Timestamp, form: ExpiryForm, text: &str) -> Option<Timestamp> {
    let number = || number(text);
    let from_now = |ms: f64| Timestamp(now.0.saturating_add(ms.clamp(0.0, LIFETIME_AT_MOST_MS) as i64));
    let since_1970 = |ms: f64| from_now(ms - now.0 as f64);
    match form {
        ExpiryForm::Seconds => number().map(|n| from_now(n * 1_000.0)),
        ExpiryForm::Milliseconds => number().map(from_now),
        ExpiryForm::Minutes => number().map(|n| from_now(n * 60_000.0)),
        ExpiryForm::Unix => number().map(|n| since_1970(n * 1_000.0)),
        ExpiryForm::UnixMs => number().map(since_1970),
        ExpiryForm::DateTime => date_time(text).map(|at| since_1970(at.as_millisecond() as f64)),
        ExpiryForm::Jwt => None,
    }
}

fn date_time(text: &str) -> Option<jiff::Timestamp> {
    let utc = || {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    let rfc_2822 = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(rfc_2822).or_else(utc)
}

/// The claim `exp` (RFC 7519 §4.1.4). Nothing is verified: the token is believed for being what the
/// service itself gave.
pub(crate) fn jwt_exp(token: &str) -> Option<Value> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("exp").cloned()
}

fn jwt_end(token: &str) -> Option<Timestamp> {
    let seconds = number(&jwt_exp(token)?.to_string())?;
    (0.0..1e12).contains(&seconds).then_some(Timestamp((seconds * 1_000.0) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(form: ExpiryForm, said: &str) -> Option<i64> {
        let expiry = Expiry { at: Some("$.e".to_owned()), form, lifetime_s: None };
        let answer: Value = serde_json::from_str(&format!(r#"{{"e": {said}}}"#)).unwrap();
        end_of(Timestamp(1_000_000), &expiry, Some(&answer), "").unwrap().map(|at| at.0)
    }

    #[test]
    fn an_end_is_read_in_every_spelling() {
        assert_eq!(end(ExpiryForm::Seconds, "60"), Some(1_060_000));
        assert_eq!(end(ExpiryForm::Seconds, r#""60""#), Some(1_060_000));
        assert_eq!(end(ExpiryForm::Milliseconds, "60"), Some(1_000_060));
        assert_eq!(end(ExpiryForm::Minutes, "2"), Some(1_120_000));
        assert_eq!(end(ExpiryForm::Unix, "2000"), Some(2_000_000));
        assert_eq!(end(ExpiryForm::UnixMs, "2000000"), Some(2_000_000));
        for text in ["1970-01-01T00:33:20Z", "Thu, 01 Jan 1970 00:33:20 GMT", "1970-01-01 00:33:20"] {
            assert_eq!(end(ExpiryForm::DateTime, &format!("{text:?}")), Some(2_000_000), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_end_and_a_huge_lifetime_is_bounded() {
        assert_eq!(end(ExpiryForm::Seconds, r#""soon""#), None);
        assert_eq!(end(ExpiryForm::DateTime, r#""tomorrow""#), None);
        assert_eq!(end(ExpiryForm::Seconds, "null"), None);
        let ten_years = 1_000_000 + LIFETIME_AT_MOST_MS as i64;
        assert_eq!(end(ExpiryForm::Seconds, "1e300"), Some(ten_years));
        assert_eq!(end(ExpiryForm::Seconds, "-5"), Some(1_000_000));
    }

    #[test]
    fn the_end_of_a_jwt_is_its_claim_and_a_default_stands_in_for_silence() {
        let expiry = Expiry { at: None, form: ExpiryForm::Jwt, lifetime_s: Some(10) };
        let token = format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp": 5000}"#));
        let at = |token: &str| end_of(Timestamp(0), &expiry, None, token).unwrap();
        assert_eq!(at(&token), Some(Timestamp(5_000_000)));
        assert_eq!(at("opaque"), Some(Timestamp(10_000)));
    }
}
