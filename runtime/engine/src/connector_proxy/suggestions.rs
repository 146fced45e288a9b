//! Type-ahead: what an input of an API may be, for a form that is being filled in.

use crate::builder::Engine;
use serde_json::{Value, json};
use sluis_model::connector::{Input, InputType};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;

/// Answers of one question at most.
const AT_MOST: usize = 100;

impl Engine {
    /// What an input may be, of a category `ns/api/input`: maps of `value` and `label` whose label or value
    /// begins with `prefix`. Without the API key only categories that the org has opened are answered.
    pub async fn proxy_typeahead(
        &self,
        org: &OrgId,
        category: &str,
        prefix: &str,
        limit: usize,
        has_key: bool,
    ) -> Result<Vec<Value>, Failure> {
        if !has_key && !self.proxy_settings(org).await?.open_typeahead.iter().any(|open| open == category) {
            return Err(Failure::new(Reason::Unauthenticated, "Unauthorized"));
        }
        let unknown = || {
            let shown: String = category.chars().take(200).collect();
            Failure::new(Reason::NotFound, format!("there is no category `{shown}`"))
                .help("a category is `ns/api/input`, an input of a released API with values to choose from")
        };
        let mut parts = category.split('/');
        let (Some(plugin), Some(command), Some(input), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        let found = self.api_of_command(org, plugin, command).await;
        let (api, definition) = found.map_err(|_| unknown())?;
        let input =
            definition.apis.get(api.api()).and_then(|api| api.inputs.get(input)).ok_or_else(unknown)?;
        let wanted = prefix.to_lowercase();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let begins = |value: &&Value| text(value).to_lowercase().starts_with(&wanted);
        let choices = choices(input);
        let choices = choices.iter().filter(begins).take(limit.min(AT_MOST));
        Ok(choices.map(|value| json!({ "value": value, "label": text(value) })).collect())
    }
}

/// What an input is known to take.
fn choices(input: &Input) -> Vec<Value> {
    match input.kind {
        InputType::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        _ => input.default.iter().chain(&input.example).cloned().collect(),
    }
}
