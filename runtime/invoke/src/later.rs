//! An answer that comes later, asked for until it is there: when it does, where it is asked for, how
//! long is waited, and when it is the last. Sends nothing and waits for nothing itself.

use crate::answer_rules::{Look, PartFault, expression};
use crate::decode::AnswerView;
use serde_json::{Map, Value};
use sluis_lang::expression::Expression;
use sluis_lang::value::data::Data;
use sluis_model::answer::{AnswerForm, AsyncAnswer, Poll};
use std::time::Duration;
use url::Url;

/// Longest that a `Retry-After` may make us wait at once.
const PAUSE_AT_MOST: Duration = Duration::from_secs(300);

/// The rules of one API.
#[derive(Debug, Clone)]
pub struct Later {
    form: AnswerForm,
    begins: Begins,
    poll: CompiledPoll,
}

/// When a first answer says that the real one comes later.
#[derive(Debug, Clone)]
pub(crate) struct Begins {
    form: AnswerForm,
    when: Option<Expression>,
}

impl Begins {
    /// Compiles the rule.
    pub(crate) fn compile(later: &AsyncAnswer, form: AnswerForm) -> Result<Self, PartFault> {
        let when = later.when.as_ref().map(|text| expression("async.when", text)).transpose()?;
        Ok(Self { form, when })
    }

    /// Whether it does.
    pub(crate) fn hold(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> bool {
        match &self.when {
            Some(when) => Look::at(answer, inputs, self.form).holds("async.when", when),
            None => answer.status == 202,
        }
    }
}

#[derive(Debug, Clone)]
struct CompiledPoll {
    url: Option<Expression>,
    api: Option<String>,
    inputs: Vec<(String, Expression)>,
    every: Duration,
    at_most: Duration,
    done_when: Option<Expression>,
    failed_when: Option<Expression>,
    result: Option<Expression>,
}

/// Where an answer is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Where {
    /// At an address, which need not lie on a declared host.
    Url(Url),
    /// By another API of the connector, with these inputs.
    Api(String, Map<String, Value>),
}

/// What one more answer says.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It is the last; with what scripts get of it, where that is told apart.
    Done(Option<Data>),
    /// There will be none.
    Failed,
    /// It is to be asked for again.
    Pending,
}

impl Later {
    /// Compiles the rules.
    pub(crate) fn compile(later: &AsyncAnswer, poll: &Poll, form: AnswerForm) -> Result<Self, PartFault> {
        Ok(Self { form, begins: Begins::compile(later, form)?, poll: CompiledPoll::compile(poll)? })
    }

    /// Whether the first answer says that the real one comes later.
    pub fn begins(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> bool {
        self.begins.hold(answer, inputs)
    }

    /// Where it is asked for; `base` is the address of the call.
    ///
    /// # Errors
    /// What the first answer lacks.
    pub fn place(
        &self,
        answer: &AnswerView<'_>,
        inputs: &Map<String, Value>,
        base: &Url,
    ) -> Result<Where, String> {
        let mut look = Look::at(answer, inputs, self.form);
        if let Some(api) = &self.poll.api {
            let mut given = Map::new();
            for (name, expression) in &self.poll.inputs {
                let value = look.evaluate(&format!("async.poll.inputs.{name}"), expression);
                let value = value.map(|value| value.to_json()).unwrap_or_default();
                given.insert(name.clone(), serde_json::from_str(&value).unwrap_or_default());
            }
            return Ok(Where::Api(api.clone(), given));
        }
        let told = match &self.poll.url {
            Some(url) => {
                look.evaluate("async.poll.url", url).and_then(|value| value.as_str().map(str::to_owned))
            }
            None => answer.header("location").map(str::to_owned),
        };
        let told = told.filter(|text| !text.trim().is_empty());
        let told = told.ok_or_else(|| match (&self.poll.url, look.notes.first()) {
            (_, Some(note)) => note.clone(),
            (Some(_), None) => "the expression `async.poll.url` gave no address".to_owned(),
            (None, None) => "the answer has no header `Location`".to_owned(),
        })?;
        base.join(told.trim()).map(Where::Url).map_err(|_| "what it tells is no address".to_owned())
    }

    /// What one more answer says.
    pub fn progress(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> Progress {
        let mut look = Look::at(answer, inputs, self.form);
        if self.poll.failed_when.as_ref().is_some_and(|when| look.holds("async.poll.failed_when", when)) {
            return Progress::Failed;
        }
        let done = match &self.poll.done_when {
            // An error does not become the answer by and by.
            Some(when) => look.holds("async.poll.done_when", when) || is_final_error(answer.status),
            None => answer.status != 202 && !matches!(answer.status, 429 | 503),
        };
        if !done {
            return Progress::Pending;
        }
        let result = self.poll.result.as_ref().filter(|_| answer.status < 400);
        Progress::Done(result.and_then(|result| look.evaluate("async.poll.result", result)))
    }

    /// How long to wait before the next question: what `Retry-After` says in seconds, else what the
    /// definition says.
    pub fn pause(&self, answer: &AnswerView<'_>) -> Duration {
        let told = answer.header("retry-after").and_then(|text| text.trim().parse::<u64>().ok());
        told.map_or(self.poll.every, |seconds| Duration::from_secs(seconds.max(1)).min(PAUSE_AT_MOST))
    }

    /// How long is waited in all.
    pub fn at_most(&self) -> Duration {
        self.poll.at_most
    }
}

/// Whether a status says for good that there is nothing.
fn is_final_error(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 404 | 408 | 409 | 425 | 429)
}

impl CompiledPoll {
    fn compile(poll: &Poll) -> Result<Self, PartFault> {
        let optional = |name: &str, text: &Option<String>| {
            text.as_ref().map(|text| expression(&format!("async.poll.{name}"), text)).transpose()
        };
        let inputs = poll
            .inputs
            .iter()
            .map(|(name, text)| Ok((name.clone(), expression(&format!("async.poll.inputs.{name}"), text)?)));
        Ok(Self {
            url: optional("url", &poll.url)?,
            api: poll.api.clone(),
            inputs: inputs.collect::<Result<_, _>>()?,
            every: Duration::from_secs(u64::from(poll.every_s.max(1))),
            at_most: Duration::from_secs(u64::from(poll.at_most_s.max(1))),
            done_when: optional("done_when", &poll.done_when)?,
            failed_when: optional("failed_when", &poll.failed_when)?,
            result: optional("result", &poll.result)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn later(fields: Value) -> Later {
        let later: AsyncAnswer = serde_json::from_value(fields).unwrap();
        Later::compile(&later, &later.poll.clone().unwrap(), AnswerForm::Auto).unwrap()
    }

    fn with_answer<T>(
        status: u16,
        headers: &[(&str, &str)],
        text: &str,
        look: impl FnOnce(&AnswerView<'_>) -> T,
    ) -> T {
        let pairs = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let headers: Vec<(String, String)> = pairs.collect();
        look(&AnswerView { status, headers: &headers, body: text.as_bytes(), text, url: "" })
    }

    #[test]
    fn the_usual_is_202_and_a_location() {
        let (rules, none) = (later(json!({"poll": {}})), Map::new());
        let base: Url = "https://x.example/jobs?a=1".parse().unwrap();
        with_answer(202, &[("location", "/jobs/7"), ("retry-after", "9")], "", |first| {
            assert!(rules.begins(first, &none));
            let place = rules.place(first, &none, &base).unwrap();
            assert_eq!(place, Where::Url("https://x.example/jobs/7".parse().unwrap()));
            assert_eq!(rules.pause(first), Duration::from_secs(9));
            assert_eq!(rules.progress(first, &none), Progress::Pending);
        });
        with_answer(202, &[], "", |first| {
            assert!(rules.place(first, &none, &base).unwrap_err().contains("Location"));
        });
        with_answer(200, &[], "", |last| {
            assert!(!rules.begins(last, &none));
            assert_eq!(rules.progress(last, &none), Progress::Done(None));
            assert_eq!(rules.pause(last), Duration::from_secs(2));
        });
    }

    #[test]
    fn expressions_say_where_and_until_when() {
        let rules = later(json!({
            "when": "body.get(\"state\") == \"queued\"",
            "poll": {"api": "state", "inputs": {"Id": "body.get(\"id\")"}, "done_when": "body.get(\"state\") == \"done\"",
                     "failed_when": "body.get(\"state\") == \"failed\"", "result": "body.get(\"url\")"}
        }));
        let none = Map::new();
        let base: Url = "https://x.example/".parse().unwrap();
        let said =
            |status: u16, text: &str| with_answer(status, &[], text, |answer| rules.progress(answer, &none));
        with_answer(200, &[], r#"{"state":"queued","id":7}"#, |first| {
            assert!(rules.begins(first, &none));
            let given = Map::from_iter([("Id".to_owned(), json!(7))]);
            assert_eq!(rules.place(first, &none, &base).unwrap(), Where::Api("state".into(), given));
        });
        assert_eq!(said(200, r#"{"state":"running"}"#), Progress::Pending);
        assert_eq!(said(200, r#"{"state":"failed"}"#), Progress::Failed);
        assert_eq!(said(200, r#"{"state":"done","url":"u"}"#), Progress::Done(Some("u".into())));
        assert_eq!(said(403, "{}"), Progress::Done(None));
    }
}
