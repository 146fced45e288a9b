//! Date formats whose letters mean something else than they look like, and counts of time that are
//! not those of the calendar.

use super::Checker;
use crate::codes;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident};

/// Built-ins whose first argument, or the one after a receiver in free form, is a date format.
const FORMATTED: &[&str] = &["toString", "toText", "toDate", "toDateTime", "toTime", "toDateTimeString"];

/// Built-ins that count by rules of thumb, what they do, and what counts by the calendar.
const ROUGH: &[(&str, &str, &str)] = &[
    ("days360", "counts every month as 30 days", "first.daysBetween(second)"),
    ("monthsBetween", "counts every 30 days as a month", "first.monthsDiff(second)"),
    ("yearsBetween", "counts every 365 days as a year", "first.yearsDiff(second)"),
];

impl<'a> Checker<'a> {
    /// `date.toString("YYYY")`, `first.days360(second)`
    pub(super) fn date_method(&mut self, name: &'a Ident, args: &'a [Arg]) {
        self.date_call(name, args.first());
    }

    /// `toString(date, "YYYY")`, `days360(first, second)`
    pub(super) fn date_function(&mut self, name: &'a Ident, args: &'a [Arg]) {
        self.date_call(name, args.get(1));
    }

    fn date_call(&mut self, name: &'a Ident, format: Option<&'a Arg>) {
        if !self.env.thorough {
            return;
        }
        if let Some((_, does, instead)) = ROUGH.iter().find(|(rough, ..)| name.is(rough)) {
            self.report(
                Diagnostic::warning(codes::ROUGH_DATES, name.span, format!("`{}` {does}", name.text))
                    .label("not by the calendar")
                    .help(format!("to count by the calendar write `{instead}`")),
            );
        }
        if let Some(format) = format.filter(|_| FORMATTED.iter().any(|known| name.is(known))) {
            self.date_format(&format.value);
        }
    }

    fn date_format(&mut self, expr: &'a Expr) {
        let ExprKind::Text { value, .. } = &expr.kind else { return };
        let runs = runs(value);
        for (at, run) in runs.iter().enumerate() {
            let Some((means, meant)) = mistaken(&runs, at) else { continue };
            let mended = meant.to_string().repeat(run.len);
            let written = run.letter.to_string().repeat(run.len);
            let mut diagnostic = Diagnostic::warning(
                codes::DATE_PATTERN,
                expr.span,
                format!("`{written}` in a date format is {means}"),
            )
            .label(format!("holds `{written}`"))
            .help(format!("did you mean `{mended}`?"));
            // Only a text without escapes stands in the script letter by letter.
            if expr.span.range().len() == value.len() + 2 {
                let start = expr.span.start + 1 + run.start as u32;
                let span = Span::new(start, start + run.len as u32);
                diagnostic = diagnostic.fix(Fix::replace(format!("write `{mended}`"), span, mended, false));
            }
            self.report(diagnostic);
        }
    }
}

/// The same letter several times.
struct Run {
    letter: char,
    start: usize,
    len: usize,
}

/// The letters of a format, without what stands in quotes.
fn runs(format: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut quoted = false;
    for (start, letter) in format.char_indices() {
        if letter == '\'' {
            quoted = !quoted;
        } else if !quoted && letter.is_ascii_alphabetic() {
            match runs.last_mut() {
                Some(run) if run.letter == letter && run.start + run.len == start => run.len += 1,
                _ => runs.push(Run { letter, start, len: 1 }),
            }
        }
    }
    runs
}

/// What a run means, and the letter that was probably meant.
fn mistaken(runs: &[Run], at: usize) -> Option<(&'static str, char)> {
    let has = |letters: &[char]| runs.iter().any(|run| letters.contains(&run.letter));
    let run = runs.get(at)?;
    let before = at.checked_sub(1).and_then(|at| runs.get(at)).map(|run| run.letter);
    let after = runs.get(at + 1).map(|run| run.letter);
    match run.letter {
        'Y' if !has(&['w']) => Some(("the year of the week, which differs around New Year", 'y')),
        'D' if has(&['M', 'y', 'Y']) && run.len <= 2 && has(&['M']) => {
            Some(("the day of the year, 1 to 366", 'd'))
        }
        'm' if run.len == 2 && !has(&['H', 'h', 'k', 'K']) && has(&['y', 'Y', 'd', 'D']) => {
            Some(("minutes", 'M'))
        }
        'M' if run.len == 2 && matches!(before, Some('H' | 'h')) && !matches!(after, Some('d' | 'y')) => {
            Some(("months", 'm'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(format: &str) -> String {
        let runs = runs(format);
        (0..runs.len()).filter_map(|at| mistaken(&runs, at)).map(|(_, letter)| letter).collect()
    }

    #[test]
    fn letters_that_look_like_others_are_found_and_sound_formats_are_not() {
        for (format, meant) in [
            ("YYYY-MM-dd", "y"),
            ("yyyy-MM-DD", "d"),
            ("DD/MM/YYYY", "dy"),
            ("yyyy-mm-dd", "M"),
            ("HH:MM:ss", "m"),
            ("yyyy-MM-dd HH:MM", "m"),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", ""),
            ("dd-MMM-yyyy HH:mm:ss", ""),
            ("hh:mm a", ""),
            ("YYYY-'W'ww", ""),
            ("EEEE, d MMMM", ""),
            ("DDD", ""),
            ("yyyyMMddHHmmss", ""),
            ("'YYYY'", ""),
            ("ddMMyyyy HHmm", ""),
        ] {
            assert_eq!(found(format), meant, "{format}");
        }
    }
}
