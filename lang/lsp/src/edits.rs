//! Changes of texts in the protocol's form.

use crate::convert;
use crate::session::{File, Open};
use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, WorkspaceEdit};
use sluis_lang::diagnostic::Edit;
use sluis_lang::ide;
use std::collections::HashMap;

/// Edits of one file.
pub(crate) fn text_edits(file: &File, edits: Vec<Edit>) -> Vec<TextEdit> {
    edits.into_iter().map(|edit| TextEdit { range: file.range(edit.span), new_text: edit.text }).collect()
}

/// Edits of one file as a change of the workspace.
#[expect(clippy::mutable_key_type, reason = "the protocol's type; a URI is never changed here")]
pub(crate) fn workspace_edit(open: &Open, edits: Vec<Edit>) -> WorkspaceEdit {
    let changes = HashMap::from([(open.uri.clone(), text_edits(open.file(), edits))]);
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

/// Fixes of the diagnostics in a range, and all safe ones of the file at once.
pub(crate) fn code_actions(open: &Open, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let file = open.file();
    let wanted = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| {
            // `source` asks for `source.fixAll` as well.
            only.iter().any(|asked| {
                kind == asked
                    || kind.as_str().strip_prefix(asked.as_str()).is_some_and(|rest| rest.starts_with('.'))
            })
        })
    };
    let mut found = Vec::new();
    let diagnostics = file.document.diagnostics();
    if wanted(&CodeActionKind::QUICKFIX) {
        for action in ide::actions(&file.document, file.span(params.range)) {
            found.push(CodeAction {
                title: action.title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: diagnostics.get(action.diagnostic).map(|d| vec![convert::diagnostic(open, d)]),
                edit: Some(workspace_edit(open, action.edits)),
                is_preferred: Some(action.preferred),
                ..CodeAction::default()
            });
        }
    }
    let all =
        if wanted(&CodeActionKind::SOURCE_FIX_ALL) { ide::all_safe_fixes(&file.document) } else { vec![] };
    if !all.is_empty() {
        found.push(CodeAction {
            title: "apply all safe fixes".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            edit: Some(workspace_edit(open, all)),
            ..CodeAction::default()
        });
    }
    found.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}
