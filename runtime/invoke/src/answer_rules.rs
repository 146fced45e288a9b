//! What an API's author says of its answers, compiled once: how they are read, what scripts get, which
//! are errors.
//!
//! An expression that fails while an answer is looked at never hides that answer: what it would have
//! said stays unsaid, and a note tells which one failed and why.

use crate::decode::{AnswerView, decode};
use crate::definition_error::DefinitionFault;
use crate::each_entry::EachRule;
use serde_json::{Map, Value};
use sluis_definition::MessageTemplate;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::expression::Expression;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, Limits};
use sluis_model::answer::{
    AnswerForm, ApiAnswers, EXPRESSION_VARIABLES, ErrorRule, Retry, When, Who, is_status_class,
};
use sluis_model::error::{FailedAnswer, Failure, Reason};

/// What one look at an answer may cost.
pub(crate) const LIMITS: Limits = Limits { fuel: 2_000_000, depth: 50, ..Limits::server() };
/// The code of an error that no rule names.
const UNNAMED: &str = "service_error";

/// The rules of one API.
#[derive(Debug, Clone)]
pub struct AnswerRules {
    form: AnswerForm,
    /// Whether scripts get a value rather than the text of the body.
    is_mapped: bool,
    result: Option<Expression>,
    each: Option<EachRule>,
    /// With its place in the definition.
    error_when: Option<(&'static str, Expression)>,
    errors: Vec<CompiledRule>,
}

#[derive(Debug, Clone)]
struct CompiledRule {
    /// Its place in the definition.
    part: String,
    when: Vec<Condition>,
    message: Option<MessageTemplate>,
    retry: Condition,
    code: String,
    who: Option<Who>,
    reauthorize: bool,
}

#[derive(Debug, Clone)]
enum Condition {
    Always(bool),
    Status(u16),
    /// The first digit of the status.
    Class(u16),
    Holds(Expression),
}

/// What an answer means.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    /// What scripts get in place of the text of the body.
    pub value: Option<Data>,
    /// The error that it is.
    pub error: Option<ServiceError>,
    /// What could not be found out, for the record of the call.
    pub notes: Vec<String>,
}

/// An error that the service told.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceError {
    /// Its name.
    pub code: String,
    /// What is told.
    pub message: String,
    /// Who can mend it.
    pub who: Option<Who>,
    /// Whether the same call may succeed later.
    pub retry: bool,
    /// Whether it says that the credential is no longer good.
    pub reauthorize: bool,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body.
    pub body: Data,
}

impl ServiceError {
    /// As the failure of a call of `api`.
    pub fn into_failure(self, api: &str) -> Failure {
        let reason = if self.reauthorize { Reason::NeedsReauthorization } else { Reason::ServiceError };
        let mut help: Vec<String> = Vec::new();
        if self.reauthorize {
            help.push("renewing its credential did not help; connect it again".to_owned());
        }
        help.extend(self.who.map(|who| format!("{} can mend it", who.in_words())));
        if self.retry {
            help.push("the same call may succeed later".to_owned());
        }
        let mut failure = Failure::new(reason, format!("{api}: {}", self.message));
        failure.help = (!help.is_empty()).then(|| help.join("; "));
        failure.answer = Some(Box::new(FailedAnswer {
            code: self.code,
            status_code: self.status,
            who: self.who,
            retry: self.retry,
            response: serde_json::from_str(&self.body.to_json()).unwrap_or_default(),
        }));
        failure
    }
}

/// A part of the definition and what is wrong with it.
pub(crate) type PartFault = (String, DefinitionFault);

/// Compiles an expression that stands at a part of an API.
pub(crate) fn expression(part: &str, text: &str) -> Result<Expression, PartFault> {
    Expression::compile(text, EXPRESSION_VARIABLES).map_err(|found| (part.to_owned(), bad(text, &found)))
}

fn optional(part: &str, text: Option<&String>) -> Result<Option<Expression>, PartFault> {
    text.map(|text| expression(part, text)).transpose()
}

pub(crate) fn bad(text: &str, found: &[Diagnostic]) -> DefinitionFault {
    let why = found.first().map_or_else(|| text.to_owned(), |first| first.message.clone());
    DefinitionFault::BadExpression { why }
}

impl AnswerRules {
    /// Compiles the rules of an API; none if it has none.
    pub(crate) fn compile(api: &ApiAnswers<'_>) -> Result<Option<Self>, PartFault> {
        let says_nothing = api.answer.is_none() && api.errors.is_empty();
        if says_nothing && api.shared_errors.is_empty() && api.shared_error_when.is_none() {
            return Ok(None);
        }
        let mapping = api.answer.cloned().unwrap_or_default();
        let errors = api.errors.iter().chain(api.shared_errors).enumerate();
        let errors = errors.map(|(at, rule)| match at.checked_sub(api.errors.len()) {
            None => CompiledRule::compile(format!("errors[{at}]"), rule),
            Some(at) => CompiledRule::compile(format!("the connector's errors[{at}]"), rule),
        });
        let error_when = match (&mapping.error_when, api.shared_error_when) {
            (Some(own), _) => Some(("answer.error_when", own)),
            (None, shared) => shared.map(|shared| ("the connector's error_when", shared)),
        };
        let error_when = error_when.map(|(part, text)| Ok((part, expression(part, text)?))).transpose()?;
        Ok(Some(Self {
            form: mapping.form,
            is_mapped: api.answer.is_some(),
            result: optional("answer.result", mapping.result.as_ref())?,
            each: mapping.each.as_ref().map(EachRule::compile).transpose()?,
            error_when,
            errors: errors.collect::<Result<_, _>>()?,
        }))
    }

    /// What an answer means to a call with these inputs.
    pub fn meaning(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> Meaning {
        let mut look = Look::at(answer, inputs, self.form);
        if let Some(error) = self.error(&mut look) {
            return Meaning { value: None, error: Some(error), notes: look.notes };
        }
        let value = self.is_mapped.then(|| self.mapped(&mut look));
        Meaning { value, error: None, notes: look.notes }
    }

    /// What scripts get of an answer that is no error that a rule names.
    fn mapped(&self, look: &mut Look<'_>) -> Data {
        if look.answer.status >= 400 {
            return look.body().clone();
        }
        let result = match &self.result {
            None => Some(look.body().clone()),
            Some(result) => look.evaluate("answer.result", result),
        };
        match (result, &self.each) {
            (Some(result), None) => result,
            (Some(result), Some(each)) => each.entries(look, result),
            // There is nothing in the root of the document, and so no list either.
            (None, Some(_)) if is_hollow(look.body()) => Data::List(Vec::new()),
            (None, _) => look.body().clone(),
        }
    }

    /// Whether an answer says that the credential is no longer good.
    pub fn asks_for_renewal(&self, answer: &AnswerView<'_>, inputs: &Map<String, Value>) -> bool {
        self.errors.iter().any(|rule| rule.reauthorize)
            && self.error(&mut Look::at(answer, inputs, self.form)).is_some_and(|error| error.reauthorize)
    }

    fn error(&self, look: &mut Look<'_>) -> Option<ServiceError> {
        let hidden = self.error_when.as_ref().is_some_and(|(part, when)| look.holds(part, when));
        let is_error = hidden || look.answer.status >= 400;
        let matched = self.errors.iter().find(|rule| match rule.when.as_slice() {
            [] => is_error,
            conditions => {
                let part = format!("{}.when", rule.part);
                conditions.iter().any(|condition| condition.holds(&part, look))
            }
        });
        let Some(rule) = matched else {
            return hidden.then(|| ServiceError {
                code: UNNAMED.to_owned(),
                message: told(look),
                who: None,
                retry: false,
                reauthorize: false,
                status: look.answer.status,
                body: look.body().clone(),
            });
        };
        let message = rule.message.as_ref().and_then(|message| look.message(&rule.part, message));
        Some(ServiceError {
            code: rule.code.clone(),
            message: message.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| told(look)),
            who: rule.who,
            retry: rule.retry.holds(&format!("{}.retry", rule.part), look),
            reauthorize: rule.reauthorize,
            status: look.answer.status,
            body: look.body().clone(),
        })
    }
}

impl CompiledRule {
    fn compile(part: String, rule: &ErrorRule) -> Result<Self, PartFault> {
        let mut when = Vec::new();
        if let Some(condition) = &rule.when {
            Condition::compile(&format!("{part}.when"), condition, &mut when)?;
        }
        let message = rule.message.as_ref().map(|text| {
            MessageTemplate::compile(text).map_err(|found| (format!("{part}.message"), bad(text, &found)))
        });
        Ok(Self {
            when,
            message: message.transpose()?,
            retry: match &rule.retry {
                Retry::Fixed(flag) => Condition::Always(*flag),
                Retry::When(text) => Condition::Holds(expression(&format!("{part}.retry"), text)?),
            },
            code: rule.code.clone(),
            who: rule.who,
            reauthorize: rule.reauthorize,
            part,
        })
    }
}

impl Condition {
    fn compile(part: &str, when: &When, out: &mut Vec<Self>) -> Result<(), PartFault> {
        match when {
            When::Status(status) => out.push(Self::Status(*status)),
            When::Text(text) if is_status_class(text) => {
                let digit = text.bytes().next().unwrap_or(b'0');
                out.push(Self::Class(u16::from(digit.saturating_sub(b'0'))));
            }
            When::Text(text) => out.push(Self::Holds(expression(part, text)?)),
            When::Any(all) => all.iter().try_for_each(|when| Self::compile(part, when, out))?,
        }
        Ok(())
    }

    fn holds(&self, part: &str, look: &mut Look<'_>) -> bool {
        match self {
            Self::Always(flag) => *flag,
            Self::Status(status) => look.answer.status == *status,
            Self::Class(first) => look.answer.status / 100 == *first,
            Self::Holds(expression) => look.holds(part, expression),
        }
    }
}

/// One look at an answer: its body is read when something asks for it, and once.
pub(crate) struct Look<'a> {
    pub(crate) answer: &'a AnswerView<'a>,
    inputs: &'a Map<String, Value>,
    form: AnswerForm,
    body: Option<Data>,
    pub(crate) notes: Vec<String>,
}

impl<'a> Look<'a> {
    pub(crate) fn at(answer: &'a AnswerView<'a>, inputs: &'a Map<String, Value>, form: AnswerForm) -> Self {
        Self { answer, inputs, form, body: None, notes: Vec::new() }
    }

    /// The body; its text where it is not what it should be.
    pub(crate) fn body(&mut self) -> &Data {
        let (answer, form, notes) = (self.answer, self.form, &mut self.notes);
        self.body.get_or_insert_with(|| {
            decode(answer, form).unwrap_or_else(|why| {
                notes.push(format!("the answer was read as text: {why}"));
                Data::Text(answer.text.to_owned())
            })
        })
    }

    pub(crate) fn values(&mut self, reads: &dyn Fn(&str) -> bool) -> Vec<(String, Data)> {
        let mut values = Vec::new();
        let mut give = |name: &str, value: &mut dyn FnMut() -> Data| {
            if reads(name) {
                values.push((name.to_owned(), value()));
            }
        };
        let (answer, inputs) = (self.answer, self.inputs);
        give("status", &mut || Data::Int(answer.status.into()));
        give("text", &mut || Data::from(answer.text));
        give("inputs", &mut || {
            Data::from_json(&Value::Object(inputs.clone()).to_string()).unwrap_or_default()
        });
        give("headers", &mut || headers(answer.headers));
        give("body", &mut || self.body().clone());
        values
    }

    /// The value of an expression; none if it fails or is null.
    pub(crate) fn evaluate(&mut self, part: &str, expression: &Expression) -> Option<Data> {
        let values = self.values(&|name| expression.reads(name));
        match expression.evaluate(values, LIMITS) {
            Ok(value) => Some(value),
            Err(report) => {
                self.failed(part, &report);
                None
            }
        }
    }

    pub(crate) fn holds(&mut self, part: &str, expression: &Expression) -> bool {
        match self.evaluate(part, expression) {
            Some(Data::Bool(holds)) => holds,
            None | Some(Data::Null) => false,
            Some(_) => {
                self.notes.push(format!("the expression `{part}` gave neither true nor false"));
                false
            }
        }
    }

    fn message(&mut self, part: &str, message: &MessageTemplate) -> Option<String> {
        let values = self.values(&|name| message.reads(name));
        let told = message.told(&values, LIMITS);
        told.map_err(|report| self.failed(&format!("{part}.message"), &report)).ok()
    }

    pub(crate) fn failed(&mut self, part: &str, report: &FaultReport) {
        let FaultReport { line, column, message, .. } = report;
        self.notes.push(format!("the expression `{part}` failed at {line}:{column}: {message}"));
    }
}

/// Whether there is nothing in a body but its root.
fn is_hollow(body: &Data) -> bool {
    match body {
        Data::Map(entries) => entries.iter().all(|(_, value)| is_hollow(value)),
        Data::Text(text) => text.trim().is_empty(),
        Data::List(items) => items.is_empty(),
        other => *other == Data::Null,
    }
}

/// Headers by name; one that stands there several times joined as HTTP has it (RFC 9110 section 5.3).
fn headers(all: &[(String, String)]) -> Data {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, value) in all {
        match joined.iter_mut().find(|(known, _)| known == name) {
            Some((_, there)) => *there = format!("{there}, {value}"),
            None => joined.push((name.clone(), value.clone())),
        }
    }
    Data::map(joined.into_iter().map(|(name, value)| (name, Data::Text(value))))
}

/// What the service says of its error, at the places where most say it.
fn told(look: &mut Look<'_>) -> String {
    const LONGEST: usize = 300;
    let status = look.answer.status;
    let said = said(look.body()).map(|text| text.chars().take(LONGEST).collect::<String>());
    match (said, status < 400) {
        (Some(said), true) => format!("the service says that the call failed: {said}"),
        (Some(said), false) => format!("the service answered {status}: {said}"),
        (None, true) => format!("the service says, in an answer with status {status}, that the call failed"),
        (None, false) => format!("the service answered {status}"),
    }
}

fn said(body: &Data) -> Option<&str> {
    const NAMES: [&str; 7] = ["message", "error_description", "detail", "error", "errors", "title", "reason"];
    match body {
        Data::Text(text) => Some(text.trim()).filter(|text| !text.is_empty() && !text.starts_with('<')),
        Data::List(items) => items.first().and_then(said),
        Data::Map(_) => NAMES.iter().find_map(|name| body.get(name).and_then(said)),
        _ => None,
    }
}
