//! Diagnostics drawn for a terminal: code, message, the lines with carets, help and note.

use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};
use std::fmt::Write;
use std::ops::Range;

/// How many diagnostics are drawn; the rest is only counted.
const MAX_DRAWN: usize = 100;

type Place = (String, Range<usize>);

/// Draws diagnostics over the text they are about. Nothing but plain text if `color` is false.
/// Secrets that a diagnostic is about are not drawn.
pub fn render(file_name: &str, text: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let mut out = Vec::new();
    let text = &masked(text, diagnostics);
    let mut source = (file_name.to_string(), Source::from(text));
    for diagnostic in diagnostics.iter().take(MAX_DRAWN) {
        let drawn = report(file_name, text, diagnostic, color).write(&mut source, &mut out);
        if drawn.is_err() {
            out.extend_from_slice(plain(file_name, diagnostic).as_bytes());
        }
    }
    let mut out = String::from_utf8_lossy(&out).into_owned();
    if diagnostics.len() > MAX_DRAWN {
        let _ = writeln!(out, "… and {} more", diagnostics.len() - MAX_DRAWN);
    }
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `2 errors, 1 warning`; empty if there are none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let count = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let parts = [count(errors, "error"), count(diagnostics.len() - errors, "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The text with stars for the secrets that diagnostics are about, each byte in its place.
pub fn masked(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = text.to_owned();
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.code == codes::LITERAL_SECRET) {
        let Some(secret) = text.get(diagnostic.span.range()).filter(|secret| secret.len() > 2) else {
            continue;
        };
        // The quotes stay.
        let inside = diagnostic.span.start as usize + 1..diagnostic.span.end as usize - 1;
        if text.get(inside.clone()).is_some() {
            let stars: String = secret[1..secret.len() - 1]
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { '*' })
                .collect();
            out.replace_range(inside, &stars);
        }
    }
    out
}

fn report(file_name: &str, text: &str, diagnostic: &Diagnostic, color: bool) -> Report<'static, Place> {
    let (kind, paint) = match diagnostic.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
    };
    let place = |span: Span| (file_name.to_string(), visible(text, span));
    let config = Config::default().with_index_type(IndexType::Byte).with_color(color);
    // Without a message no caret is drawn.
    let here = if diagnostic.label.is_empty() { "here" } else { &diagnostic.label };
    let primary = Label::new(place(diagnostic.span)).with_message(here).with_color(paint).with_order(-1);
    let mut report = Report::build(kind, place(diagnostic.span))
        .with_config(config)
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message)
        .with_label(primary);
    for label in &diagnostic.labels {
        report = report
            .with_label(Label::new(place(label.span)).with_message(&label.message).with_color(Color::Blue));
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    if let Some(note) = &diagnostic.note {
        report = report.with_note(note);
    }
    if let Some(url) = &diagnostic.url {
        report = report.with_note(format!("more at {url}"));
    }
    report.finish()
}

/// A range that can be drawn: inside the text, on character boundaries, of one line at most if it
/// is long. An empty one, such as the place of a missing semicolon, shows the character before it.
fn visible(text: &str, span: Span) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (start, mut end) = (floor(span.start as usize), floor(span.end as usize));
    if let Some(line_end) = text[start..end.max(start)].find('\n') {
        end = floor(start + line_end);
    }
    if end > start {
        return start..end;
    }
    let before = text[..start].char_indices().next_back().filter(|(_, c)| *c != '\n');
    let after = text[start..].chars().next().filter(|c| *c != '\n');
    match (before, after) {
        (Some((at, _)), _) => at..start,
        (None, Some(c)) => start..start + c.len_utf8(),
        (None, None) => start..start,
    }
}

fn plain(file_name: &str, diagnostic: &Diagnostic) -> String {
    format!("[{}] {file_name}: {}\n", diagnostic.code, diagnostic.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn carets_stand_under_the_right_columns_of_a_non_ascii_script() {
        let text = "é = \"ü日本\";\nname = \"äöü\" + € ;\n";
        let drawn = render("a.dg", text, &parse(text).1, false);
        let lines: Vec<&str> = drawn.lines().collect();
        let code = lines.iter().find(|line| line.contains("name = ")).unwrap();
        let carets = lines[lines.iter().position(|line| line == code).unwrap() + 1];
        let column = |line: &str, c: char| line.chars().position(|found| found == c).unwrap();
        assert_eq!(column(carets, '┬'), column(code, '€'), "{drawn}");
        assert!(drawn.contains("a.dg:2:16") && drawn.contains("[E0107] Error:"), "{drawn}");
    }

    #[test]
    fn every_part_of_a_diagnostic_is_drawn() {
        let text = "x = f(1;\n";
        let diagnostic = Diagnostic::error(codes::UNCLOSED_BRACKET, Span::new(7, 7), "never closed")
            .label("missing here")
            .also(Span::new(5, 6), "opened here")
            .help("close it")
            .note("good to know");
        let drawn = render("a.dg", text, &[diagnostic], false);
        for part in
            ["E0105", "never closed", "missing here", "opened here", "Help: close it", "Note: good to know"]
        {
            assert!(drawn.contains(part), "{part} in\n{drawn}");
        }
        assert!(!drawn.contains('\u{1b}'));
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let text = "x = 1";
        assert!(render("a.dg", text, &parse(text).1, true).contains('\u{1b}'));
        assert!(!render("a.dg", text, &parse(text).1, false).contains('\u{1b}'));
    }

    #[test]
    fn any_place_can_be_drawn() {
        for text in ["", "\n", "é", "\n\n", "a\r\nb", "日本\nx"] {
            for start in 0..8 {
                for end in start..8 {
                    let diagnostic =
                        Diagnostic::error(codes::UNEXPECTED, Span::new(start, end), "m").label("l");
                    assert!(render("a", text, &[diagnostic], false).contains("E0101"));
                }
            }
        }
    }

    #[test]
    fn a_secret_is_not_drawn() {
        let text = "k = \"ab€cd\";\n";
        let secret = Diagnostic::warning(codes::LITERAL_SECRET, Span::new(4, 13), "a key");
        let drawn = render("a.dg", text, &[secret], false);
        assert!(drawn.contains("k = \"*******\";") && !drawn.contains("ab"), "{drawn}");
    }

    #[test]
    fn errors_and_warnings_are_counted() {
        assert_eq!(summary(&[]), "");
        let (_, found) = parse("if(a = 1) { }\nx = 1\ny = ;");
        assert_eq!(summary(&found), "2 errors, 1 warning");
        assert_eq!(summary(&found[..1]), "1 warning");
    }
}
