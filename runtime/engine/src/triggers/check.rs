//! What is wrong with a trigger, told when it is stored and not when it fires.

use super::calendar::Calendar;
use crate::builder::Engine;
use sluis_auth::signed_request;
use sluis_definition::webhooks;
use sluis_lang::expression::Expression;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::suggest;
use sluis_model::trigger_spec::{
    Challenge, EventRule, Occasion, TriggerSpec, UrlRule, WebhookRule, WebhookScheme,
};

/// Most arguments of a trigger.
const ARGUMENTS: usize = 100;
/// Longest expression.
const LONGEST: usize = 2_000;
/// Most requests a minute that can be allowed.
const PER_MINUTE: u32 = 600_000;

impl Engine {
    /// Looks at all of a trigger.
    pub(super) async fn check_trigger(&self, org: &OrgId, spec: &TriggerSpec) -> Result<(), Failure> {
        let function = self.function(org, &spec.function).await?;
        match &spec.on {
            Occasion::Url(rule) => check_url(rule)?,
            Occasion::Webhook(rule) => check_webhook(rule)?,
            Occasion::Schedule(rule) => drop(Calendar::of(rule, self.now())?),
            Occasion::Event(rule) => check_event(rule)?,
        }
        let Some(args) = &spec.args else { return Ok(()) };
        if args.len() > ARGUMENTS {
            return Err(refused(format!("a function is given at most {ARGUMENTS} arguments")));
        }
        for (name, text) in args {
            if !function.inputs.contains(name) {
                let help = suggest::help(name, &function.inputs, "inputs of the function");
                let text = format!("the function `{}` has no input `{name}`", spec.function);
                return Err(refused(text).help(help));
            }
            expression(&format!("args.{name}"), text, spec.on.variables())?;
        }
        Ok(())
    }
}

fn check_url(rule: &UrlRule) -> Result<(), Failure> {
    if rule.methods.is_empty() {
        return Err(
            refused("`on.url.methods` is empty, so nothing would be taken").help("leave it out for POST")
        );
    }
    check_rate(rule.per_minute)?;
    optional("on.url.when", rule.when.as_deref(), Occasion::variables(&Occasion::Url(rule.clone())))
}

fn check_rate(per_minute: u32) -> Result<(), Failure> {
    if (1..=PER_MINUTE).contains(&per_minute) {
        return Ok(());
    }
    Err(refused(format!("`per_minute` is {per_minute}; 1 to {PER_MINUTE} requests a minute can be taken")))
}

fn check_webhook(rule: &WebhookRule) -> Result<(), Failure> {
    check_rate(rule.per_minute)?;
    let variables = sluis_model::trigger_spec::REQUEST_VARIABLES;
    optional("on.webhook.when", rule.when.as_deref(), variables)?;
    let scheme = scheme_of(rule)?;
    let own = |part: &str| format!("on.webhook.scheme.{part}");
    if let Some(signature) = &scheme.signature {
        signed_request::check(signature).map_err(|why| refused(format!("{}: {why}", own("signature"))))?;
    }
    if !(200..=299).contains(&scheme.status) {
        return Err(refused(format!("{} is {}; a yes is 200 to 299", own("status"), scheme.status)));
    }
    optional(&own("token"), scheme.token.as_deref(), variables)?;
    optional(&own("delivery"), scheme.delivery.as_deref(), variables)?;
    for (at, challenge) in scheme.challenges.iter().enumerate() {
        check_challenge(&own(&format!("challenges[{at}]")), challenge, variables)?;
    }
    Ok(())
}

fn check_challenge(place: &str, challenge: &Challenge, variables: &[&str]) -> Result<(), Failure> {
    expression(&format!("{place}.when"), &challenge.when, variables)?;
    optional(&format!("{place}.token"), challenge.token.as_deref(), variables)?;
    let proof = challenge.prove.as_ref().map(|proof| proof.of.as_str());
    optional(&format!("{place}.prove.of"), proof, variables)?;
    let with_proof: Vec<&str> = variables.iter().copied().chain(["proof"]).collect();
    expression(&format!("{place}.answer"), &challenge.answer, &with_proof).map(drop)
}

fn check_event(rule: &EventRule) -> Result<(), Failure> {
    match rule.events.is_empty() {
        true => Err(refused("`on.event.events` is empty, so nothing would start the function")),
        false => Ok(()),
    }
}

/// The scheme of a webhook.
///
/// # Errors
/// A name that is none, or both or neither of a name and a scheme.
pub(super) fn scheme_of(rule: &WebhookRule) -> Result<&WebhookScheme, Failure> {
    match (&rule.preset, &rule.scheme) {
        (Some(name), None) => webhooks::preset(name).ok_or_else(|| {
            let known: Vec<String> = webhooks::presets().iter().map(|(name, _)| (*name).to_owned()).collect();
            refused(format!("there is no preset `{name}`")).help(suggest::help(name, &known, "presets"))
        }),
        (None, Some(scheme)) => Ok(scheme),
        _ => Err(refused("a webhook has either `preset` or `scheme`").help(
            "`preset: github`; `sluis trigger presets` lists what there is, `address` is for senders that do not sign",
        )),
    }
}

fn optional(place: &str, text: Option<&str>, variables: &[&str]) -> Result<(), Failure> {
    text.map_or(Ok(()), |text| expression(place, text, variables).map(drop))
}

/// Compiles an expression that stands somewhere in a trigger.
pub(super) fn expression(place: &str, text: &str, variables: &[&str]) -> Result<Expression, Failure> {
    if text.len() > LONGEST {
        return Err(refused(format!("`{place}` has more than {LONGEST} characters")));
    }
    Expression::compile(text, variables).map_err(|found| {
        let first = found.first();
        let why = first.map_or_else(|| "it is no expression".to_owned(), |found| found.message.clone());
        let help = first.and_then(|found| found.help.clone());
        let known = format!("it may read {}", variables.join(", "));
        refused(format!("`{place}`: {why}"))
            .help(help.map_or(known.clone(), |help| format!("{help}; {known}")))
    })
}

pub(super) fn refused(why: impl Into<String>) -> Failure {
    Failure::new(Reason::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn said(rule: Value) -> Option<String> {
        let rule: WebhookRule = serde_json::from_value(rule).unwrap();
        check_webhook(&rule)
            .err()
            .map(|failure| format!("{} {}", failure.message, failure.help.unwrap_or_default()))
    }

    #[test]
    fn every_scheme_that_is_known_by_name_keeps_to_the_rules() {
        for (name, scheme) in webhooks::presets() {
            assert_eq!(said(json!({ "preset": name })), None, "{name}");
            assert_eq!(said(json!({ "scheme": scheme })), None, "{name}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_scheme_is_told_with_its_place() {
        let scheme = |more: Value| {
            let mut scheme = json!({ "title": "t" });
            scheme.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "scheme": scheme })
        };
        for (rule, words) in [
            (json!({}), "either `preset` or `scheme`"),
            (json!({ "preset": "github", "per_minute": 0 }), "`per_minute` is 0"),
            (json!({ "preset": "github", "when": "bdoy.get(1)" }), "`on.webhook.when`"),
            (scheme(json!({ "status": 500 })), "200 to 299"),
            (scheme(json!({ "signature": { "header": "X", "sign": "${bdoy}" } })), "`body`"),
            (scheme(json!({ "token": "headers.get(" })), "scheme.token"),
            (scheme(json!({ "challenges": [{ "when": "true", "answer": "prof" }] })), "challenges[0].answer"),
        ] {
            let said = said(rule.clone()).unwrap();
            assert!(said.contains(words), "{rule}: {said}");
        }
    }
}
