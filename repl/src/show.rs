//! Values and help as text.

use sluis_lang::manual;
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

/// The pages of everything that answers to a name; `None` if nothing does.
pub fn help_of(name: &str) -> Option<String> {
    let pages: Vec<String> = manual::pages(name).iter().map(manual::Page::plain).collect();
    (!pages.is_empty()).then(|| pages.join("\n").trim_end().to_owned())
}

/// An API as its caller wants to know it.
pub fn api(id: &str, api: &ApiDefinition) -> String {
    let mut text = format!("{id}\n  {} {}", method(api), api.url).trim_end().to_owned();
    if let Some(description) = &api.description {
        let _ = write!(text, "\n  {description}");
    }
    for (name, input) in api.inputs.iter() {
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
        assert!(text.starts_with("invokeConnector(api, [data], [options])"), "{text}");
        assert_eq!(help_of("nothing of that name"), None);
    }

    #[test]
    fn help_names_the_receiver_of_a_text_method_in_one_word_and_every_receiver_of_a_shared_name() {
        assert!(help_of("trim").unwrap().starts_with("text.trim()"), "{:?}", help_of("trim"));
        let contains = help_of("contains").unwrap();
        assert!(contains.contains("text.contains(") && contains.contains("list"), "{contains}");
    }
}
