//! What an explanation says of pace and repetition.

use serde_json::{Value, json};
use sluis_invoke::CompiledApi;
use sluis_invoke::limiter::{Budget, LearnedFrom};
use sluis_invoke::retry::Repeatable;
use sluis_model::connector::Effect;
use sluis_model::explanation::Repeat;

/// When the call would be sent again by itself, and when not.
pub(super) fn repeats(api: &CompiledApi, effect: Effect, needs_credential: bool) -> Vec<Repeat> {
    let refused = Repeat {
        when: if api.is_mail() { "a refused sign-in" } else { "401 from the service" }.to_owned(),
        again: needs_credential,
        why: match needs_credential {
            true => "once, after a renewal or with the answer to its challenge: it refused before it acted",
            false => "there is no credential that could be renewed",
        }
        .to_owned(),
    };
    let Some(rule) = api.manners.retry.as_ref().filter(|rule| rule.attempts > 1) else {
        let why = "neither the API nor its connector declares `retry`".to_owned();
        return vec![refused, Repeat { when: "any other failure".to_owned(), again: false, why }];
    };
    let name = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let on: Vec<String> = rule.on.iter().filter_map(|on| serde_json::to_value(on).ok()).map(name).collect();
    let has_key = api.manners.idempotency.is_some();
    let again = Repeatable::of(effect, has_key).is_safe();
    let why = match (again, has_key) {
        (true, true) => "its idempotency key tells the service a repeated call from a new one",
        (true, false) => "it only reads",
        (false, _) => {
            "it may have acted, and no key would tell; only what surely has not acted is sent again"
        }
    };
    let why = format!("{why}; {} tries in all", rule.attempts);
    vec![refused, Repeat { when: on.join(", "), again, why }]
}

/// How the tightest budget of the call stands.
pub(super) fn budget(budget: &Budget) -> Value {
    let known_from = match &budget.learned_from {
        LearnedFrom::Nothing => "nothing".to_owned(),
        LearnedFrom::Definition => "definition".to_owned(),
        LearnedFrom::Answer { header } => format!("answer, {header}"),
    };
    json!({
        "remaining": budget.remaining,
        "limit": budget.limit,
        "resets_in": budget.resets_in,
        "waiting": budget.waiting,
        "known_from": known_from,
    })
}
