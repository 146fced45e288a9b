//! What the author of a script is told: a code, a place, a reason and a way to mend it.
//!
//! Drawing for a terminal stands in `render.rs`; this type is plain data so that the same
//! diagnostic becomes terminal text, JSON, or an editor's marker.

use crate::codes::Code;
use crate::source::Span;
use serde::Serialize;

/// How many mistakes each part of the language reports of one script: more are read by nobody, and a
/// large file of noise would hold one for every sign.
pub const MAX_DIAGNOSTICS: usize = 1000;

/// How bad it is. Errors stop a script from running; warnings do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The script cannot run.
    Error,
    /// The script runs, but probably not as meant.
    Warning,
}

/// A second place that explains the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// A change of the text that mends what a diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, as an order: `write `containKey``.
    pub title: String,
    /// The changes; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it certainly keeps what the script was meant to do; such fixes are applied unasked.
    pub safe: bool,
}

impl Fix {
    /// A change of one place.
    pub fn replace(title: impl Into<String>, span: Span, text: impl Into<String>, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, text: text.into() }], safe }
    }
}

/// One piece of text put in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What comes there.
    pub text: String,
}

/// One message to the author of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, explained in `spec/errors`.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// The bytes it is about.
    pub span: Span,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to see at `span`; may be empty.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Background that is good to know.
    pub note: Option<String>,
    /// Where more is written, such as the documentation of an API: a URL.
    pub url: Option<String>,
    /// Changes that would mend it, the likeliest first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message.into())
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message.into())
    }

    fn new(code: Code, severity: Severity, span: Span, message: String) -> Self {
        Self {
            code,
            severity,
            span,
            message,
            label: String::new(),
            labels: vec![],
            help: None,
            note: None,
            url: None,
            fixes: vec![],
        }
    }

    /// Text at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// A second place.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Background.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// Where more is written.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// A change that would mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// That another name was probably meant at a place; nothing if there is none that is near.
    #[must_use]
    pub fn meant(self, near: Option<&str>, span: Span) -> Self {
        match near {
            Some(near) => self.fix(Fix::replace(format!("write `{near}`"), span, near, false)),
            None => self,
        }
    }

    /// Whether it stops the script from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
