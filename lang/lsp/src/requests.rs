//! One function for each question about a text.

use crate::convert;
use crate::edits;
use crate::semantic;
use crate::session::{Open, Session};
use lsp_server::ErrorCode;
use lsp_types::request::{self, Request};
use lsp_types::{
    CodeActionParams, CodeActionResponse, CompletionParams, CompletionResponse, DocumentFormattingParams,
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, DocumentRangeFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, Documentation, FoldingRange, FoldingRangeKind,
    FoldingRangeParams, GotoDefinitionParams, GotoDefinitionResponse, Hover, HoverContents, HoverParams,
    Location, ParameterInformation, ParameterLabel, PrepareRenameResponse, ReferenceParams, RenameParams,
    SemanticTokens, SemanticTokensParams, SemanticTokensRangeParams, SemanticTokensRangeResult,
    SemanticTokensResult, SignatureHelp, SignatureHelpParams, SignatureInformation, TextDocumentIdentifier,
    TextDocumentPositionParams, WorkspaceEdit,
};
use serde_json::Value;
use sluis_lang::ide;

/// Why a question is not answered.
#[derive(Debug)]
pub(crate) struct Refused {
    pub code: ErrorCode,
    pub reason: String,
}

fn refused(code: ErrorCode, reason: impl Into<String>) -> Refused {
    Refused { code, reason: reason.into() }
}

type Answer<R> = Result<<R as Request>::Result, Refused>;

/// Answers a request, by its method.
pub(crate) fn answer(
    session: &Session,
    snippets: bool,
    method: &str,
    params: Value,
) -> Result<Value, Refused> {
    match method {
        request::Completion::METHOD => {
            typed::<request::Completion>(params, |params| completion(session, snippets, params))
        }
        request::HoverRequest::METHOD => typed::<request::HoverRequest>(params, |p| hover(session, p)),
        request::SignatureHelpRequest::METHOD => {
            typed::<request::SignatureHelpRequest>(params, |p| signature_help(session, p))
        }
        request::GotoDefinition::METHOD => {
            typed::<request::GotoDefinition>(params, |p| definition(session, p))
        }
        request::References::METHOD => typed::<request::References>(params, |p| references(session, p)),
        request::DocumentHighlightRequest::METHOD => {
            typed::<request::DocumentHighlightRequest>(params, |p| highlights(session, p))
        }
        request::PrepareRenameRequest::METHOD => {
            typed::<request::PrepareRenameRequest>(params, |p| prepare_rename(session, p))
        }
        request::Rename::METHOD => typed::<request::Rename>(params, |p| rename(session, p)),
        request::DocumentSymbolRequest::METHOD => {
            typed::<request::DocumentSymbolRequest>(params, |p| symbols(session, p))
        }
        request::FoldingRangeRequest::METHOD => {
            typed::<request::FoldingRangeRequest>(params, |p| folding(session, p))
        }
        request::SemanticTokensFullRequest::METHOD => {
            typed::<request::SemanticTokensFullRequest>(params, |p| tokens(session, p))
        }
        request::SemanticTokensRangeRequest::METHOD => {
            typed::<request::SemanticTokensRangeRequest>(params, |p| tokens_in_range(session, p))
        }
        request::Formatting::METHOD => typed::<request::Formatting>(params, |p| formatting(session, p)),
        request::RangeFormatting::METHOD => {
            typed::<request::RangeFormatting>(params, |p| formatting_in_range(session, p))
        }
        request::CodeActionRequest::METHOD => {
            typed::<request::CodeActionRequest>(params, |p| code_actions(session, p))
        }
        _ => Err(refused(ErrorCode::MethodNotFound, format!("`{method}` is not known here"))),
    }
}

fn typed<R: Request>(params: Value, answer: impl FnOnce(R::Params) -> Answer<R>) -> Result<Value, Refused> {
    let params = serde_json::from_value(params)
        .map_err(|error| refused(ErrorCode::InvalidParams, format!("`{}`: {error}", R::METHOD)))?;
    serde_json::to_value(answer(params)?)
        .map_err(|error| refused(ErrorCode::InternalError, error.to_string()))
}

fn open<'s>(session: &'s Session, text: &TextDocumentIdentifier) -> Result<&'s Open, Refused> {
    let missing = || refused(ErrorCode::InvalidParams, format!("`{}` is not open", text.uri.as_str()));
    session.get(&text.uri).ok_or_else(missing)
}

/// The text and the byte offset that a question is about.
fn place<'s>(session: &'s Session, at: &TextDocumentPositionParams) -> Result<(&'s Open, u32), Refused> {
    let open = open(session, &at.text_document)?;
    Ok((open, open.file().offset(at.position)))
}

fn completion(session: &Session, snippets: bool, params: CompletionParams) -> Answer<request::Completion> {
    let (open, offset) = place(session, &params.text_document_position)?;
    let file = open.file();
    let found = ide::completions(&file.document, offset).into_iter();
    Ok(Some(CompletionResponse::Array(found.map(|one| convert::completion(file, one, snippets)).collect())))
}

fn hover(session: &Session, params: HoverParams) -> Answer<request::HoverRequest> {
    let (open, offset) = place(session, &params.text_document_position_params)?;
    let file = open.file();
    Ok(ide::hover(&file.document, offset).map(|found| Hover {
        contents: HoverContents::Markup(convert::markdown(found.markdown)),
        range: Some(file.range(found.span)),
    }))
}

fn signature_help(session: &Session, params: SignatureHelpParams) -> Answer<request::SignatureHelpRequest> {
    let (open, offset) = place(session, &params.text_document_position_params)?;
    let Some(found) = ide::signatures(&open.file().document, offset) else { return Ok(None) };
    let argument = found.argument as u32;
    let signature = |one: ide::Signature| SignatureInformation {
        label: one.label,
        documentation: one.doc.map(|doc| Documentation::MarkupContent(convert::markdown(doc))),
        parameters: Some(
            one.params
                .into_iter()
                .map(|label| ParameterInformation {
                    label: ParameterLabel::Simple(label),
                    documentation: None,
                })
                .collect(),
        ),
        active_parameter: Some(argument),
    };
    Ok(Some(SignatureHelp {
        signatures: found.all.into_iter().map(signature).collect(),
        active_signature: Some(found.active as u32),
        active_parameter: Some(argument),
    }))
}

fn definition(session: &Session, params: GotoDefinitionParams) -> Answer<request::GotoDefinition> {
    let (open, offset) = place(session, &params.text_document_position_params)?;
    let file = open.file();
    let found = ide::definition(&file.document, offset);
    let location = |span| Location { uri: open.uri.clone(), range: file.range(span) };
    Ok(found.map(|span| GotoDefinitionResponse::Scalar(location(span))))
}

fn references(session: &Session, params: ReferenceParams) -> Answer<request::References> {
    let (open, offset) = place(session, &params.text_document_position)?;
    let file = open.file();
    let with_declaration = params.context.include_declaration;
    let found = ide::references(&file.document, offset).into_iter();
    let wanted = found.filter(|reference| with_declaration || !reference.declares);
    Ok(Some(wanted.map(|r| Location { uri: open.uri.clone(), range: file.range(r.span) }).collect()))
}

fn highlights(
    session: &Session,
    params: DocumentHighlightParams,
) -> Answer<request::DocumentHighlightRequest> {
    let (open, offset) = place(session, &params.text_document_position_params)?;
    let file = open.file();
    let highlight = |reference: ide::Reference| DocumentHighlight {
        range: file.range(reference.span),
        kind: Some(if reference.writes { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    Ok(Some(ide::references(&file.document, offset).into_iter().map(highlight).collect()))
}

fn prepare_rename(
    session: &Session,
    params: TextDocumentPositionParams,
) -> Answer<request::PrepareRenameRequest> {
    let (open, offset) = place(session, &params)?;
    let file = open.file();
    let span = ide::prepare_rename(&file.document, offset)
        .map_err(|refusal| refused(ErrorCode::RequestFailed, refusal.0))?;
    Ok(Some(PrepareRenameResponse::Range(file.range(span))))
}

fn rename(session: &Session, params: RenameParams) -> Result<Option<WorkspaceEdit>, Refused> {
    let (open, offset) = place(session, &params.text_document_position)?;
    let edits = ide::rename(&open.file().document, offset, &params.new_name)
        .map_err(|refusal| refused(ErrorCode::RequestFailed, refusal.0))?;
    Ok(Some(edits::workspace_edit(open, edits)))
}

fn symbols(session: &Session, params: DocumentSymbolParams) -> Answer<request::DocumentSymbolRequest> {
    let file = open(session, &params.text_document)?.file();
    let found = ide::outline(&file.document).into_iter();
    Ok(Some(DocumentSymbolResponse::Nested(found.map(|entry| convert::symbol(file, entry)).collect())))
}

fn folding(session: &Session, params: FoldingRangeParams) -> Answer<request::FoldingRangeRequest> {
    let file = open(session, &params.text_document)?.file();
    let fold = |fold: ide::Fold| {
        let range = file.range(fold.span);
        let comment = fold.kind == ide::FoldKind::Comment;
        // The line of a closing bracket stays visible.
        let end_line = if comment { range.end.line } else { range.end.line.saturating_sub(1) };
        let start_line = range.start.line;
        (end_line > start_line).then(|| FoldingRange {
            start_line,
            end_line,
            kind: comment.then_some(FoldingRangeKind::Comment),
            ..FoldingRange::default()
        })
    };
    Ok(Some(ide::folds(&file.document).into_iter().filter_map(fold).collect()))
}

fn tokens(session: &Session, params: SemanticTokensParams) -> Answer<request::SemanticTokensFullRequest> {
    let file = open(session, &params.text_document)?.file();
    let data = semantic::tokens(session, file, None);
    Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: None, data })))
}

fn tokens_in_range(
    session: &Session,
    params: SemanticTokensRangeParams,
) -> Answer<request::SemanticTokensRangeRequest> {
    let file = open(session, &params.text_document)?.file();
    let data = semantic::tokens(session, file, Some(file.span(params.range)));
    Ok(Some(SemanticTokensRangeResult::Tokens(SemanticTokens { result_id: None, data })))
}

/// Nothing for what cannot be read: an error would come up at every save.
fn formatting(session: &Session, params: DocumentFormattingParams) -> Answer<request::Formatting> {
    let file = open(session, &params.text_document)?.file();
    Ok(ide::formatting(&file.document, None).map(|edits| edits::text_edits(file, edits)))
}

fn formatting_in_range(
    session: &Session,
    params: DocumentRangeFormattingParams,
) -> Answer<request::RangeFormatting> {
    let file = open(session, &params.text_document)?.file();
    let edits = ide::formatting(&file.document, Some(file.span(params.range)));
    Ok(edits.map(|edits| edits::text_edits(file, edits)))
}

fn code_actions(session: &Session, params: CodeActionParams) -> Result<Option<CodeActionResponse>, Refused> {
    let open = open(session, &params.text_document)?;
    Ok(Some(edits::code_actions(open, &params)))
}
