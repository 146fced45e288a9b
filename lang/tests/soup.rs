//! Random texts and random heaps of tokens: reading them never panics, and all that is said about
//! them can be drawn.

use proptest::prelude::*;
use sluis_lang::syntax::{complete, highlight, parse};
use sluis_lang::{check, render};

const WORDS: &[&str] = &[
    "if",
    "else",
    "for",
    "each",
    "index",
    "in",
    "while",
    "try",
    "catch",
    "return",
    "info",
    "throw",
    "break",
    "continue",
    "true",
    "null",
    "is",
    "not",
    "contains",
    "and",
    "or",
    "x",
    "y",
    "map",
    "list",
    "String",
    "void",
    "invokeurl",
    "sendmail",
    "insert",
    "into",
    "delete",
    "from",
    "function",
    "let",
    "new",
    "zoho",
    "f",
    "1",
    "2.5",
    "\"a\"",
    "'b'",
    "\"",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "==",
    "===",
    "!=",
    "<",
    ">",
    "!",
    "&&",
    "||",
    "&",
    "?",
    "??",
    "=>",
    "->",
    "++",
    "+=",
    "$",
    "${",
    "#",
    "//",
    "/*",
    "*/",
    "\n",
    "€",
    "`",
    "\\",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(WORDS), any::<bool>());
    prop::collection::vec(piece, 0..60).prop_map(|pieces| {
        pieces.iter().map(|(w, gap)| format!("{w}{}", if *gap { " " } else { "" })).collect()
    })
}

fn read_everything(text: &str) {
    let (program, mut diagnostics) = parse(text);
    for diagnostic in &diagnostics {
        assert!(text.get(diagnostic.span.range()).is_some(), "{text:?}: {diagnostic:?}");
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "{text:?}: {diagnostic:?}");
        }
    }

    diagnostics.extend(check::check(&program, &check::Environment::default()));
    render::render("soup.dg", text, &diagnostics, true);
    complete::is_complete(text);
    let mut end = 0;
    for (span, _) in highlight::classify(text) {
        assert!(span.start >= end && text.get(span.range()).is_some(), "{text:?}");
        end = span.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn token_soup_never_panics(text in soup()) {
        read_everything(&text);
    }

    #[test]
    fn text_soup_never_panics(text in "\\PC{0,80}") {
        read_everything(&text);
    }
}
