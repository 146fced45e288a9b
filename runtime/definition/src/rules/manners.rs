//! What retries, rates and idempotency say together, which no schema can.

use crate::problem::Problems;
use crate::tree::Cursor;
use serde::de::DeserializeOwned;
use sluis_model::idempotency::Idempotency;
use sluis_model::rate::RateRule;
use sluis_model::retry::{RetryOn, RetryRule};
use sluis_model::suggest::nearest;
use sluis_model::task::AnswerPath;

/// Checks them where they stand: at the root, or in an API.
pub(super) fn check(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    fits::<RetryRule>(at, "retry", RetryRule::fault, problems);
    fits::<RateRule>(at, "rate", RateRule::fault, problems);
    fits::<Idempotency>(at, "idempotency", Idempotency::fault, problems);
    for reason in at.get("retry").and_then(|retry| retry.get("on")).iter().flat_map(Cursor::items) {
        worth_it(&reason, problems);
    }
    let rate = at.get("rate");
    let conditions = rate.as_ref().and_then(|rate| rate.get("limited_when"));
    let places = conditions.iter().flat_map(Cursor::items).filter_map(|when| when.get("path"));
    let in_body = rate.and_then(|rate| rate.get("in_body")).and_then(|place| place.get("path"));
    let field = at.get("idempotency").and_then(|rule| rule.get("field"));
    for place in places.chain(in_body).chain(field) {
        if let Some(Err(error)) = place.text().map(str::parse::<AnswerPath>) {
            problems.add(&place, error.to_string(), None);
        }
    }
}

/// Whether the parts fit together; what is of the wrong shape is the schema's to tell.
fn fits<T: DeserializeOwned>(
    at: &Cursor<'_>,
    name: &str,
    fault: impl Fn(&T) -> Option<String>,
    problems: &mut Problems<'_>,
) {
    let Some(at) = at.get(name) else { return };
    if let Some(why) = serde_json::from_value(at.to_json()).ok().and_then(|rule: T| fault(&rule)) {
        problems.add(&at, format!("`{}`: {why}", at.path()), None);
    }
}

/// What is worth another try.
fn worth_it(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Err(error) = serde_json::from_value::<RetryOn>(at.to_json()) else { return };
    let near = at.text().and_then(|word| nearest(word, ["network", "timeout"]));
    problems.add(at, error.to_string(), near.map(|near| format!("did you mean `{near}`?")));
}
