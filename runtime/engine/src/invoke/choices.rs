//! Pick lists: the values that an input may have, as the definition or another API of the connector
//! lists them.

use super::{Argument, CallOptions, Inputs, Through};
use crate::builder::Engine;
use crate::host::part_at;
use crate::keys::Place;
use serde::Serialize;
use serde_json::Value;
use sluis_lang::value::data::Data;
use sluis_model::connector::{Input, OptionsFrom};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, OrgId};
use sluis_model::task::AnswerPath;

/// One value of a pick list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PickOption {
    /// What is sent.
    pub value: Value,
    /// What people see.
    pub label: String,
}

/// Which values of a pick list are wanted.
#[derive(Debug, Clone, Default)]
pub struct WantedOptions<'a> {
    /// What a person has typed so far.
    pub search: Option<&'a str>,
    /// So many at most; all if 0.
    pub limit: usize,
    /// The other inputs as far as they are known.
    pub given: Inputs,
}

impl Engine {
    /// The values that an input may have.
    ///
    /// # Errors
    /// There is no such input, nothing lists its values, or the API that does failed.
    pub async fn pick_options(
        &self,
        org: &OrgId,
        api: &ApiId,
        input: &str,
        wanted: &WantedOptions<'_>,
        through: &Through,
    ) -> Result<Vec<PickOption>, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        let connector = self.ready_connector(&api.namespace()).await?;
        connector.compiled.api(api.api())?;
        let definition = connector.release.definition.apis.get(api.api());
        let known = definition.and_then(|api| api.inputs.get(input)).ok_or_else(|| {
            let names: Vec<String> =
                definition.iter().flat_map(|api| api.inputs.names()).map(str::to_owned).collect();
            Failure::new(Reason::InvalidInput, format!("{api} describes no input `{input}`"))
                .help(sluis_model::suggest::help(input, &names, "inputs"))
        })?;
        let mut options = match (&known.options_from, known.choices.as_slice()) {
            (Some(from), _) => self.listed(&place, api, input, from, wanted).await?,
            (None, []) => return Err(nothing_lists(api, input, known)),
            (None, choices) => choices.iter().map(|value| option(value.clone(), None)).collect(),
        };
        let searched = known.options_from.as_ref().is_some_and(|from| from.search.is_some());
        if let Some(search) = wanted.search.filter(|_| !searched) {
            let search = search.to_lowercase();
            options.retain(|option| option.label.to_lowercase().contains(&search));
        }
        if wanted.limit > 0 {
            options.truncate(wanted.limit);
        }
        Ok(options)
    }

    async fn listed(
        &self,
        place: &Place,
        api: &ApiId,
        input: &str,
        from: &OptionsFrom,
        wanted: &WantedOptions<'_>,
    ) -> Result<Vec<PickOption>, Failure> {
        let mut inputs = from.with.clone();
        for name in &from.depends_on {
            let Some(value) = wanted.given.get(name).filter(|value| !value.is_null()) else {
                let text = format!("what `{input}` of {api} may be depends on `{name}`, which is not given");
                return Err(Failure::new(Reason::InvalidInput, text).help(format!("give `{name}` as well")));
            };
            inputs.insert(name.clone(), value.clone());
        }
        if let (Some(name), Some(search)) = (&from.search, wanted.search) {
            inputs.insert(name.clone(), Value::from(search));
        }
        let lister = ApiId::of(&api.namespace(), &from.api)
            .map_err(|error| Failure::new(Reason::InvalidDefinition, error.to_string()))?;
        let (argument, options) = (Argument::from(&inputs), CallOptions::default());
        let answer = self
            .invoke_at(place, &lister, &argument, &options, None)
            .await
            .map_err(|failed| failed.failure)?;
        if !(200..300).contains(&answer.status_code) {
            let text =
                format!("{lister}, which lists the values of `{input}`, answered {}", answer.status_code);
            return Err(Failure::new(Reason::BadUpstream, text));
        }
        let whole = match answer.value {
            Some(value) => value,
            None => Data::from_json(&answer.response).unwrap_or_default(),
        };
        let items = part(&whole, from.items.as_deref()).and_then(Data::as_list).ok_or_else(|| {
            let text = format!("the answer of {lister} holds no list of values for `{input}`");
            Failure::new(Reason::BadUpstream, text)
                .help("the connector's author corrects `items` of `options_from`")
        })?;
        let values = items.iter().filter_map(|item| {
            let value = part(item, from.value.as_deref()).filter(|value| !value.is_null())?;
            let label = part(item, from.label.as_deref().or(from.value.as_deref()));
            let value = serde_json::from_str(&value.to_json()).unwrap_or_default();
            Some(option(value, label))
        });
        Ok(values.collect())
    }
}

fn part<'a>(whole: &'a Data, path: Option<&str>) -> Option<&'a Data> {
    match path {
        Some(path) => part_at(whole, &path.parse::<AnswerPath>().ok()?),
        None => Some(whole),
    }
}

fn option(value: Value, label: Option<&Data>) -> PickOption {
    let label = match label {
        Some(Data::Text(text)) => text.clone(),
        Some(other) if !other.is_null() => other.to_json(),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    PickOption { value, label }
}

fn nothing_lists(api: &ApiId, input: &str, known: &Input) -> Failure {
    let failure =
        Failure::new(Reason::InvalidInput, format!("nothing lists the values of `{input}` of {api}"));
    match &known.example {
        Some(example) => failure.help(format!("for example: {example}")),
        None => {
            failure.help("the connector's author may say them under `enum` or `options_from` of the input")
        }
    }
}
