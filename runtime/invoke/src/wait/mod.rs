//! What an answer says of how much the service still takes: whether it is a refusal for that reason, when
//! to come back, how much is left. The usual spellings are known; a definition declares odd ones.
//!
//! [`headers`] is the table of headers, [`value`] reads one value.

mod headers;
mod value;

use headers::{COMBINED, RESET, RETRY};
use http::HeaderMap;
use serde_json::Value;
use sluis_model::rate::{RateRule, WaitMeaning, WaitUnit};
use sluis_model::time::Timestamp;

/// What an answer says of how much the service still takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signal {
    /// Whether it is a refusal because there was too much.
    pub limited: bool,
    /// When to come back, and which header or place in the body says so; of several the latest.
    pub wait: Option<(Timestamp, String)>,
    /// What is left of which budget; of several the one with least left.
    pub budget: Option<Told>,
}

/// A budget as an answer tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Requests in all, if it says.
    pub limit: Option<u64>,
    /// Requests left.
    pub remaining: u64,
    /// When it is full again, if it says.
    pub resets_at: Option<Timestamp>,
    /// The header that says how many are left.
    pub header: String,
}

/// Reads what an answer says; `rules` are those of the API and of its connector.
pub fn signal(status: u16, headers: &HeaderMap, body: &[u8], rules: &[&RateRule], now: Timestamp) -> Signal {
    let json = || serde_json::from_slice::<Value>(body).ok();
    let by_body = rules.iter().any(|rule| rule.in_body.is_some() || !rule.limited_when.is_empty());
    let parsed = if by_body && status >= 200 { json() } else { None };
    let limited = status == 429 || rules.iter().any(|rule| is_limited(rule, status, parsed.as_ref()));
    let told = budgets(headers, rules, now);
    let refused = limited || status == 503;
    let mut waits: Vec<(Timestamp, String)> = Vec::new();
    if refused {
        waits.extend(retry_headers(headers, rules, now));
        waits.extend(rules.iter().filter_map(|rule| in_body(rule, parsed.as_ref(), now)));
    }
    if limited {
        // A budget that has something left is not the one that ran out, unless nothing else says when.
        let used_up = told.iter().filter(|told| told.remaining == 0).filter_map(Told::wait);
        waits.extend(used_up);
        waits.extend(resets_alone(headers, now));
        if waits.is_empty() {
            waits.extend(told.iter().filter_map(Told::wait));
        }
    }
    Signal {
        limited,
        wait: waits.into_iter().max_by_key(|(at, _)| *at),
        budget: told.into_iter().min_by_key(|told| (told.remaining, std::cmp::Reverse(told.resets_at))),
    }
}

impl Told {
    fn wait(&self) -> Option<(Timestamp, String)> {
        self.resets_at.map(|at| (at, self.header.clone()))
    }
}

fn is_limited(rule: &RateRule, status: u16, body: Option<&Value>) -> bool {
    rule.limited_when.iter().filter(|when| when.status == status).any(|when| match &when.path {
        None => true,
        Some(path) => {
            let found = body.and_then(|body| path.find(body)).map(plain).unwrap_or_default();
            when.is.iter().any(|word| word.eq_ignore_ascii_case(&found))
        }
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A header's value; of a repeated one the last.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()
}

/// A count: `120`, or the first of `120, 120;w=60`.
fn count(headers: &HeaderMap, name: &str) -> Option<u64> {
    let text = text(headers, name)?;
    let digits = text.trim().split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    digits.split('.').next()?.parse().ok()
}

fn retry_headers(headers: &HeaderMap, rules: &[&RateRule], now: Timestamp) -> Vec<(Timestamp, String)> {
    let known = RETRY.iter().map(|known| (known.name, known.meaning, known.unit));
    let declared = rules.iter().flat_map(|rule| &rule.wait_headers);
    let declared = declared.map(|header| (header.name.as_str(), header.meaning, header.unit));
    let read = |(name, meaning, unit): (&str, WaitMeaning, WaitUnit)| {
        let until = value::until(text(headers, name)?, meaning, unit, now)?;
        Some((until, name.to_ascii_lowercase()))
    };
    known.chain(declared).filter_map(read).collect()
}

/// Reset headers whose budget is not told beside them.
fn resets_alone(headers: &HeaderMap, now: Timestamp) -> Vec<(Timestamp, String)> {
    let alone = RESET.iter().filter(|(_, remaining, _)| count(headers, remaining).is_none());
    let read = |known: &headers::Known| {
        Some((
            value::until(text(headers, known.name)?, known.meaning, known.unit, now)?,
            known.name.to_owned(),
        ))
    };
    alone.filter_map(|(known, _, _)| read(known)).collect()
}

fn in_body(rule: &RateRule, body: Option<&Value>, now: Timestamp) -> Option<(Timestamp, String)> {
    let place = rule.in_body.as_ref()?;
    let found = plain(place.path.find(body?)?);
    Some((value::within(&found, place.meaning, place.unit, now)?, place.path.to_string()))
}

/// All budgets that an answer tells of.
fn budgets(headers: &HeaderMap, rules: &[&RateRule], now: Timestamp) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for (known, remaining_name, limit_name) in RESET {
        let Some(remaining) = count(headers, remaining_name) else { continue };
        let resets_at =
            text(headers, known.name).and_then(|text| value::until(text, known.meaning, known.unit, now));
        if let Some(same) = all.iter_mut().find(|told| told.header == *remaining_name) {
            same.resets_at = same.resets_at.max(resets_at);
            continue;
        }
        let limit = count(headers, limit_name);
        all.push(Told { limit, remaining, resets_at, header: (*remaining_name).to_owned() });
    }
    for name in rules.iter().flat_map(|rule| &rule.remaining_headers) {
        if let Some(remaining) = count(headers, name) {
            let waits = retry_headers(headers, rules, now);
            let resets_at = waits.into_iter().map(|(at, _)| at).max();
            all.push(Told { limit: None, remaining, resets_at, header: name.to_ascii_lowercase() });
        }
    }
    all.extend(text(headers, COMBINED).and_then(|text| combined(text, now)));
    all
}

/// The one header of the IETF's drafts, in both of its forms.
fn combined(text: &str, now: Timestamp) -> Option<Told> {
    let parts = text.split([',', ';']).filter_map(|part| part.trim().split_once('='));
    let (mut limit, mut remaining, mut resets_at) = (None, None, None);
    for (name, given) in parts {
        match name.trim() {
            "limit" => limit = given.trim().parse().ok(),
            "remaining" | "r" => remaining = given.trim().parse().ok(),
            "reset" | "t" => resets_at = value::until(given, WaitMeaning::After, WaitUnit::Seconds, now),
            _ => {}
        }
    }
    Some(Told { limit, remaining: remaining?, resets_at, header: COMBINED.to_owned() })
}

#[cfg(test)]
mod tests;
