//! An answer that the service brings by itself: how long it is waited for, what must be true of what it
//! brings, and when that is the last. Sends nothing and waits for nothing itself.

use crate::answer_rules::{Look, PartFault, expression};
use crate::decode::AnswerView;
use crate::definition_error::DefinitionFault;
use crate::later::{Begins, Progress};
use serde_json::{Map, Value};
use sluis_auth::signed_request;
use sluis_lang::expression::Expression;
use sluis_model::answer::{AnswerForm, AsyncAnswer};
use sluis_model::callback::{CLIENT_SECRET, CallbackMethod, CallbackRule, CallbackSignature};
use sluis_model::connector::AuthConfig;
use std::time::Duration;

/// The rules of one API.
#[derive(Debug, Clone)]
pub struct CalledBack {
    begins: Begins,
    form: AnswerForm,
    /// The method of the service's request.
    pub method: CallbackMethod,
    /// How long it is waited for.
    pub at_most: Duration,
    /// How the service signs its request.
    pub signature: Option<CallbackSignature>,
    matches: Option<(Expression, Expression)>,
    done_when: Option<Expression>,
    failed_when: Option<Expression>,
    result: Option<Expression>,
}

impl CalledBack {
    /// Compiles the rules; `auth` tells what a connection holds.
    pub(crate) fn compile(
        later: &AsyncAnswer,
        rule: &CallbackRule,
        form: AnswerForm,
        auth: &AuthConfig,
    ) -> Result<Self, PartFault> {
        let compiled = |name: &str, text: &String| expression(&format!("async.callback.{name}"), text);
        let optional =
            |name: &str, text: &Option<String>| text.as_ref().map(|text| compiled(name, text)).transpose();
        if let Some(signature) = &rule.signature {
            check_signature(signature, auth)?;
        }
        let matches = match &rule.matches {
            Some(both) => {
                Some((compiled("match.answer", &both.answer)?, compiled("match.callback", &both.callback)?))
            }
            None => None,
        };
        Ok(Self {
            begins: Begins::compile(later, form)?,
            form,
            method: rule.method,
            at_most: Duration::from_secs(u64::from(rule.at_most_s.max(1))),
            signature: rule.signature.clone(),
            matches,
            done_when: optional("done_when", &rule.done_when)?,
            failed_when: optional("failed_when", &rule.failed_when)?,
            result: optional("result", &rule.result)?,
        })
    }

    /// Whether the first answer says that the real one comes later.
    pub fn begins(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> bool {
        self.begins.hold(answer, inputs)
    }

    /// Whether the first answer must be known before it can be told that what the service brings belongs to it.
    pub fn compares(&self) -> bool {
        self.matches.is_some()
    }

    /// Whether what the service brings belongs to the first answer. What is nowhere belongs to nothing.
    pub fn belongs(
        &self,
        first: &AnswerView<'_>,
        brought: &AnswerView<'_>,
        inputs: &Map<String, Value>,
    ) -> bool {
        let Some((answer, callback)) = &self.matches else { return true };
        let wanted = Look::at(first, inputs, self.form).evaluate("async.callback.match.answer", answer);
        let given = Look::at(brought, inputs, self.form).evaluate("async.callback.match.callback", callback);
        match (wanted, given) {
            (Some(wanted), Some(given)) if !wanted.is_null() => {
                // Services write the same number as a number here and as a text there.
                let text = |data: &sluis_lang::value::data::Data| {
                    data.as_str().map_or_else(|| data.to_json(), str::to_owned)
                };
                text(&wanted) == text(&given)
            }
            _ => false,
        }
    }

    /// What it says.
    pub fn progress(&self, brought: &AnswerView<'_>, inputs: &Map<String, Value>) -> Progress {
        let mut look = Look::at(brought, inputs, self.form);
        let mut holds = |part: &str, when: &Option<Expression>| {
            when.as_ref().map(|when| look.holds(&format!("async.callback.{part}"), when))
        };
        if holds("failed_when", &self.failed_when) == Some(true) {
            return Progress::Failed;
        }
        if holds("done_when", &self.done_when) == Some(false) {
            return Progress::Pending;
        }
        let value = self.result.as_ref().and_then(|result| look.evaluate("async.callback.result", result));
        Progress::Done(value)
    }
}

/// What no schema can say of a signature: the key must be one that a connection has.
fn check_signature(signature: &CallbackSignature, auth: &AuthConfig) -> Result<(), PartFault> {
    let bad = |part: &str, why: String| {
        Err((format!("async.callback.signature.{part}"), DefinitionFault::BadExpression { why }))
    };
    if let Err(why) = signed_request::check(&signature.rule) {
        return bad("sign", why);
    }
    let mut known: Vec<String> = Vec::new();
    for config in auth.all() {
        let scheme = sluis_auth::scheme_of(config);
        known.extend(scheme.fields().into_iter().map(|field| field.name));
        known.extend(scheme.client().map(|_| CLIENT_SECRET.to_owned()));
    }
    if known.contains(&signature.key) {
        return Ok(());
    }
    known.sort();
    known.dedup();
    let help = match known.is_empty() {
        true => "the connections of this connector hold no secret".to_owned(),
        false => sluis_model::suggest::help(&signature.key, &known, "secrets of a connection"),
    };
    bad("key", format!("a connection holds nothing called `{}`; {help}", signature.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(callback: Value) -> CalledBack {
        let later: AsyncAnswer = serde_json::from_value(json!({ "callback": callback })).unwrap();
        let rule = later.callback.clone().unwrap();
        CalledBack::compile(&later, &rule, AnswerForm::Auto, &AuthConfig::None {}).unwrap()
    }

    fn view(text: &str) -> AnswerView<'_> {
        AnswerView { status: 200, headers: &[], body: text.as_bytes(), text, url: "" }
    }

    #[test]
    fn the_first_request_is_the_last_unless_the_definition_says_otherwise() {
        let none = Map::new();
        assert_eq!(rules(json!({})).progress(&view("{}"), &none), Progress::Done(None));
        let rules = rules(json!({
            "done_when": "body.get(\"state\") == \"done\"", "failed_when": "body.get(\"state\") == \"failed\"",
            "result": "body.get(\"url\")"
        }));
        let said = |text: &str| rules.progress(&view(text), &none);
        assert_eq!(said(r#"{"state":"running"}"#), Progress::Pending);
        assert_eq!(said(r#"{"state":"failed"}"#), Progress::Failed);
        assert_eq!(said(r#"{"state":"done","url":"u"}"#), Progress::Done(Some("u".into())));
    }

    #[test]
    fn what_belongs_to_another_answer_or_to_none_does_not_belong() {
        let none = Map::new();
        let rules = rules(json!({"match": {"answer": "body.get(\"id\")", "callback": "body.get(\"job\")"}}));
        let belongs = |first: &str, brought: &str| rules.belongs(&view(first), &view(brought), &none);
        assert!(belongs(r#"{"id":7}"#, r#"{"job":"7"}"#));
        for (first, brought) in
            [(r#"{"id":7}"#, r#"{"job":8}"#), (r#"{"id":7}"#, "{}"), ("{}", "{}"), ("<html>", r#"{"job":7}"#)]
        {
            assert!(!belongs(first, brought), "{first} {brought}");
        }
    }
}
