//! Writes a script anew in one style: tabs, braces on their own line, one key per line in tasks, blanks
//! around operators and after commas, long lines broken.
//!
//! Read in this order: [`marks`] and [`comments`] (what the tokens do not say themselves), [`doc`] (what may be laid out in
//! more than one way), [`layout`] with [`statement`], [`expression`], [`bracketed`] and [`task`] (tokens to
//! that), [`print`] (that to text), [`meaning`] (what must not have changed).
//!
//! Every token of the source is written as the author wrote it, in its order: literals are never escaped
//! anew, names keep their spelling. What may change is white space, statement keywords go to lower case,
//! needless round brackets, commas before a closing bracket and empty statements go, and a statement
//! always ends with `;`.

mod bracketed;
mod comments;
mod doc;
mod expression;
mod layout;
mod marks;
mod meaning;
mod print;
mod statement;
mod task;

pub use meaning::same_meaning;

use crate::diagnostic::Diagnostic;
use crate::syntax;

/// How many columns a line may take; a tab takes [`TAB_WIDTH`] of them.
pub const LINE_WIDTH: usize = 110;

/// How many columns a tab takes.
pub const TAB_WIDTH: usize = 4;

/// The script in the one style. Formatting the result again changes nothing.
///
/// A line ending of two characters is kept if the first line has it, and so is a byte order mark.
///
/// # Errors
/// What is wrong with a script that cannot be read: only what is understood is laid out anew.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (tree, diagnostics) = syntax::parse(text);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics.into_iter().filter(Diagnostic::is_error).collect());
    }
    let layout = layout::Layout::new(text, &tree);
    let formatted = print::print(&layout.program(&tree), mark(text), layout.line_ending());
    debug_assert!(same_meaning(text, &formatted), "formatting changed {text:?}\nto {formatted:?}");
    Ok(formatted)
}

/// The byte order mark, if the script begins with one.
fn mark(text: &str) -> &str {
    if text.starts_with('\u{feff}') { &text[..'\u{feff}'.len_utf8()] } else { "" }
}
