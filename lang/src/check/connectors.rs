//! Names of connectors and their APIs, where they stand in the script as texts.

use super::Checker;
use crate::catalog::Catalog;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::host::API_CALLS;
use crate::suggest::{closest, did_you_mean};
use crate::syntax::ast::{Arg, Expr, ExprKind};

/// The first argument of a host call that names a connector or an API.
pub(super) fn host_call(checker: &mut Checker<'_>, name: &str, args: &[Arg]) {
    let Some(first) = args.first() else { return };
    match name {
        name if name == "budget" || API_CALLS.contains(&name) => api(checker, &first.value),
        "authorize" | "isAuthorized" | "revoke" => connector(checker, &first.value),
        _ => {}
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Text { value, .. } => Some(value),
        _ => None,
    }
}

fn namespaces(catalog: &Catalog) -> Vec<&str> {
    let mut all: Vec<&str> = catalog.namespaces.iter().map(String::as_str).collect();
    all.sort_unstable();
    all
}

/// An id such as `gcontacts.list`.
fn api(checker: &mut Checker<'_>, expr: &Expr) {
    let (Some(id), Some(catalog)) = (text(expr), &checker.env.catalog) else { return };
    if catalog.api(id).is_some() {
        return;
    }
    let Some((namespace, _)) = id.split_once('.') else {
        return checker.report(
            Diagnostic::error(codes::UNKNOWN_CONNECTOR, expr.span, format!("`{id}` names no API"))
                .label("needs a connector and an API")
                .help("an API is called by `connector.api`"),
        );
    };
    let installed = namespaces(catalog);
    if !installed.contains(&namespace) {
        return unknown_connector(checker, expr, namespace, &installed);
    }
    let prefix = format!("{namespace}.");
    let here = || catalog.apis.iter().map(|api| api.id.as_str()).filter(|id| id.starts_with(&prefix));
    let near = closest(id, here());
    let help = did_you_mean(near, here());
    let quoted = near.map(|near| format!("\"{near}\""));
    checker.report(
        Diagnostic::error(
            codes::UNKNOWN_CONNECTOR,
            expr.span,
            format!("the connector `{namespace}` has no API `{}`", &id[prefix.len()..]),
        )
        .label("not in this connector")
        .help(help)
        .meant(quoted.as_deref(), expr.span),
    );
}

/// The name of a connector.
pub(super) fn connector(checker: &mut Checker<'_>, expr: &Expr) {
    let (Some(name), Some(catalog)) = (text(expr), &checker.env.catalog) else { return };
    // `gcontacts/sales` is one of several connections of `gcontacts`.
    let name = name.split_once('/').map_or(name, |(connector, _)| connector);
    let installed = namespaces(catalog);
    if !installed.contains(&name) {
        unknown_connector(checker, expr, name, &installed);
    }
}

fn unknown_connector(checker: &mut Checker<'_>, expr: &Expr, name: &str, installed: &[&str]) {
    let help = match closest(name, installed.iter().copied()) {
        Some(found) => format!("did you mean `{found}`? Connectors here: {}", installed.join(", ")),
        None if installed.is_empty() => "no connector is installed here; release one first".to_string(),
        None => format!("connectors here: {}", installed.join(", ")),
    };
    checker.report(
        Diagnostic::error(codes::UNKNOWN_CONNECTOR, expr.span, format!("there is no connector `{name}`"))
            .label("not installed")
            .help(help),
    );
}
