//! What there is: the APIs of an org's connectors as commands, and what can be authorized.

use crate::builder::Engine;
use serde::Serialize;
use sluis_auth::{Connects, scheme_of};
use sluis_model::connection_settings::Owner;
use sluis_model::connector::{AuthConfig, ConnectorDefinition, CredentialUse, Input, InputType, Release};
use sluis_model::error::Failure;
use sluis_model::id::OrgId;

/// Parameter that says through which connection a call goes: a name, or a reference.
pub(super) const CONNECTION: &str = "sluis__connection";
/// Parameter that says on whose behalf, where each user has connections of their own.
pub(super) const USER: &str = "sluis__user";
/// The name of the only way to authenticate where the connector names none.
pub(super) const ONLY_AUTH: &str = "default";

/// A command, or a way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProxyDescription {
    /// `plugin/command`.
    pub id: String,
    /// In the order in which they are declared.
    pub parameters: Vec<ProxyParameter>,
}

/// One parameter of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProxyParameter {
    /// Its name.
    pub id: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Whether a call without it is refused.
    pub required: bool,
}

/// The four types that the protocol has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Text.
    Str,
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// Anything else.
    Any,
}

impl Engine {
    /// The commands that an org has: the APIs of all connectors that it may connect, by id.
    pub async fn proxy_commands(&self, org: &OrgId) -> Result<Vec<ProxyDescription>, Failure> {
        let mut all = Vec::new();
        for release in self.connectors_of(org).await? {
            let definition = &release.definition;
            for api in definition.apis.keys() {
                let id = format!("{}/{api}", definition.namespace);
                all.push(ProxyDescription { id, parameters: self.parameters(definition, api).await? });
            }
        }
        Ok(all)
    }

    /// What people can authorize for an org, by id.
    pub async fn proxy_auths(&self, org: &OrgId) -> Result<Vec<ProxyDescription>, Failure> {
        let mut all = Vec::new();
        for release in self.connectors_of(org).await? {
            let definition = &release.definition;
            for name in auth_names(&definition.auth) {
                let id = format!("{}/{name}", definition.namespace);
                all.push(ProxyDescription { id, parameters: Vec::new() });
            }
        }
        Ok(all)
    }

    /// The newest release of each connector that an org may connect, by namespace.
    async fn connectors_of(&self, org: &OrgId) -> Result<Vec<Release>, Failure> {
        self.org(org).await?;
        let mut all = Vec::new();
        for namespace in self.namespaces().await? {
            if self.owner_of(&namespace).await?.is_none_or(|owner| owner == *org) {
                all.push(self.latest_release(&namespace).await?);
            }
        }
        Ok(all)
    }

    /// The parameters of an API: its inputs in their order, placeholders that are not declared, and
    /// which connection.
    pub(super) async fn parameters(
        &self,
        definition: &ConnectorDefinition,
        api: &str,
    ) -> Result<Vec<ProxyParameter>, Failure> {
        let Some(declared) = definition.apis.get(api).map(|api| &api.inputs) else { return Ok(Vec::new()) };
        let ready = self.ready_connector(&definition.namespace).await?;
        let mut parameters: Vec<ProxyParameter> = declared
            .iter()
            .map(|(name, input)| ProxyParameter {
                id: name.to_owned(),
                kind: type_of(input),
                required: input.required && input.default.is_none(),
            })
            .collect();
        let more = ready
            .compiled
            .api(api)?
            .inputs()
            .map(|(name, _)| name)
            .filter(|name| declared.get(name).is_none());
        let undeclared =
            |name: &str| ProxyParameter { id: name.to_owned(), kind: ParameterType::Any, required: true };
        parameters.extend(more.map(undeclared));
        if ready.compiled.api(api)?.credential != CredentialUse::None {
            let text =
                |id: &str, required| ProxyParameter { id: id.to_owned(), kind: ParameterType::Str, required };
            parameters.push(text(CONNECTION, false));
            // A reference says whose it is.
            parameters.extend((definition.connection.owner == Owner::User).then(|| text(USER, false)));
        }
        Ok(parameters)
    }
}

/// The ways of an auth config that a person authorizes in a browser.
pub(super) fn auth_names(auth: &AuthConfig) -> Vec<String> {
    let by_consent = |config: &AuthConfig| scheme_of(config).connects() == Connects::ByConsent;
    match auth {
        AuthConfig::Choice(choice) => {
            let named = choice.configs.iter().filter(|(_, config)| by_consent(config));
            named.map(|(name, _)| name.clone()).collect()
        }
        only => by_consent(only).then(|| ONLY_AUTH.to_owned()).into_iter().collect(),
    }
}

/// By the declared type, else by that of its JSON Schema.
fn type_of(input: &Input) -> ParameterType {
    let schema = input.schema.as_ref().and_then(|schema| schema.get("type")?.as_str());
    match (input.kind, schema) {
        (InputType::Text | InputType::Date, _) | (InputType::Any, Some("string")) => ParameterType::Str,
        (InputType::Boolean, _) | (InputType::Any, Some("boolean")) => ParameterType::Bool,
        (InputType::Number | InputType::Any, Some("integer")) => ParameterType::Int,
        _ => ParameterType::Any,
    }
}
