//! Type-ahead: what an input of an API may be, for a form that is being filled in.

use crate::builder::Engine;
use crate::host::arguments;
use serde_json::{Value, json};
use sluis_model::connector::{Input, InputType, OptionsFrom};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, OrgId};

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
        let all = match &input.options_from {
            Some(source) => self.options(org, &api, source, prefix).await?,
            None => choices(input).into_iter().map(|value| (text(&value), value)).collect(),
        };
        let sifted_there = input.options_from.as_ref().is_some_and(|source| source.search.is_some());
        let wanted = prefix.to_lowercase();
        let fits = |(label, value): &(String, Value)| {
            let begins = |text: &str| text.to_lowercase().starts_with(&wanted);
            sifted_there || begins(label) || begins(&text(value))
        };
        let found = all.into_iter().filter(fits).take(limit.min(AT_MOST));
        Ok(found.map(|(label, value)| json!({ "value": value, "label": label })).collect())
    }

    /// What another API of the connector lists, each with its name for people.
    async fn options(
        &self,
        org: &OrgId,
        api: &ApiId,
        source: &OptionsFrom,
        prefix: &str,
    ) -> Result<Vec<(String, Value)>, Failure> {
        if let Some(other) = source.depends_on.first() {
            return Err(Failure::new(
                Reason::InvalidInput,
                format!("what there is depends on the value of `{other}`, which the protocol cannot say"),
            ));
        }
        let mut given = source.with.clone();
        if let Some(search) = &source.search {
            given.insert(search.clone(), prefix.into());
        }
        let unusable = |_| Failure::new(Reason::InvalidDefinition, "`options_from` names no API");
        let lists = ApiId::of(&api.namespace(), &source.api).map_err(unusable)?;
        let answer = self.invoke(org, &lists, &given).await?;
        if !(200..300).contains(&answer.status_code) {
            let text = format!("{lists} answered with status {}", answer.status_code);
            return Err(Failure::new(Reason::BadUpstream, text));
        }
        let listed = match &answer.value {
            Some(value) => arguments::json(value)?,
            None => serde_json::from_str(&answer.response).unwrap_or_default(),
        };
        let Some(Value::Array(items)) = below(&listed, source.items.as_deref()) else {
            return Ok(Vec::new());
        };
        let option = |item: &Value| {
            let value = below(item, source.value.as_deref())?.clone();
            let label = source.label.as_deref().and_then(|at| below(item, Some(at))).map(text);
            Some((label.unwrap_or_else(|| text(&value)), value))
        };
        Ok(items.iter().filter_map(option).collect())
    }
}

/// What stands at a path such as `data.items.0`; the whole for none.
fn below<'a>(value: &'a Value, path: Option<&str>) -> Option<&'a Value> {
    path.into_iter().flat_map(|path| path.split('.')).try_fold(value, |value, key| match value {
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What an input is known to take.
fn choices(input: &Input) -> Vec<Value> {
    match input.kind {
        _ if !input.choices.is_empty() => input.choices.clone(),
        InputType::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        _ => input.default.iter().chain(&input.example).cloned().collect(),
    }
}
