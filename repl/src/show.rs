//! Values and help as text.

use sluis_lang::host::{HOST_CALLS, HostCallSpec};
use sluis_lang::stdlib::{self, Builtin};
use sluis_lang::value::data::Data;
use sluis_model::connector::{ApiDefinition, Input};
use std::fmt::Write as _;

/// Most characters of one value that are shown.
const LONGEST: usize = 4_000;

/// A value as the prompt shows it: text in quotes, so that `"5"` is not taken for `5`; lists and
/// maps as JSON.
pub fn value(data: &Data) -> String {
    clip(&data.to_json(), LONGEST)
}

/// The beginning of a text, with how much is left out.
pub fn clip(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}… {} more characters", &text[..at], text[at..].chars().count()),
        None => text.to_owned(),
    }
}

/// `text.subString(start, end?)`: how a built-in is called.
pub fn signature(builtin: &Builtin) -> String {
    let receiver = match builtin.on {
        [] => String::new(),
        [one] => format!("{}.", one.name()),
        several => {
            let names: Vec<&str> = several.iter().map(|kind| kind.name()).collect();
            format!("({}).", names.join(" or "))
        }
    };
    let params: Vec<String> = builtin
        .params
        .iter()
        .map(|param| format!("{}{}: {}", param.name, if param.optional { "?" } else { "" }, param.ty))
        .collect();
    format!("{receiver}{}({}) → {}", builtin.name, params.join(", "), builtin.returns)
}

/// Doc and examples of everything that answers to a name; `None` if nothing does.
pub fn help_of(name: &str) -> Option<String> {
    let mut text = String::new();
    for builtin in stdlib::find(name) {
        let _ = writeln!(text, "{}\n  {}", signature(builtin), builtin.doc);
        for example in builtin.examples {
            let _ = writeln!(text, "    {}   // {}", example.source, example.prints.replace('\n', " ⏎ "));
        }
    }
    for call in HOST_CALLS.iter().filter(|call| call.spellings.iter().any(|s| s.eq_ignore_ascii_case(name))) {
        let _ = writeln!(text, "{}\n  {}", host_signature(call), call.doc);
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

/// How a host call is written.
pub fn host_signature(call: &HostCallSpec) -> String {
    let spelling = call.spellings.first().copied().unwrap_or(call.name);
    if call.variable {
        return spelling.to_owned();
    }
    let optional = |at: usize| if at < call.required { "" } else { "?" };
    let params: Vec<String> =
        call.params.iter().enumerate().map(|(at, param)| format!("{param}{}", optional(at))).collect();
    format!("{spelling}({})", params.join(", "))
}

/// An API as its caller wants to know it.
pub fn api(id: &str, api: &ApiDefinition) -> String {
    let mut text = format!("{id}\n  {} {}", method(api), api.url);
    if let Some(description) = &api.description {
        let _ = write!(text, "\n  {description}");
    }
    for (name, input) in &api.inputs {
        let _ = write!(text, "\n    {name}{}{}", if input.required { "*" } else { "" }, about(input));
    }
    text
}

fn method(api: &ApiDefinition) -> http::Method {
    api.method.into()
}

fn about(input: &Input) -> String {
    let mut text = String::new();
    if let Some(description) = &input.description {
        let _ = write!(text, "  {description}");
    }
    if let Some(default) = &input.default {
        let _ = write!(text, "  default {default}");
    }
    if let Some(example) = &input.example {
        let _ = write!(text, "  e.g. {example}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_in_quotes_and_a_number_is_not() {
        assert_eq!(value(&Data::Text("5".to_owned())), "\"5\"");
        assert_eq!(value(&Data::Int(5)), "5");
    }

    #[test]
    fn a_long_text_is_clipped_between_characters() {
        assert_eq!(clip("äöü", 2), "äö… 1 more characters");
        assert_eq!(clip("äöü", 3), "äöü");
    }

    #[test]
    fn help_of_a_host_call_names_its_parameters() {
        let text = help_of("INVOKECONNECTOR").unwrap();
        assert!(text.starts_with("invokeConnector(api, data?)"), "{text}");
        assert_eq!(help_of("nothing of that name"), None);
    }
}
