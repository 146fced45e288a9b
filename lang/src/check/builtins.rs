//! How many arguments the built-ins take, in both of their forms.

use crate::stdlib::{self, Builtin};
use std::fmt::Write;

/// How a built-in is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `receiver.name(args)`
    Method,
    /// `name(receiver, args)`, or `name(args)` if it has no receiver.
    Free,
}

/// What is known about a name and a number of arguments.
pub(super) enum Fit {
    /// There is a built-in that takes them.
    Fits,
    /// There is no built-in of the name in this form.
    Unknown,
    /// There is, with other numbers of arguments: how it is written.
    WrongCount(String),
}

/// Looks up a built-in.
pub(super) fn fit(name: &str, form: Form, args: usize) -> Fit {
    let candidates: Vec<&Builtin> =
        stdlib::find(name).filter(|builtin| form == Form::Free || !builtin.on.is_empty()).collect();
    if candidates.is_empty() {
        return Fit::Unknown;
    }
    let takes = |builtin: &&Builtin| {
        let receiver = usize::from(form == Form::Free && !builtin.on.is_empty());
        (builtin.required() + receiver..=builtin.params.len() + receiver).contains(&args)
    };
    if candidates.iter().any(takes) {
        return Fit::Fits;
    }
    let mut written: Vec<String> = candidates.iter().map(|builtin| signature(builtin, form)).collect();
    written.dedup();
    Fit::WrongCount(written.join(" or "))
}

fn signature(builtin: &Builtin, form: Form) -> String {
    let mut out = match form {
        Form::Method => format!("`x.{}(", builtin.name),
        Form::Free => format!("`{}(", builtin.name),
    };
    let mut first = true;
    if form == Form::Free && !builtin.on.is_empty() {
        out.push('x');
        first = false;
    }
    for param in builtin.params {
        let comma = if first { "" } else { ", " };
        let (open, close) = if param.optional { ("[", "]") } else { ("", "") };
        let _ = write!(out, "{open}{comma}{}{close}", param.name);
        first = false;
    }
    out + ")`"
}
