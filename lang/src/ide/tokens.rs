//! What the words of a script are, for colours. Knows more than `syntax::highlight`, which looks at
//! neighbours alone: which names are parameters, functions of the file, built-ins.

use super::Document;
use super::names::Role;
use crate::source::Span;
use crate::syntax::highlight::{TokenClass, classify};
use serde::Serialize;

/// A coloured piece of text. Texts and comments may run over several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SemanticToken {
    /// Where.
    pub span: Span,
    /// What it is.
    pub role: TokenRole,
    /// A declaration.
    pub declares: bool,
    /// Comes with the language, not from the file.
    pub built_in: bool,
}

/// What a coloured piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenRole {
    /// `if` …
    Keyword,
    /// `true`, `null`
    Constant,
    /// A variable.
    Variable,
    /// A parameter.
    Parameter,
    /// A called name.
    Function,
    /// A called name after a dot.
    Method,
    /// A key of a task, a member.
    Property,
    /// A part of a dotted name.
    Namespace,
    /// A type in a header.
    Type,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// `+` …
    Operator,
}

/// The coloured pieces that touch a span, in the order of the text; all of them for `None`.
pub fn semantic_tokens(document: &Document, within: Option<Span>) -> Vec<SemanticToken> {
    let names = document.names();
    let wanted = |span: Span| within.is_none_or(|within| span.start < within.end && within.start < span.end);
    let mut found = Vec::new();
    let mut next = 0;
    for (span, class) in classify(document.text()) {
        if !wanted(span) {
            continue;
        }
        let all = names.all();
        next += all[next..].partition_point(|name| name.span.end <= span.start);
        let name = all.get(next).filter(|name| name.span.start <= span.start);
        let named = name.map(|name| {
            let parameter = || {
                let function = document.program.functions.get(name.scope)?;
                function.params.iter().find(|param| param.name.text == document.slice(name.span))
            };
            let role = match name.role {
                Role::Variable { .. } if parameter().is_some() => TokenRole::Parameter,
                Role::Variable { .. } => TokenRole::Variable,
                Role::Parameter => TokenRole::Parameter,
                Role::Namespace => TokenRole::Namespace,
                Role::Host(_) if class == TokenClass::Variable => TokenRole::Variable,
                Role::Method => TokenRole::Method,
                Role::Member | Role::Key => TokenRole::Property,
                Role::Type => TokenRole::Type,
                Role::Declaration(_) | Role::Call(_) | Role::Host(_) | Role::Stored => TokenRole::Function,
                Role::Builtin | Role::Task | Role::Unknown => TokenRole::Function,
            };
            let declares = matches!(name.role, Role::Declaration(_) | Role::Parameter);
            let built_in = matches!(name.role, Role::Host(_) | Role::Builtin | Role::Method | Role::Task);
            SemanticToken { span, role, declares, built_in }
        });
        found.extend(named.or_else(|| plain(span, class)));
    }
    found
}

fn plain(span: Span, class: TokenClass) -> Option<SemanticToken> {
    let role = match class {
        TokenClass::Keyword => TokenRole::Keyword,
        TokenClass::Constant => TokenRole::Constant,
        TokenClass::Function => TokenRole::Function,
        TokenClass::Method => TokenRole::Method,
        TokenClass::Variable => TokenRole::Variable,
        TokenClass::Key => TokenRole::Property,
        TokenClass::Text => TokenRole::Text,
        TokenClass::Number => TokenRole::Number,
        TokenClass::Comment => TokenRole::Comment,
        TokenClass::Operator => TokenRole::Operator,
        TokenClass::Punctuation | TokenClass::Unknown => return None,
    };
    Some(SemanticToken { span, role, declares: false, built_in: false })
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    #[test]
    fn words_have_the_roles_that_the_tree_gives_them() {
        let document = document("void f(int p) { q = p; trim(q); f(1); } // ä");
        let found = semantic_tokens(&document, None);
        let role = |text: &str, nth: usize| {
            found.iter().filter(|t| document.slice(t.span) == text).nth(nth).map(|t| (t.role, t.built_in))
        };
        assert_eq!(role("void", 0), Some((TokenRole::Type, false)));
        assert_eq!(role("f", 0), Some((TokenRole::Function, false)));
        assert_eq!(role("p", 1), Some((TokenRole::Parameter, false)));
        assert_eq!(role("q", 0), Some((TokenRole::Variable, false)));
        assert_eq!(role("trim", 0), Some((TokenRole::Function, true)));
        assert_eq!(role("// ä", 0), Some((TokenRole::Comment, false)));
        assert!(found.is_sorted_by_key(|token| token.span.start));
        let few = semantic_tokens(&document, Some(Span::new(16, 21)));
        assert_eq!(few.iter().map(|t| document.slice(t.span)).collect::<Vec<_>>(), ["q", "=", "p"]);
    }
}
