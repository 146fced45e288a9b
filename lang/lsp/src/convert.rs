//! Our types to the protocol's.

use crate::session::{File, Open};
use lsp_types::{
    CodeDescription, CompletionItem, CompletionItemKind, CompletionTextEdit, Diagnostic,
    DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DocumentSymbol, Documentation,
    InsertTextFormat, Location, MarkupContent, MarkupKind, NumberOrString, SymbolKind, TextEdit,
};
use sluis_lang::codes;
use sluis_lang::diagnostic::{Diagnostic as Found, Severity};
use sluis_lang::ide::{Completion, CompletionKind, Outline, OutlineKind};

/// Markdown as the protocol has it.
pub(crate) fn markdown(value: impl Into<String>) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value: value.into() }
}

/// The diagnostics of a text.
pub(crate) fn diagnostics(open: &Open) -> Vec<Diagnostic> {
    open.file().document.diagnostics().iter().map(|found| diagnostic(open, found)).collect()
}

/// One diagnostic, with what helps to mend it in its message.
pub(crate) fn diagnostic(open: &Open, found: &Found) -> Diagnostic {
    let file = open.file();
    let mut message = found.message.clone();
    for (word, text) in [("help", &found.help), ("note", &found.note)] {
        if let Some(text) = text {
            message.push_str(&format!("\n{word}: {text}"));
        }
    }
    let related = found.labels.iter().map(|label| DiagnosticRelatedInformation {
        location: Location { uri: open.uri.clone(), range: file.range(label.span) },
        message: label.message.clone(),
    });
    let href = found.url.as_deref().and_then(|url| url.parse().ok());
    Diagnostic {
        range: file.range(found.span),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(found.code.to_string())),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some("sluis".to_owned()),
        message,
        related_information: (!found.labels.is_empty()).then(|| related.collect()),
        tags: (found.code == codes::UNREACHABLE).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

/// A completion; `snippets` if the client knows places to fill.
pub(crate) fn completion(file: &File, found: Completion, snippets: bool) -> CompletionItem {
    let snippet = found.snippet.filter(|_| snippets);
    let format = if snippet.is_some() { InsertTextFormat::SNIPPET } else { InsertTextFormat::PLAIN_TEXT };
    let edit = TextEdit { range: file.range(found.replace), new_text: snippet.unwrap_or(found.insert) };
    CompletionItem {
        sort_text: Some(format!("{:03} {}", found.rank, found.label)),
        label: found.label,
        kind: Some(completion_kind(found.kind)),
        detail: (!found.detail.is_empty()).then_some(found.detail),
        documentation: found.doc.map(|doc| Documentation::MarkupContent(markdown(doc))),
        insert_text_format: Some(format),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..CompletionItem::default()
    }
}

fn completion_kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Variable => CompletionItemKind::VARIABLE,
        CompletionKind::Function | CompletionKind::Builtin => CompletionItemKind::FUNCTION,
        CompletionKind::Method | CompletionKind::Api => CompletionItemKind::METHOD,
        CompletionKind::SystemVariable | CompletionKind::Constant => CompletionItemKind::CONSTANT,
        CompletionKind::Namespace | CompletionKind::Connector => CompletionItemKind::MODULE,
        CompletionKind::Keyword | CompletionKind::Task => CompletionItemKind::KEYWORD,
        CompletionKind::TaskKey | CompletionKind::ApiVariable => CompletionItemKind::PROPERTY,
        CompletionKind::MapKey => CompletionItemKind::FIELD,
    }
}

/// An entry of the outline with what is inside.
pub(crate) fn symbol(file: &File, entry: Outline) -> DocumentSymbol {
    #[expect(deprecated, reason = "the field must be given although `tags` has replaced it")]
    DocumentSymbol {
        name: entry.name,
        detail: (!entry.detail.is_empty()).then_some(entry.detail),
        kind: match entry.kind {
            OutlineKind::Function => SymbolKind::FUNCTION,
            OutlineKind::Variable => SymbolKind::VARIABLE,
        },
        tags: None,
        deprecated: None,
        range: file.range(entry.span),
        selection_range: file.range(entry.name_span),
        children: Some(entry.children.into_iter().map(|child| symbol(file, child)).collect()),
    }
}
