//! Arguments that do not go with the declared types of a function of the file.

use super::certain::{Judge, is_here, told};
use super::kinds::{Fact, tables};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::Arg;

/// Reports arguments of kinds that a declared type certainly does not mean.
pub(super) fn check<'a>(judge: &mut Judge<'a>, index: usize, args: &'a [Arg], given: &[Fact]) {
    let Some(function) = judge.program.functions.get(index) else { return };
    for ((param, arg), fact) in function.params.iter().zip(args).zip(given) {
        let Some(ty) = &param.ty else { continue };
        if fact.kinds.is_empty() || !fact.kinds.is_apart_from(tables::accepted(&ty.text)) {
            continue;
        }
        judge.found.push(
            Diagnostic::warning(
                codes::PARAMETER_KIND,
                arg.value.span,
                format!(
                    "`{}` of `{}` is declared `{}`, but this is {}",
                    param.name.text,
                    function.full_name(),
                    ty.text,
                    told(fact.kinds)
                ),
            )
            .label(is_here(&arg.value, fact.kinds))
            .also(ty.span, "declared here")
            .help("pass what the function expects, or change its declared type"),
        );
    }
}
