//! Integration tasks (`zoho.crm.getRecordById(…)`), tasks that a connector stands behind, and calls
//! that are written as functions though they are tasks.

use super::Checker;
use super::calls::near_host_call;
use super::names::ELSEWHERE;
use super::task_table::spec;
use crate::catalog::{Catalog, TaskForm, task_key};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident};

/// Connector files that come with Sluis, by the services whose tasks they offer.
const SHIPPED: &[(&str, &str)] = &[("zoho.crm", "examples/connectors/zoho-crm/connector.yaml")];

/// Schemes that `openUrl` opens; an address without one is relative.
const SCHEMES: &[&str] = &["http", "https", "mailto"];

impl<'a> Checker<'a> {
    /// `zoho.crm.getRecordById("Deals", id)`. Without a catalog nothing is known, and nothing said.
    pub(super) fn integration_task(&mut self, node: &'a Expr, name: &'a Ident, full: &str, args: &'a [Arg]) {
        let offered = self.env.catalog.as_ref().and_then(|catalog| catalog.task(full));
        if let Some((api, form)) = offered {
            let (id, form) = (api.id.clone(), form.clone());
            return self.task_count(node, &form, &id, args);
        }
        let lower = full.to_ascii_lowercase();
        if ELSEWHERE.iter().any(|variable| lower.starts_with(&format!("{variable}."))) {
            return self.unknown_system_variable(node, full);
        }
        if near_host_call(full).is_some() {
            return self.unknown_function(node, name, full);
        }
        if let Some(catalog) = &self.env.catalog {
            let help = install(catalog, full);
            self.report(
                Diagnostic::error(
                    codes::NO_TASK_CONNECTOR,
                    Span::new(node.span.start, name.span.end),
                    format!("no released connector offers `{full}`"),
                )
                .label("not offered here")
                .help(help),
            );
        }
    }

    fn task_count(&mut self, node: &'a Expr, form: &TaskForm, api: &str, args: &'a [Arg]) {
        if (form.required..=form.parameters.len()).contains(&args.len()) {
            return;
        }
        let (required, optional) = form.parameters.split_at(form.required.min(form.parameters.len()));
        let mut written = required.join(", ");
        if !optional.is_empty() {
            let comma = if required.is_empty() { "" } else { ", " };
            written.push_str(&format!("[{comma}{}]", optional.join(", ")));
        }
        let given = args.len();
        self.report(
            Diagnostic::error(
                codes::TASK_ARGUMENTS,
                node.span,
                format!("`{}` does not take {given} value{}", form.name, if given == 1 { "" } else { "s" }),
            )
            .label(format!("{given} given"))
            .help(format!("it is written `{}({written})`, as `{api}` declares", form.name)),
        );
    }

    /// A task such as `sendsms`, which is passed on to an API of a certain id.
    pub(super) fn api_behind(&mut self, task: &str, span: Span, api: &str) {
        let Some(catalog) = &self.env.catalog else { return };
        if catalog.api(api).is_some() {
            return;
        }
        let (namespace, name) = api.split_once('.').unwrap_or((api, "send"));
        self.report(
            Diagnostic::error(
                codes::NO_TASK_CONNECTOR,
                span,
                format!("no released connector offers `{task}`: there is no `{api}`"),
            )
            .label("needs a connector")
            .help(format!(
                "release a connector with the namespace `{namespace}` and an API `{name}` whose inputs are the keys \
                 of this task, such as `to` and `message`: sluis connector release FILE"
            )),
        );
    }

    /// A task or an old form that stands there as a call.
    pub(super) fn task_as_call(&mut self, call: &str, node: &'a Expr, args: &'a [Arg]) {
        match call {
            "invokeurl" | "getUrl" | "postUrl" => self.deprecated(call, node),
            "openUrl" => self.opened(args),
            _ => {
                let Some(spec) = spec(call) else { return };
                self.report(
                    Diagnostic::error(
                        codes::TASK_KEY,
                        node.span,
                        format!("`{}` is a task and takes square brackets", spec.name),
                    )
                    .label("written as a call")
                    .help(format!("write `{}`", spec.example)),
                );
            }
        }
    }

    fn deprecated(&mut self, call: &str, node: &'a Expr) {
        let (form, instead) = match call {
            "getUrl" => ("`getUrl(…)`", "invokeurl [ url: \"…\" type: GET ]"),
            "postUrl" => ("`postUrl(…)`", "invokeurl [ url: \"…\" type: POST parameters: … ]"),
            _ => ("`invokeUrl(…)` with round brackets", "invokeurl [ url: \"…\" type: … parameters: … ]"),
        };
        self.report(
            Diagnostic::warning(codes::DEPRECATED_FORM, node.span, format!("{form} is deprecated"))
                .label("an old form")
                .help(format!(
                    "write `{instead}`; with `detailed: true` it answers status and headers as well"
                )),
        );
    }

    fn opened(&mut self, args: &'a [Arg]) {
        let Some(ExprKind::Text { value, .. }) = args.first().map(|arg| &arg.value.kind) else { return };
        let Some(scheme) =
            scheme(value).filter(|scheme| !SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
        else {
            return;
        };
        self.report(
            Diagnostic::error(
                codes::NOT_OPENED,
                args[0].value.span,
                format!("an address that begins with `{scheme}:` is not opened"),
            )
            .label("not opened")
            .help("openUrl takes http, https and mailto addresses, and relative ones such as `/help`"),
        );
    }
}

/// The scheme of an address (RFC 3986 section 3.1), if it has one.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.trim_start().split_once(':')?;
    let first = scheme.bytes().next()?;
    let fits = first.is_ascii_alphabetic()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    fits.then_some(scheme)
}

/// Which connector to install for a task.
fn install(catalog: &Catalog, full: &str) -> String {
    let key = task_key(full);
    let service = key.rsplit_once('.').map_or("", |(service, _)| service);
    let offered = || catalog.apis.iter().filter_map(|api| api.task.as_ref()).map(|task| task.name.as_str());
    // A call of another service is no slip of the pen.
    let of_service =
        |name: &&str| task_key(name).rsplit_once('.').is_some_and(|(prefix, _)| prefix == service);
    if let Some(near) = closest(full, offered().filter(of_service)) {
        return format!("did you mean `{near}`?");
    }
    if offered().any(|name| of_service(&name)) {
        return format!(
            "add an API with `task: {{ name: {full} }}` to the connector that offers the other tasks of `{service}`"
        );
    }
    match SHIPPED.iter().find(|(shipped, _)| *shipped == service) {
        Some((_, file)) => {
            format!("release the connector that comes with Sluis: sluis connector release {file}")
        }
        None => format!(
            "release a connector whose file declares it: an API with `task: {{ name: {full} }}`; spec/connector tells how"
        ),
    }
}
