//! The variables that a connector call passes, against those that the released API declares.

use super::certain::{Judge, told};
use super::kinds::tables::not_plain;
use super::kinds::{At, Fact, KindSet};
use crate::catalog::{Api, Input, InputKind};
use crate::codes;
use crate::diagnostic::{Diagnostic, Fix};
use crate::host::{API_CALLS, HOST_CALLS};
use crate::resolve::Callee;
use crate::source::Span;
use crate::suggest::{closest, did_you_mean};
use crate::syntax::ast::{Arg, Expr, ExprKind};
use crate::value::Kind;

/// The key under which files are passed; it is no variable of an API.
const FILES: &str = "CRMAPIFILES";

/// Looks at `invokeConnector("connector.api", data)`.
pub(super) fn connector_call<'a>(judge: &mut Judge<'a>, at: &At<'_, 'a>) {
    let (Some(Callee::Host(index)), Some(catalog)) = (at.callee, &judge.env.catalog) else { return };
    if HOST_CALLS.get(*index).is_none_or(|call| !API_CALLS.contains(&call.name)) {
        return;
    }
    let (ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. }) = &at.expr.kind else { return };
    let Some(ExprKind::Text { value: id, .. }) = args.first().map(|arg| &arg.value.kind) else { return };
    let Some(api) = catalog.api(id) else { return };
    let Some(inputs) = &api.inputs else { return };
    let call = Call { api, inputs, span: at.expr.span };
    match args.get(1) {
        None => call.nothing(judge, inputs.iter().filter(|input| input.required)),
        Some(data) => call.data(judge, data, at),
    }
}

struct Call<'c> {
    api: &'c Api,
    inputs: &'c [Input],
    span: Span,
}

impl Call<'_> {
    fn diagnostic(&self, diagnostic: Diagnostic) -> Diagnostic {
        match &self.api.documentation {
            Some(url) => diagnostic.url(url.clone()),
            None => diagnostic,
        }
    }

    fn nothing<'i>(&self, judge: &mut Judge<'_>, required: impl Iterator<Item = &'i Input>) {
        for input in required {
            self.missing(judge, input, self.span, None);
        }
    }

    fn data<'a>(&self, judge: &mut Judge<'a>, data: &'a Arg, at: &At<'_, 'a>) {
        let Some(fact) = at.parts.get(1) else { return };
        let map = KindSet::these(&[Kind::Map, Kind::Empty, Kind::List, Kind::Null]);
        if fact.kinds.both(map) != fact.kinds {
            return;
        }
        if fact.kinds == KindSet::NULL {
            return self.nothing(judge, self.inputs.iter().filter(|input| input.required));
        }
        let Some(shape) = fact.site.and_then(|site| at.state.shape(site)) else { return };
        let entries = match &data.value.kind {
            ExprKind::Map(entries) => Some(entries.as_slice()),
            _ => None,
        };
        for (name, key) in &shape.keys {
            let place = place_of(entries, name).unwrap_or((data.value.span, data.value.span));
            match self.inputs.iter().find(|input| input.name == *name) {
                Some(input) => self.kind(judge, input, Fact::of(key.kinds), place.1),
                None if *name == FILES => {}
                None => self.unknown(judge, name, place.0, entries.is_some(), &shape.keys),
            }
        }
        if shape.open {
            return;
        }
        for input in self.inputs.iter().filter(|input| input.required) {
            // A misspelt key is reported as such; that the right one is missing goes without saying.
            let misspelt = shape.keys.keys().any(|key| {
                !self.inputs.iter().any(|input| input.name == **key)
                    && closest(key, std::iter::once(input.name.as_str())).is_some()
            });
            if !shape.keys.contains_key(input.name.as_str()) && !misspelt {
                self.missing(judge, input, data.value.span, entries);
            }
        }
    }

    fn missing(&self, judge: &mut Judge<'_>, input: &Input, span: Span, entries: Option<&[(Expr, Expr)]>) {
        let example = input.example.clone().unwrap_or_else(|| sample(input.kind).to_owned());
        let mut diagnostic = Diagnostic::error(
            codes::MISSING_INPUT,
            span,
            format!("`{}` needs the variable `{}`", self.api.id, input.name),
        )
        .label(format!("`{}` is never put in", input.name))
        .help(format!("add it: `{{\"{}\": {example}}}`", input.name));
        if let Some(text) = &input.description {
            diagnostic = diagnostic.note(format!("`{}`: {text}", input.name));
        }
        if let Some((_, last)) = entries.and_then(<[_]>::last) {
            let end = Span::new(last.span.end, last.span.end);
            let text = format!(", \"{}\": {example}", input.name);
            diagnostic = diagnostic.fix(Fix::replace(format!("add `{}`", input.name), end, text, false));
        }
        judge.found.push(self.diagnostic(diagnostic));
    }

    fn unknown<K>(
        &self,
        judge: &mut Judge<'_>,
        name: &str,
        span: Span,
        literal: bool,
        given: &std::collections::BTreeMap<&str, K>,
    ) {
        let free =
            || self.inputs.iter().map(|input| input.name.as_str()).filter(|input| !given.contains_key(input));
        let near = closest(name, free());
        let help = match (near, self.inputs.is_empty()) {
            (_, true) => "it takes no variables".to_owned(),
            (None, _) => did_you_mean(None, self.inputs.iter().map(|input| input.name.as_str())),
            (near, _) => did_you_mean(near, free()),
        };
        let mut diagnostic = Diagnostic::warning(
            codes::UNKNOWN_INPUT,
            span,
            format!("`{}` takes no variable `{name}`", self.api.id),
        )
        .label("not sent: the API does not know it")
        .help(help);
        if let (Some(near), true) = (near, literal) {
            let key = format!("\"{near}\"");
            diagnostic = diagnostic.fix(Fix::replace(format!("write `{near}`"), span, key, false));
        }
        judge.found.push(self.diagnostic(diagnostic));
    }

    fn kind(&self, judge: &mut Judge<'_>, input: &Input, fact: Fact, span: Span) {
        let taken = taken(input.kind);
        if fact.kinds.is_empty() || !fact.kinds.is_apart_from(taken.with(Kind::Null)) {
            return;
        }
        let (name, word) = (&input.name, word(input.kind));
        let mut diagnostic = Diagnostic::error(
            codes::INPUT_KIND,
            span,
            format!("`{name}` of `{}` is a {word}, not {}", self.api.id, told(fact.kinds)),
        )
        .label(format!("`{name}` is {}", told(fact.kinds)))
        .help(match &input.example {
            Some(example) => format!("pass a {word}: `{{\"{name}\": {example}}}`"),
            None => format!("pass a {word}: `{{\"{name}\": {}}}`", sample(input.kind)),
        });
        if let Some(text) = &input.description {
            diagnostic = diagnostic.note(format!("`{name}`: {text}"));
        }
        judge.found.push(self.diagnostic(diagnostic));
    }
}

/// Where a literal map holds a key: the key and its value.
fn place_of(entries: Option<&[(Expr, Expr)]>, name: &str) -> Option<(Span, Span)> {
    let is = |key: &Expr| matches!(&key.kind, ExprKind::Text { value, .. } if value == name);
    entries?.iter().rev().find(|(key, _)| is(key)).map(|(key, value)| (key.span, value.span))
}

/// What is let through for an input, the machine's own conversions included.
fn taken(kind: InputKind) -> KindSet {
    let kinds: &[Kind] = match kind {
        InputKind::Any | InputKind::File => return KindSet::ANY,
        InputKind::Text => {
            &[Kind::Text, Kind::Number, Kind::Decimal, Kind::Boolean, Kind::Date, Kind::DateTime]
        }
        InputKind::Number => &[Kind::Number, Kind::Decimal, Kind::Text],
        InputKind::Boolean => &[Kind::Boolean, Kind::Text],
        InputKind::Date => &[Kind::Date, Kind::DateTime, Kind::Text],
        InputKind::List => &[Kind::List, Kind::Empty],
        InputKind::Map => &[Kind::Map, Kind::Empty],
    };
    KindSet::these(kinds).union(not_plain())
}

fn word(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Any => "value",
        InputKind::Text => "text",
        InputKind::Number => "number",
        InputKind::Boolean => "boolean",
        InputKind::Date => "date",
        InputKind::List => "list",
        InputKind::Map => "map",
        InputKind::File => "file",
    }
}

fn sample(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Any | InputKind::Text => "\"…\"",
        InputKind::Number => "1",
        InputKind::Boolean => "true",
        InputKind::Date => "zoho.currentdate",
        InputKind::List => "{…}",
        InputKind::Map => "Map()",
        InputKind::File => "file",
    }
}
