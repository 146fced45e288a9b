//! Keeps the grammar in `spec/lang` honest, in both directions: what the grammar makes the parser
//! reads, and what the parser reads of the spec's scripts the grammar has.

mod ebnf;
mod recognise;
mod sentences;

use crate::case::read_cases;
use crate::{spec, suite};
use ebnf::{Expr, Grammar};
use recognise::Recogniser;
use sentences::Generator;
use sluis_lang::codes;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::syntax::lexer::lex;
use sluis_lang::syntax::parse;
use sluis_lang::syntax::token::{TokenKind, operators};
use std::collections::BTreeSet;

/// The productions of a page.
fn grammar(page: &str) -> Grammar {
    let path = spec("lang").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let cases = read_cases(&path, &text).unwrap_or_else(|malformed| panic!("{malformed}"));
    let fences = cases.iter().flat_map(|case| case.fences.iter().filter(|fence| fence.name == "ebnf"));
    let text: String = fences.map(|fence| fence.text.as_str()).collect();
    Grammar::read(&text).unwrap_or_else(|problem| panic!("{page}: {problem}"))
}

/// The errors of a script, besides those about forms, which the grammar has although they have no
/// meaning here.
fn syntax_errors(script: &str) -> Vec<Diagnostic> {
    let (_, mut found) = parse(script);
    found.retain(|diagnostic| diagnostic.is_error() && diagnostic.code != codes::CREATOR_ONLY);
    found
}

#[test]
fn every_production_is_defined_once_and_used() {
    let grammar = grammar("grammar.md");
    let used = grammar.reachable("program");
    for (name, _) in grammar.rules() {
        assert!(used.contains(name), "`{name}` is not part of a program");
    }
    for name in used.iter().filter(|name| grammar.rule(name).is_none()) {
        assert!(ebnf::CLASSES.contains(&name.as_str()), "`{name}` is used and not defined");
    }
}

#[test]
fn the_parser_reads_what_the_grammar_makes() {
    let grammar = grammar("grammar.md");
    let mut generator = Generator::new(&grammar, 0x5eed);
    let scripts: Vec<String> = (0..2_000).map(|round| generator.script("program", 6 + round % 30)).collect();
    let refused = scripts.iter().filter(|script| !syntax_errors(script).is_empty());
    if let Some(shortest) = refused.min_by_key(|script| script.len()) {
        panic!("{shortest}\n{:#?}", syntax_errors(shortest));
    }
    let missing = generator.never_taken();
    assert!(missing.is_empty(), "no script had: {missing:#?}");
}

#[test]
fn the_grammar_has_what_the_parser_reads() {
    let grammar = grammar("grammar.md");
    let (mut scripts, mut wrong) = (0, Vec::new());
    for folder in ["lang", "errors"] {
        for file in suite::files(&spec(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for case in read_cases(&file, &text).unwrap() {
                let Some(script) = case.part("deluge").map(|fence| fence.text.as_str()) else { continue };
                if !syntax_errors(script).is_empty() {
                    continue;
                }
                scripts += 1;
                if let Err(at) = Recogniser::new(&grammar, script).accepts("program") {
                    wrong.push(format!("{}:{}: up to {at:?}", file.display(), case.line));
                }
            }
        }
    }
    assert!(scripts > 150, "only {scripts} scripts were found");
    assert!(wrong.is_empty(), "{} of {scripts} scripts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_grammar_refuses_what_the_parser_refuses() {
    let grammar = grammar("grammar.md");
    for script in [
        "x = 1",
        "x = ;",
        "if(true) info 1;",
        "for each x list { }",
        "x = {1, 2;",
        "x = a ? b : c;",
        "try { }",
        "x++;",
        "invokeurl [ url \"x\" ];",
    ] {
        assert!(!syntax_errors(script).is_empty(), "the parser reads {script}");
        assert!(Recogniser::new(&grammar, script).accepts("program").is_err(), "the grammar has {script}");
    }
}

/// All terminals below a production.
fn terminals(grammar: &Grammar, rule: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in grammar.reachable(rule) {
        if let Some(expr) = grammar.rule(&name) {
            expr.walk(&mut |part| {
                if let Expr::Terminal(text) = part {
                    found.insert(text.clone());
                }
            });
        }
    }
    found
}

#[test]
fn the_operators_of_the_page_are_those_of_the_lexer() {
    let lexical = grammar("lexical.md");
    let ours: BTreeSet<String> = operators().map(str::to_owned).collect();
    let own = terminals(&lexical, "operator");
    let foreign = terminals(&lexical, "foreign_operator");
    assert_eq!(own.union(&foreign).cloned().collect::<BTreeSet<_>>(), ours);
    assert!(own.is_disjoint(&foreign));
    let is_word = |text: &String| text.starts_with(char::is_alphabetic);
    for sign in terminals(&grammar("grammar.md"), "program").iter().filter(|text| !is_word(text)) {
        assert!(own.contains(sign), "the grammar has `{sign}`, which is no operator");
    }
}

#[test]
fn each_kind_of_token_is_what_the_page_says() {
    let lexical = grammar("lexical.md");
    let mut generator = Generator::new(&lexical, 7);
    for (rule, fits) in [
        ("NAME", (|kind| kind == TokenKind::Ident) as fn(TokenKind) -> bool),
        ("INT", |kind| kind == TokenKind::Int),
        ("DECIMAL", |kind| kind == TokenKind::Decimal),
        ("TEXT", |kind| matches!(kind, TokenKind::Text { closed: true, .. })),
    ] {
        for _ in 0..500 {
            let text = generator.glued(rule);
            let lexed = lex(&text);
            let kinds: Vec<TokenKind> = lexed.tokens.iter().map(|token| token.kind).collect();
            assert!(
                kinds.len() == 2 && fits(kinds[0]) && lexed.diagnostics.is_empty(),
                "{rule} {text:?} became {kinds:?} {:?}",
                lexed.diagnostics
            );
        }
    }
    for _ in 0..500 {
        let text = generator.glued("blanks");
        let lexed = lex(&text);
        assert_eq!(lexed.tokens.len(), 1, "{text:?}");
        assert!(lexed.diagnostics.is_empty(), "{text:?}");
    }
}
