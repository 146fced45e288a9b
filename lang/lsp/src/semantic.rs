//! Colours in the protocol's form: five numbers a token, each relative to the one before.

use crate::session::{File, Session};
use lsp_types::{SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokensLegend};
use sluis_lang::ide::{TokenRole, semantic_tokens};
use sluis_lang::source::Span;

/// The types; a role's number is its place here.
const TYPES: &[(TokenRole, SemanticTokenType)] = &[
    (TokenRole::Keyword, SemanticTokenType::KEYWORD),
    (TokenRole::Constant, SemanticTokenType::KEYWORD),
    (TokenRole::Variable, SemanticTokenType::VARIABLE),
    (TokenRole::Parameter, SemanticTokenType::PARAMETER),
    (TokenRole::Function, SemanticTokenType::FUNCTION),
    (TokenRole::Method, SemanticTokenType::METHOD),
    (TokenRole::Property, SemanticTokenType::PROPERTY),
    (TokenRole::Namespace, SemanticTokenType::NAMESPACE),
    (TokenRole::Type, SemanticTokenType::TYPE),
    (TokenRole::Text, SemanticTokenType::STRING),
    (TokenRole::Number, SemanticTokenType::NUMBER),
    (TokenRole::Comment, SemanticTokenType::COMMENT),
    (TokenRole::Operator, SemanticTokenType::OPERATOR),
];

const DECLARATION: u32 = 1;
const DEFAULT_LIBRARY: u32 = 2;

/// Types and modifiers by their numbers.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TYPES.iter().map(|(_, ty)| ty.clone()).collect(),
        token_modifiers: vec![SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEFAULT_LIBRARY],
    }
}

/// The tokens of a file, or of a part of it. One over several lines is cut at their ends, because few
/// clients take it whole.
pub(crate) fn tokens(session: &Session, file: &File, within: Option<Span>) -> Vec<SemanticToken> {
    let text = file.document.text();
    let mut found = Vec::new();
    let (mut line, mut column) = (0, 0);
    for token in semantic_tokens(&file.document, within) {
        let token_type = TYPES.iter().position(|(role, _)| *role == token.role).unwrap_or_default() as u32;
        let declares = if token.declares { DECLARATION } else { 0 };
        let built_in = if token.built_in { DEFAULT_LIBRARY } else { 0 };
        let mut start = token.span.start;
        for piece in text.get(token.span.range()).unwrap_or_default().split_inclusive(['\n', '\r']) {
            let content = piece.trim_end_matches(['\n', '\r']);
            let at = file.lines.position(text, start);
            start += piece.len() as u32;
            if content.is_empty() {
                continue;
            }
            let delta_line = at.line - line;
            let delta_start = if delta_line == 0 { at.character - column } else { at.character };
            (line, column) = (at.line, at.character);
            found.push(SemanticToken {
                delta_line,
                delta_start,
                length: session.encoding().length(content),
                token_type,
                token_modifiers_bitset: declares | built_in,
            });
        }
    }
    found
}
