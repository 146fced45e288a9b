//! `Collection(…)` and `insert(…)`: any number of values or of `key: value` entries, never both.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve;
use crate::syntax::ast::{Arg, Ident};

/// Looks at the arguments of a call that gathers them; false if this is none. `before` arguments
/// stand before the gathered ones: the receiver, in free form.
pub(super) fn arguments(checker: &mut Checker<'_>, name: &Ident, args: &[Arg], before: usize) -> bool {
    if !resolve::gathers(&name.text) {
        return false;
    }
    let (plain, gathered) = args.split_at(before.min(args.len()));
    let keyed = gathered.first().is_some_and(|arg| arg.key.is_some());
    let stray = plain
        .iter()
        .find(|arg| arg.key.is_some())
        .or_else(|| gathered.iter().find(|arg| arg.key.is_some() != keyed));
    if let Some(arg) = stray {
        let (label, help) = if arg.key.is_some() {
            ("this has a key", "give every value a key, or none: `Collection(\"a\", \"b\")`")
        } else {
            ("this has no key", "give every value a key, or none: `Collection(\"a\": 1, \"b\": 2)`")
        };
        let span = arg.key.as_ref().map_or(arg.value.span, |key| key.span.to(arg.value.span));
        checker.report(
            Diagnostic::error(
                codes::WRONG_ARGUMENT_COUNT,
                span,
                format!("`{}` takes values or `key: value` entries, not both", name.text),
            )
            .label(label)
            .help(help),
        );
    }
    true
}
