//! A request to the address of a trigger.

use super::address::FoundTrigger;
use super::answer::TriggerAnswer;
use super::arguments::{self, Known};
use super::start::Start;
use super::state::FiringOutcome;
use crate::builder::Engine;
use crate::callbacks::BroughtRequest;
use sluis_invoke::{AnswerView, decode};
use sluis_lang::value::data::Data;
use sluis_model::answer::AnswerForm;
use sluis_model::error::{Failure, Reason};
use sluis_model::run::RunStatus;
use sluis_model::trigger::Trigger;
use sluis_model::trigger_spec::{Occasion, REQUEST_VARIABLES, UrlAnswer, UrlRule};

/// Headers that hold a secret of whoever asks, or are between them and whoever forwards for them.
const LEFT_OUT: &[&str] = &["authorization", "cookie", "proxy-authorization", "forwarded", "host"];

impl Engine {
    /// Takes a request that came to the address of a trigger.
    ///
    /// # Errors
    /// `not_found` for a method that is not taken, `denied` for a wrong signature, `invalid_input` for what the
    /// function cannot be given, `function_failed` where its value is waited for.
    pub async fn receive_trigger(
        &self,
        found: &FoundTrigger,
        request: &BroughtRequest,
    ) -> Result<TriggerAnswer, Failure> {
        let (org, name) = (&found.org, &found.trigger.name);
        let received = match &found.trigger.spec.on {
            Occasion::Url(rule) => self.receive_url(found, rule, request).await,
            Occasion::Webhook(rule) => self.receive_webhook(found, rule, request).await,
            Occasion::Schedule(_) | Occasion::Event(_) => {
                return Err(Failure::new(Reason::NotFound, "nothing listens at this address"));
            }
        };
        if let Err(failure) = &received {
            let why = failure.message.clone();
            let outcome = match failure.reason {
                Reason::Denied | Reason::NotFound | Reason::InvalidInput => FiringOutcome::Refused { why },
                _ => FiringOutcome::Failed { why },
            };
            tracing::info!(%org, trigger = %name, reason = failure.reason.as_str(), "a request to a trigger was refused");
            self.note_firing(org, name, outcome).await;
        }
        received
    }

    async fn receive_url(
        &self,
        found: &FoundTrigger,
        rule: &UrlRule,
        request: &BroughtRequest,
    ) -> Result<TriggerAnswer, Failure> {
        if !rule.methods.iter().any(|method| method.as_str() == request.method.as_str()) {
            let taken: Vec<_> = rule.methods.iter().map(|method| method.as_str()).collect();
            let text = format!("this address takes {}", taken.join(" and "));
            return Err(Failure::new(Reason::NotFound, text));
        }
        let known = known(request, &[]);
        let (org, trigger) = (&found.org, &found.trigger);
        if lets_by(rule.when.as_deref(), &known) {
            self.skip_request(found).await;
            return Ok(TriggerAnswer::taken(202, None));
        }
        let start = Start { org, trigger, by: Trigger::Url, dedupe: None };
        if rule.answer == UrlAnswer::Accepted {
            let (run, _) = self.start_run(start, &known).await?;
            return Ok(TriggerAnswer::taken(202, Some(&run)));
        }
        let end = self.run_now(start, &known).await?;
        let id = end.run.id.clone();
        self.note_firing(org, &trigger.name, FiringOutcome::Started { run: id.clone() }).await;
        match (&end.run.status, &end.value) {
            (_, Some(value)) if rule.answer == UrlAnswer::Response => Ok(TriggerAnswer::said(value)),
            (_, Some(value)) => Ok(TriggerAnswer::value(value)),
            // What went wrong in it is for its owner to read.
            (RunStatus::Failed { .. } | RunStatus::Interrupted, _) => {
                Err(Failure::new(Reason::FunctionFailed, "the function behind this address failed")
                    .help(format!("its owner finds the cause in the run {id}")))
            }
            // It waits for a person, or for its turn.
            _ => Ok(TriggerAnswer::taken(202, Some(&id))),
        }
    }

    /// Remembers a request that does not count.
    pub(super) async fn skip_request(&self, found: &FoundTrigger) {
        let why = "`when` says that it does not count".to_owned();
        self.note_firing(&found.org, &found.trigger.name, FiringOutcome::Skipped { why }).await;
    }
}

/// Whether a condition lets a request go by.
pub(super) fn lets_by(when: Option<&str>, known: &Known) -> bool {
    when.is_some_and(|when| !arguments::holds("when", when, REQUEST_VARIABLES, known))
}

/// What expressions read of a request. Headers that are secret are left out, and so are those that are named.
pub(super) fn known(request: &BroughtRequest, hidden: &[&str]) -> Known {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &request.headers {
        let name = name.as_str();
        let is_secret =
            LEFT_OUT.contains(&name) || hidden.iter().any(|hidden| name.eq_ignore_ascii_case(hidden));
        if let (Ok(value), false) = (value.to_str(), is_secret) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let body = AnswerView { status: 200, headers: &headers, body: &request.body, text: &text, url: "" };
    // What cannot be read by its type is there as text.
    let body = decode(&body, AnswerForm::Auto).unwrap_or_else(|_| Data::Text(text.clone()));
    let query = AnswerView { status: 200, headers: &[], body: &[], text: &request.query, url: "" };
    let query = match decode(&query, AnswerForm::Form) {
        Ok(query) if !query.is_null() => query,
        _ => Data::Map(Vec::new()),
    };
    let mut known = vec![
        ("method".to_owned(), Data::Text(request.method.as_str().to_owned())),
        ("query".to_owned(), query),
        ("headers".to_owned(), Data::map(headers.into_iter().map(|(name, value)| (name, Data::Text(value))))),
        ("body".to_owned(), body),
        ("text".to_owned(), Data::Text(text)),
    ];
    known.push(("request".to_owned(), Data::map(known.clone())));
    known
}
