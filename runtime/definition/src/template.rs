//! Placeholders `${name}` in a text: where they stand and whether they are well formed. Filling
//! them is `invoke`'s, whose rules these are: `$${` is a literal `${`, any other `$` is itself.

/// A piece of a text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// `${name}`.
    Placeholder(&'a str),
    /// Something that begins like a placeholder and is none.
    Broken {
        /// As it stands in the text.
        text: &'a str,
        /// What is wrong.
        why: &'static str,
    },
}

/// Cuts a text into its pieces.
pub(crate) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find("${") {
        if text[..start].ends_with('$') {
            pieces.extend([Piece::Text(&text[..start - 1]), Piece::Text("${")]);
            text = &text[start + 2..];
            continue;
        }
        if start > 0 {
            pieces.push(Piece::Text(&text[..start]));
        }
        let Some(end) = text[start..].find('}').map(|end| start + end) else {
            pieces.push(Piece::Broken { text: &text[start..], why: "its `}` is missing" });
            return pieces;
        };
        let (whole, name) = (&text[start..=end], &text[start + 2..end]);
        pieces.push(match fault(name) {
            None => Piece::Placeholder(name),
            Some(why) => Piece::Broken { text: whole, why },
        });
        text = &text[end + 1..];
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// The rule that a placeholder's name breaks.
pub(crate) fn fault(name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    match chars.next() {
        None => Some("it has no name"),
        Some(first) if !first.is_ascii_alphabetic() && first != '_' => {
            Some("a name begins with a letter or _, without spaces")
        }
        _ if !chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) => {
            Some("a name holds letters, digits, _, - and . only")
        }
        _ => None,
    }
}

/// The names of the well-formed placeholders.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Placeholder(name) => Some(name),
        Piece::Text(_) | Piece::Broken { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_placeholders() {
        assert_eq!(
            pieces("a/${b}${c_1}$/{d}"),
            [Piece::Text("a/"), Piece::Placeholder("b"), Piece::Placeholder("c_1"), Piece::Text("$/{d}")]
        );
        assert_eq!(
            pieces("$${a}${b}"),
            [Piece::Text(""), Piece::Text("${"), Piece::Text("a}"), Piece::Placeholder("b")]
        );
        assert_eq!(pieces(""), []);
        assert!(matches!(pieces("x${1a}")[..], [Piece::Text("x"), Piece::Broken { text: "${1a}", .. }]));
        assert!(matches!(pieces("${a b}")[..], [Piece::Broken { .. }]));
        assert!(matches!(pieces("${}")[..], [Piece::Broken { .. }]));
        assert!(matches!(pieces("${a")[..], [Piece::Broken { text: "${a", .. }]));
        assert!(matches!(pieces("${a${b}")[..], [Piece::Broken { .. }]));
    }
}
