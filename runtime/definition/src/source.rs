//! The text of a file as problems show it: by lines, with what looks like a secret starred. An
//! author who puts a client secret into the file must not find it in a log of the checker.

/// A file's text.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    hidden: Vec<String>,
}

/// Names after which a line is not shown.
const SECRET_NAMES: &[&str] = &["secret", "password", "passwd", "private_key", "api_key", "apikey"];

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, hidden: Vec::new() }
    }

    /// Stars these values wherever they stand.
    pub(crate) fn hiding(self, values: Vec<String>) -> Self {
        Self { hidden: values, ..self }
    }

    /// A line, counted from 1, fit to be shown.
    pub(crate) fn line(&self, number: u32) -> String {
        let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
        let line = self.text.lines().nth(index).unwrap_or_default();
        // A tab has no fixed width; carets must stand where they belong.
        let mut shown: String =
            line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        for value in &self.hidden {
            shown = shown.replace(value.as_str(), "***");
        }
        if let Some(colon) = secret_colon(&shown)
            && !shown[colon + 1..].trim().is_empty()
            && !shown[colon + 1..].trim_start().trim_start_matches(['"', '\'']).starts_with("${")
        {
            shown.truncate(colon + 1);
            shown.push_str(" ***");
        }
        shown
    }
}

/// The colon behind the first name that speaks of a secret.
fn secret_colon(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let colon_behind = |(at, name): (usize, &str)| {
        let rest = lower.get(at + name.len()..)?;
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | ' ');
        rest.trim_start_matches(in_name).starts_with(':').then_some(())?;
        Some(at + name.len() + rest.find(':')?)
    };
    SECRET_NAMES.iter().flat_map(|name| lower.match_indices(name)).filter_map(colon_behind).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_secret_is_starred() {
        let source = Source::new("f", "a: 1\nclient_secret: abc\n{password: 'x', b: 2}\npw: hunter2");
        assert_eq!(source.line(1), "a: 1");
        assert_eq!(source.line(2), "client_secret: ***");
        assert_eq!(source.line(3), "{password: ***");
        assert_eq!(Source::new("f", "a: secrets.dg, b: c").line(1), "a: secrets.dg, b: c");
        assert_eq!(Source::new("f", "password: ${Password}").line(1), "password: ${Password}");
        assert_eq!(source.hiding(vec!["hunter2".into()]).line(4), "pw: ***");
    }

    #[test]
    fn a_line_that_is_not_there_is_empty() {
        assert_eq!(Source::new("f", "a").line(0), "a");
        assert_eq!(Source::new("f", "a").line(9), "");
    }
}
