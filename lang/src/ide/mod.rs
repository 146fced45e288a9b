//! What an editor asks of a script: completion, help, navigation, colours. Plain data in and out;
//! places are byte offsets. The language server, the prompt and the browser build all ask here.
//!
//! Read in this order: [`document`] (one version of a script), `names` (what each name means),
//! `cursor` (what may stand at a place), `kinds` (what a value may be), then one file a question.

mod actions;
mod completion;
mod cursor;
mod describe;
pub mod document;
mod folding;
mod formatting;
mod hover;
mod kinds;
#[cfg(test)]
mod marked;
mod names;
mod navigation;
mod outline;
mod rename;
mod signature;
mod tokens;

pub use actions::{Action, actions, all_safe_fixes};
pub use completion::{Completion, CompletionKind, completions};
pub use document::Document;
pub use folding::{Fold, FoldKind, folds};
pub use formatting::formatting;
pub use hover::{Hover, hover};
pub use navigation::{Reference, definition, references};
pub use outline::{Outline, OutlineKind, outline};
pub use rename::{Refusal, prepare_rename, rename};
pub use signature::{Signature, Signatures, signatures};
pub use tokens::{SemanticToken, TokenRole, semantic_tokens};
