//! Foreign prose, fit for one line: descriptions come in Markdown, HTML and at any length.

/// Most characters of a description.
const LIMIT: usize = 280;

/// Tags that stand within a word as well as around it.
const INLINE: &[&str] = &["b", "i", "a", "em", "strong", "code", "span", "tt", "u", "sup", "sub"];

/// The first paragraph on one line, without tags, cut behind a sentence or a word; `None` if nothing
/// is left.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let text = without_tags(text);
    let mut line = String::new();
    for part in text.lines().map(|part| part.trim().trim_start_matches('#').trim()) {
        if part.is_empty() && !line.is_empty() {
            break;
        }
        for word in part.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
        {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if line.len() > 8 * LIMIT {
            break;
        }
    }
    let line = shortened(&line);
    (!line.is_empty()).then_some(line)
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= LIMIT {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LIMIT).collect();
    let sentence = cut.rfind(". ").map(|at| at + 1).filter(|at| *at > LIMIT / 4);
    match sentence.or_else(|| cut.rfind(' ')) {
        Some(at) if sentence.is_some() => cut[..at].to_owned(),
        Some(at) => format!("{}…", &cut[..at]),
        None => format!("{cut}…"),
    }
}

/// Leaves out what looks like `<p>` or `</a>`; a lone `<` stays.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let opens = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match tag.find('>').filter(|end| opens && *end < 200) {
            Some(end) => {
                let name =
                    tag[1..end].trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
                out.push_str(if name.is_some_and(|name| INLINE.contains(&name)) { "" } else { " " });
                rest = &tag[end + 1..];
            }
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_one_line() {
        assert_eq!(one_line("# Title\n  of\ta thing\n\nMore.").unwrap(), "Title of a thing");
        assert_eq!(
            one_line("<p>Lists <b>pets</b>, if a < b.<br/>All.</p>").unwrap(),
            "Lists pets, if a < b. All."
        );
        assert_eq!(one_line(" \n "), None);
    }

    #[test]
    fn a_long_description_ends_behind_a_sentence_or_a_word() {
        let sentences = format!(
            "{} {}",
            "First sentence that says something of use to people here and there, and more of it. ".repeat(2),
            "x".repeat(400)
        );
        assert!(one_line(&sentences).unwrap().ends_with("more of it."));
        assert!(one_line(&"word ".repeat(200)).unwrap().ends_with("word…"));
        assert_eq!(one_line(&"ä".repeat(900)).unwrap().chars().count(), LIMIT + 1);
    }
}
