//! The one place where a failure becomes an answer: a problem document (RFC 9457).
//!
//! A handler answers an [`ApiError`]; it travels in the response's extensions, and the outermost
//! layer calls [`render`] once it knows the request id. Nothing here reads what is meant for the log.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sluis_definition::Problem as DefinitionProblem;
use sluis_engine::{ReleaseRefused, RunRefused};
use sluis_lang::diagnostic::{Diagnostic, Severity};
use sluis_lang::source::LineIndex;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::RequestId;

/// Challenge when nothing that counts was shown (RFC 6750 §3).
pub const CHALLENGE: &str = r#"Bearer realm="sluis""#;

/// Media type of a problem document.
const PROBLEM_JSON: &str = "application/problem+json";

/// An answer that says no. Boxed: the good way stays small.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Problem>);

#[derive(Debug, Clone)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    help: Option<String>,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    /// An error of the protocol, which the engine never sees.
    pub fn protocol(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Problem { status, code, detail, help: None, more: Map::new(), headers: Vec::new() }))
    }

    /// The request cannot be understood: 400.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Failure::new(Reason::InvalidInput, detail).into()
    }

    /// Whoever asks has not shown the token: 401 with a challenge (RFC 6750 §3).
    pub fn unauthenticated(detail: impl Into<String>, challenge: &'static str) -> Self {
        Self::protocol(StatusCode::UNAUTHORIZED, Reason::Unauthenticated.as_str(), detail)
            .help("send the server's API token as `Authorization: Bearer TOKEN`")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// What is wrong, fit for whoever asked.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Another member of the document.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // What is put in here is made of texts and numbers, so it always has a JSON form.
        self.0.more.insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The code of the problem, for programs.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    fn maybe_help(mut self, help: Option<String>) -> Self {
        self.0.help = help;
        self
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let status =
            StatusCode::from_u16(failure.reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let answer =
            Self::protocol(status, failure.reason.as_str(), failure.message).maybe_help(failure.help);
        let answer = match failure.answer {
            Some(service) => answer.with("service", *service),
            None => answer,
        };
        match failure.reason {
            // Each 401 says how to become known (RFC 9110 §15.5.2).
            Reason::Unauthenticated => {
                answer.header(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE))
            }
            // A restart of the store takes about as long.
            Reason::Unavailable => answer.header(header::RETRY_AFTER, HeaderValue::from_static("3")),
            _ => answer,
        }
    }
}

impl From<RunRefused> for ApiError {
    /// Of a script whose text is not at hand: places are left out. See [`script_refused`].
    fn from(refused: RunRefused) -> Self {
        match refused {
            RunRefused::Script(diagnostics) => script_errors("the script does not compile", "", &diagnostics),
            RunRefused::Entry { message, help } => Self::invalid(message).maybe_help(help),
            RunRefused::Failure(failure) => failure.into(),
        }
    }
}

/// The same with the script's text, so that each diagnostic names its line and column.
pub fn script_refused(refused: RunRefused, source: &str) -> ApiError {
    match refused {
        RunRefused::Script(diagnostics) => script_errors("the script does not compile", source, &diagnostics),
        other => other.into(),
    }
}

impl From<ReleaseRefused> for ApiError {
    fn from(refused: ReleaseRefused) -> Self {
        match refused {
            ReleaseRefused::Hook { hook, source_text, diagnostics } => {
                let detail = format!("the script of `hooks.{hook}` does not compile");
                script_errors(&detail, &source_text, &diagnostics).with("hook", hook)
            }
            ReleaseRefused::Failure(failure) => failure.into(),
        }
    }
}

/// A connector file that cannot be released, with everything that is wrong in it.
pub fn definition_refused(problems: &[DefinitionProblem]) -> ApiError {
    let count = problems.len();
    let detail = match count {
        1 => "the connector file has a problem".to_owned(),
        _ => format!("the connector file has {count} problems"),
    };
    let listed: Vec<Value> = problems.iter().map(definition_problem).collect();
    ApiError::from(Failure::new(Reason::InvalidDefinition, detail))
        .help("`problems` names the place of each; `sluis connector check FILE` shows the same")
        .with("problems", listed)
}

fn definition_problem(problem: &DefinitionProblem) -> Value {
    json!({
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "help": problem.help,
    })
}

fn script_errors(detail: &str, source: &str, diagnostics: &[Diagnostic]) -> ApiError {
    ApiError::from(Failure::new(Reason::InvalidDefinition, detail))
        .help("`diagnostics` names the place of each error; `sluis check FILE` draws the same")
        .with("diagnostics", shown(source, diagnostics))
}

/// A diagnostic as callers see it: places as line and column, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    code: &'static str,
    severity: Severity,
    line: u32,
    column: u32,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Diagnostics of a script as callers see them.
pub fn shown(source: &str, diagnostics: &[Diagnostic]) -> Vec<Shown> {
    let lines = LineIndex::new(source);
    let show = |diagnostic: &Diagnostic| {
        let (line, column) = lines.line_column(source, diagnostic.span.start);
        Shown {
            code: diagnostic.code.0,
            severity: diagnostic.severity,
            line,
            column,
            message: diagnostic.message.clone(),
            label: diagnostic.label.clone(),
            help: diagnostic.help.clone(),
            note: diagnostic.note.clone(),
        }
    };
    diagnostics.iter().map(show).collect()
}

impl IntoResponse for ApiError {
    /// An answer without a body yet: [`render`] fills it in.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives the document to an answer that carries an [`ApiError`]; others pass.
pub fn render(mut response: Response, request_id: &RequestId) -> Response {
    let Some(ApiError(error)) = response.extensions_mut().remove() else { return response };
    let mut document = json!({
        "type": format!("urn:sluis:problem:{}", error.code),
        "title": title(error.code, error.status),
        "status": error.status.as_u16(),
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    });
    if let Value::Object(members) = &mut document {
        if let Some(help) = error.help {
            members.insert("help".to_owned(), Value::String(help));
        }
        members.extend(error.more);
    }
    *response.status_mut() = error.status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(error.headers);
    *response.body_mut() = document.to_string().into();
    response
}

/// The kind of problem in a few words; the same for every occurrence (RFC 9457 §3.1.3).
fn title(code: &str, status: StatusCode) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => status.canonical_reason().unwrap_or("Problem").to_owned(),
    }
}
