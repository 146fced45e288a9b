//! Releases of connectors: immutable, numbered from 1.

use crate::builder::Engine;
use crate::diff::diff;
use crate::{compiled, errors, keys};
use sluis_lang::catalog::{Api, Catalog, Input, InputKind, TaskForm};
use sluis_lang::check;
use sluis_lang::diagnostic::Diagnostic;
use sluis_model::connector::{ConnectorDefinition, InputType, Release};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_model::inputs::Inputs;
use sluis_model::task::{IntegrationTask, TaskParameter};
use sluis_store::{Expect, Table, get_json, put_json, system_org};

/// What an author adds to a release.
#[derive(Debug, Clone, Default)]
pub struct ReleaseNotes {
    /// What changed.
    pub notes: Option<String>,
    /// Where to ask for help.
    pub support_email: Option<String>,
    /// The org that the connector belongs to, and that alone can connect it; none if it is the
    /// operator's, whom every org trusts.
    pub owner: Option<OrgId>,
}

/// Why a release was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseRefused {
    /// A hook does not compile.
    #[error("the script of `hooks.{hook}` has errors")]
    Hook {
        /// `on_authorize` or `on_revoke`.
        hook: &'static str,
        /// Its text.
        source_text: String,
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
    },
    /// Anything else.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A release that is yet to be written.
pub(crate) struct Prepared {
    /// The release.
    pub release: Release,
    /// What makes it the newest.
    pub changes: Vec<sluis_store::Change>,
}

/// Variables that a hook script is given.
pub const HOOK_VARIABLES: &[&str] = &["connector", "org", "scopes", "event"];

impl Engine {
    /// Publishes a connector. An unchanged definition is not released twice: the present release is
    /// answered.
    pub async fn release(
        &self,
        definition: ConnectorDefinition,
        notes: ReleaseNotes,
    ) -> Result<Release, ReleaseRefused> {
        let prepared = self.prepare_release(definition, notes).await?;
        if !prepared.changes.is_empty() {
            self.store().await?.apply(prepared.changes).await.map_err(errors::store)?;
            let Release { number, definition, .. } = &prepared.release;
            tracing::info!(connector = %definition.namespace, release = number, "connector released");
        }
        Ok(prepared.release)
    }

    /// A release and what it changes in the store: nothing, if it is there already.
    pub(crate) async fn prepare_release(
        &self,
        definition: ConnectorDefinition,
        notes: ReleaseNotes,
    ) -> Result<Prepared, ReleaseRefused> {
        check_hooks(&definition)?;
        compiled::compile(&definition)?;
        let latest = keys::latest(&definition.namespace);
        let store = self.store().await?;
        let present = get_json::<u32>(store, &latest).await.map_err(errors::store)?;
        let (expect, number) = match present {
            Some((version, number)) => (Expect::Version(version), number),
            None => (Expect::Absent, 0),
        };
        let owner = self.owner_of(&definition.namespace).await?;
        if number > 0 && owner != notes.owner {
            let text = format!("the namespace `{}` belongs to somebody else", definition.namespace);
            return Err(Failure::new(Reason::Denied, text).help("choose another namespace").into());
        }
        let mut changed = Vec::new();
        if number > 0 {
            let newest = self.release_of(&definition.namespace, number).await?;
            if newest.definition == definition {
                return Ok(Prepared { release: newest, changes: Vec::new() });
            }
            changed = diff(&newest.definition, &definition)?;
        }
        let release = Release {
            number: number + 1,
            notes: notes.notes,
            support_email: notes.support_email,
            released_at: self.now(),
            definition,
            changes: changed,
        };
        let key = keys::release(&release.definition.namespace, release.number);
        let mut changes = vec![
            put_json(latest, &release.number, expect).map_err(errors::store)?,
            put_json(key, &release, Expect::Absent).map_err(errors::store)?,
        ];
        if let (0, Some(org)) = (number, &notes.owner) {
            self.org(org).await?;
            let owner = keys::owner(&release.definition.namespace);
            changes.push(put_json(owner, org, Expect::Absent).map_err(errors::store)?);
        }
        Ok(Prepared { release, changes })
    }

    /// The newest release of every connector, by namespace.
    pub async fn connectors(&self) -> Result<Vec<Release>, Failure> {
        let mut releases = Vec::new();
        for namespace in self.namespaces().await? {
            releases.push(self.latest_release(&namespace).await?);
        }
        Ok(releases)
    }

    /// Namespaces of all released connectors.
    pub async fn namespaces(&self) -> Result<Vec<Namespace>, Failure> {
        let store = self.store().await?;
        let page = store
            .list(Table::Releases, &system_org(), keys::LATEST_PREFIX, None, 10_000)
            .await
            .map_err(errors::store)?;
        Ok(page.iter().filter_map(|(id, _)| id.strip_prefix(keys::LATEST_PREFIX)?.parse().ok()).collect())
    }

    /// What a checker or an editor may know of the released connectors.
    pub async fn catalog(&self) -> Result<Catalog, Failure> {
        let mut catalog = Catalog::default();
        for release in self.connectors().await? {
            add_to_catalog(&mut catalog, &release.definition);
        }
        Ok(catalog)
    }

    /// The org that a connector belongs to; none if it is the operator's.
    pub async fn owner_of(&self, namespace: &Namespace) -> Result<Option<OrgId>, Failure> {
        let found = get_json(self.store().await?, &keys::owner(namespace)).await.map_err(errors::store)?;
        Ok(found.map(|(_, org)| org))
    }

    /// The newest release of a connector that this org may connect. One of another org is unknown to it.
    pub(crate) async fn connectable(&self, org: &OrgId, namespace: &Namespace) -> Result<Release, Failure> {
        match self.owner_of(namespace).await? {
            Some(owner) if owner != *org => Err(Failure::new(
                Reason::ConnectorNotFound,
                format!("there is no connector called `{namespace}`"),
            )),
            _ => self.latest_release(namespace).await,
        }
    }

    /// The newest release of a connector.
    pub async fn latest_release(&self, namespace: &Namespace) -> Result<Release, Failure> {
        let number = self.latest_number(namespace).await?;
        self.release_of(namespace, number).await
    }

    /// The number of the newest release of a connector.
    pub(crate) async fn latest_number(&self, namespace: &Namespace) -> Result<u32, Failure> {
        let found =
            get_json::<u32>(self.store().await?, &keys::latest(namespace)).await.map_err(errors::store)?;
        match found {
            Some((_, number)) => Ok(number),
            None => {
                let known: Vec<String> =
                    self.namespaces().await?.iter().map(|n| n.as_str().to_owned()).collect();
                Err(Failure::new(
                    Reason::ConnectorNotFound,
                    format!("there is no connector called `{namespace}`"),
                )
                .help(sluis_model::suggest::help(namespace.as_str(), &known, "connectors")))
            }
        }
    }

    /// A certain release.
    pub async fn release_of(&self, namespace: &Namespace, number: u32) -> Result<Release, Failure> {
        let key = keys::release(namespace, number);
        match get_json::<Release>(self.store().await?, &key).await.map_err(errors::store)? {
            Some((_, release)) => Ok(release),
            None => Err(Failure::new(
                Reason::ConnectorNotFound,
                format!("connector `{namespace}` has no release {number}"),
            )),
        }
    }
}

/// Reads an API id as a script gave it.
pub fn parse_api(text: &str) -> Result<ApiId, Failure> {
    text.parse().map_err(|error: sluis_model::id::IdError| {
        Failure::new(Reason::ApiNotFound, error.to_string())
            .help("an API is called by its full id, for example \"gcontacts.pushcontact\"")
    })
}

/// Reads a namespace as a script gave it.
pub fn parse_namespace(text: &str) -> Result<Namespace, Failure> {
    text.parse().map_err(|error: sluis_model::id::IdError| {
        Failure::new(Reason::ConnectorNotFound, error.to_string())
            .help("a connector is called by its namespace, for example \"gcontacts\"")
    })
}

/// Adds what a checker or an editor may know of a connector.
pub fn add_to_catalog(catalog: &mut Catalog, definition: &ConnectorDefinition) {
    catalog.namespaces.push(definition.namespace.as_str().to_owned());
    catalog.apis.extend(definition.apis.iter().map(|(key, api)| Api {
        id: format!("{}.{key}", definition.namespace),
        description: api.description.clone(),
        documentation: definition.service.documentation.clone(),
        inputs: known_inputs(definition, key, api),
        task: api.task.as_ref().map(|task| task_form(task, &api.inputs)),
    }));
}

/// Every variable of an API: the described ones first, then those that only its templates name.
/// `None` if the definition is not sound, as one that is being written may be.
fn known_inputs(
    definition: &ConnectorDefinition,
    key: &str,
    api: &sluis_model::connector::ApiDefinition,
) -> Option<Vec<Input>> {
    let compiled = sluis_invoke::CompiledApi::compile(definition, key).ok()?;
    let taken = |wanted: &str| compiled.inputs().find(|(name, _)| *name == wanted);
    let described = api.inputs.iter().filter_map(|(name, _)| taken(name));
    let others = compiled.inputs().filter(|(name, _)| api.inputs.get(name).is_none());
    Some(described.chain(others).map(|(name, input)| known_input(name, input)).collect())
}

fn known_input(name: &str, input: &sluis_model::connector::Input) -> Input {
    Input {
        name: name.to_owned(),
        kind: match input.kind {
            InputType::Any => InputKind::Any,
            InputType::Text => InputKind::Text,
            InputType::Number => InputKind::Number,
            InputType::Boolean => InputKind::Boolean,
            InputType::Date => InputKind::Date,
            InputType::List => InputKind::List,
            InputType::Map => InputKind::Map,
            InputType::File => InputKind::File,
        },
        required: input.required && input.default.is_none(),
        description: input.description.clone(),
        example: input.example.as_ref().map(ToString::to_string),
    }
}

/// A parameter must be given if it, or one after it, is a required input.
fn task_form(task: &IntegrationTask, inputs: &Inputs) -> TaskForm {
    let is_required = |parameter: &TaskParameter| match parameter {
        TaskParameter::Input(name) => {
            inputs.get(name).is_none_or(|input| input.required && input.default.is_none())
        }
        TaskParameter::Options { .. } => false,
    };
    TaskForm {
        name: task.name.clone(),
        parameters: task.parameter_names().map(str::to_owned).collect(),
        required: task.parameters.iter().rposition(is_required).map_or(0, |at| at + 1),
    }
}

fn check_hooks(definition: &ConnectorDefinition) -> Result<(), ReleaseRefused> {
    let hooks =
        [("on_authorize", &definition.hooks.on_authorize), ("on_revoke", &definition.hooks.on_revoke)];
    for (hook, source) in hooks {
        let Some(source) = source else { continue };
        let built = sluis_lang::build(source, &hook_environment());
        if built.program.is_none() {
            return Err(ReleaseRefused::Hook {
                hook,
                source_text: source.clone(),
                diagnostics: built.diagnostics,
            });
        }
    }
    Ok(())
}

/// What the checker knows when it reads a hook.
pub fn hook_environment() -> check::Environment {
    check::Environment {
        variables: HOOK_VARIABLES.iter().map(ToString::to_string).collect(),
        ..check::Environment::default()
    }
}
