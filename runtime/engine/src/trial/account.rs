//! Whose credential a trial is made with: the org's connection of that namespace, or one that was entered
//! for this call alone.

use super::{EnteredCredential, Trial};
use crate::builder::Engine;
use crate::grants::connect::checked;
use crate::grants::origins::origins;
use crate::grants::renewal::ConnectionTokens;
use crate::keys::Place;
use async_trait::async_trait;
use sluis_auth::{Connects, FieldKind, scheme_of};
use sluis_invoke::{CredentialSource, Redactor, Versioned, variables};
use sluis_model::connection::Variables;
use sluis_model::connector::{AuthConfig, ConnectorDefinition};
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ConnectionId, OrgId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::sync::Arc;

/// What a trial is made with.
pub(super) struct Lender {
    /// The way to authenticate, where there are several.
    pub auth: Option<String>,
    /// The variables of the connection, with those of the trial.
    pub variables: Variables,
    /// The credential; none where none is needed.
    pub lent: Option<Lent>,
}

/// A credential.
pub(super) enum Lent {
    /// Of a connection.
    Connection(ConnectionId, Arc<ConnectionTokens>),
    /// Entered for this call.
    Entered(ConnectionId, Arc<Entered>),
}

impl Lent {
    pub(super) fn id(&self) -> ConnectionId {
        match self {
            Self::Connection(id, _) | Self::Entered(id, _) => id.clone(),
        }
    }

    pub(super) fn source(&self) -> Arc<dyn CredentialSource> {
        match self {
            Self::Connection(_, source) => source.clone(),
            Self::Entered(_, source) => source.clone(),
        }
    }
}

impl Lender {
    /// Stars the secrets that were used.
    pub(super) fn redactor(&self) -> Redactor {
        match &self.lent {
            Some(Lent::Connection(_, source)) => source.redactor(),
            Some(Lent::Entered(_, source)) => {
                Redactor::new(source.credential.secrets_besides(&source.plain).collect::<Vec<&SecretText>>())
            }
            None => Redactor::default(),
        }
    }
}

/// A credential that is kept nowhere and never renewed.
pub(super) struct Entered {
    now: Timestamp,
    credential: Credential,
    /// Fields that are shown while they are entered.
    plain: Vec<String>,
}

#[async_trait]
impl CredentialSource for Entered {
    fn now(&self) -> Timestamp {
        self.now
    }

    async fn load(&self) -> Result<Versioned, Failure> {
        Ok(Versioned { version: 0, credential: self.credential.clone() })
    }

    async fn renew(&self, current: &Versioned) -> Result<Versioned, Failure> {
        Ok(current.clone())
    }

    fn is_renewable(&self, _: &Credential) -> bool {
        false
    }

    fn worked(&self, _: &Versioned) {}
}

impl Engine {
    /// What a trial is made with.
    pub(super) async fn lender(&self, org: &OrgId, trial: &Trial) -> Result<Lender, Failure> {
        let definition = &trial.definition;
        if let Some(entered) = &trial.entered {
            return self.entered(trial, entered).await;
        }
        if matches!(definition.auth, AuthConfig::None {}) {
            let variables = settled(definition, Variables::new(), &trial.variables)?;
            return Ok(Lender { auth: None, variables, lent: None });
        }
        let key = self.key_of_call(org, &definition.namespace, &trial.through).await.map_err(|failure| {
            match failure.reason {
                Reason::ConnectorNotFound => Failure::new(
                    Reason::NotAuthorized,
                    format!("nobody can have authorized `{}` yet: it is not released", definition.namespace),
                )
                .help("enter a credential for the test (--enter, or `fields` of the request), or release it first"),
                _ => failure,
            }
        })?;
        let place = Place::active(key);
        let released = self.ready_at(&place).await?;
        let connection = self.usable_connection(&place, &released).await?;
        let variables = settled(definition, connection.variables.clone(), &trial.variables)?;
        let auth = connection.auth.clone();
        same_client(definition, &released.release.definition, auth.as_deref())?;
        let agreed = self.agreed_origins(&connection).await?;
        if let Some(strange) = origins(definition, auth.as_deref(), &variables)
            .into_iter()
            .find(|origin| !agreed.contains(origin))
        {
            return Err(Failure::new(
                Reason::Forbidden,
                format!("the draft could send the credential of `{}` to `{strange}`, which it was not authorized for", place.key),
            )
            .help("release the draft and have an admin authorize it, or enter a credential for the test alone"));
        }
        let source = ConnectionTokens::new(self, connection.clone(), released, place.slot.clone());
        let lent = Some(Lent::Connection(connection.id, Arc::new(source)));
        Ok(Lender { auth, variables, lent })
    }

    /// A credential made of what was entered. Tokens are got with it where the scheme gets some.
    async fn entered(&self, trial: &Trial, entered: &EnteredCredential) -> Result<Lender, Failure> {
        let definition = &trial.definition;
        let given = settled(definition, Variables::new(), &trial.variables)?;
        let unchosen = |error: sluis_model::connector::NoSuchAuthConfig| {
            Failure::new(Reason::InvalidInput, format!("connector `{}`: {error}", definition.namespace))
                .help("name one: --auth NAME, or `auth` of the request")
        };
        let config = definition.auth.chosen(entered.auth.as_deref()).map_err(unchosen)?;
        let scheme = scheme_of(config);
        if scheme.connects() != Connects::ByFields {
            let message =
                format!("the scheme `{}` asks for no values that could be entered for a test", scheme.name());
            return Err(Failure::new(Reason::InvalidInput, message)
                .help("release the connector and authorize it; the test then goes through that connection"));
        }
        if scheme.client().is_some() {
            self.released_client(definition, entered.auth.as_deref(), &given).await?;
        }
        let fields = scheme.fields();
        let plain =
            fields.iter().filter(|field| field.kind == FieldKind::Text).map(|f| f.name.clone()).collect();
        let mut credential = Credential::of_fields(checked(&fields, entered.fields.clone())?);
        let mut variables = given.clone();
        let bound = self.bound(definition, entered.auth.as_deref(), &given).await?;
        let obtained = match bound.scheme().obtain(bound.context(self), &credential)? {
            Some(talk) => Some(self.converse(talk).await?),
            None => None,
        };
        if let Some(obtained) = obtained {
            credential.tokens = Some(obtained.tokens);
            variables.extend(obtained.variables);
        }
        let id = ConnectionId::generate(self.randomness());
        let source = Entered { now: self.now(), credential, plain };
        Ok(Lender { auth: entered.auth.clone(), variables, lent: Some(Lent::Entered(id, Arc::new(source))) })
    }

    /// A client is kept for a released connector, and goes where its release says, to no other place that
    /// a draft names.
    async fn released_client(
        &self,
        definition: &ConnectorDefinition,
        auth: Option<&str>,
        variables: &Variables,
    ) -> Result<(), Failure> {
        let refused = |why: String| {
            Failure::new(Reason::Forbidden, why).help(
                "release the draft first: what is sent with the client then goes where the release says",
            )
        };
        let Ok(release) = self.latest_release(&definition.namespace).await else {
            return Err(refused(format!(
                "`{}` is not released, so no client is lent to it",
                definition.namespace
            )));
        };
        same_client(definition, &release.definition, auth)?;
        let agreed = origins(&release.definition, auth, variables);
        match origins(definition, auth, variables).into_iter().find(|origin| !agreed.contains(origin)) {
            Some(strange) => Err(refused(format!("the draft could send its client's secret to `{strange}`"))),
            None => Ok(()),
        }
    }
}

/// Whether a draft signs with the client of its release, if with any.
fn same_client(
    draft: &ConnectorDefinition,
    released: &ConnectorDefinition,
    auth: Option<&str>,
) -> Result<(), Failure> {
    let client = |definition: &ConnectorDefinition| {
        let config = definition.auth.chosen(auth).ok()?;
        scheme_of(config).client().cloned()
    };
    match client(draft) {
        Some(wanted) if client(released).as_ref() != Some(&wanted) => Err(Failure::new(
            Reason::Forbidden,
            format!("the draft of `{}` names another client than its release", draft.namespace),
        )
        .help("release the draft first, and authorize it with the client that it names")),
        _ => Ok(()),
    }
}

/// The variables of a connection with those of a trial over them, each checked.
fn settled(
    definition: &ConnectorDefinition,
    mut values: Variables,
    given: &Variables,
) -> Result<Variables, Failure> {
    let settings = &definition.connection;
    for (name, value) in given {
        let Some(variable) = settings.variable(name) else {
            let known: Vec<String> =
                settings.variables.iter().map(|variable| variable.name.clone()).collect();
            let message = format!("the connector has no variable `{name}`");
            return Err(Failure::new(Reason::InvalidInput, message).help(sluis_model::suggest::help(
                name,
                &known,
                "variables",
            )));
        };
        values.insert(name.clone(), variables::checked(variable, value)?);
    }
    for variable in &settings.variables {
        if let Some(default) = &variable.default {
            values.entry(variable.name.clone()).or_insert_with(|| default.clone());
        }
    }
    // Values of variables that the draft no longer has would fill nothing.
    values.retain(|name, _| settings.variable(name).is_some());
    Ok(values)
}
