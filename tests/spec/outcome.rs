//! What a script did, in the form of the fences.

use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::source::LineIndex;

/// What a script did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Diagnostics, each `CODE line:column`.
    pub diagnostics: Vec<String>,
    /// Lines printed.
    pub prints: Vec<String>,
    /// The fault that ended it, `CODE line: message`.
    pub fault: Option<String>,
    /// The value as JSON; none if it is null.
    pub returns: Option<String>,
    /// The script after formatting, in a case about that.
    pub formatted: Option<String>,
}

impl Outcome {
    /// A script that was not run.
    pub fn refused(source: &str, diagnostics: &[Diagnostic]) -> Self {
        Self { diagnostics: places(source, diagnostics), ..Self::default() }
    }

    /// Sets the value, unless it is null.
    pub fn set_value(&mut self, json: String) {
        self.returns = (json != "null").then_some(json);
    }

    /// The fences that would hold exactly this.
    pub fn fences(&self) -> Vec<(&'static str, String)> {
        let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let mut fences = Vec::new();
        if !self.prints.is_empty() {
            fences.push(("prints", lines(&self.prints)));
        }
        if !self.diagnostics.is_empty() {
            fences.push(("error", lines(&self.diagnostics)));
        }
        if let Some(fault) = &self.fault {
            fences.push(("fault", format!("{fault}\n")));
        }
        if let Some(value) = &self.returns {
            fences.push(("returns", format!("{value}\n")));
        }
        if let Some(script) = &self.formatted {
            fences.push(("formatted", script.clone()));
        }
        fences
    }
}

/// Diagnostics with their places, in the order of the text.
pub fn places(source: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    let index = LineIndex::new(source);
    let place = |diagnostic: &Diagnostic| index.line_column(source, diagnostic.span.start);
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| place(diagnostic));
    let line = |diagnostic: &&Diagnostic| {
        let (line, column) = place(diagnostic);
        format!("{} {line}:{column}", diagnostic.code)
    };
    sorted.iter().map(line).collect()
}

/// A fault as its fence shows it.
pub fn fault(code: &str, line: u32, message: &str) -> String {
    format!("{code} {line}: {}", message.replace('\n', "\\n"))
}
