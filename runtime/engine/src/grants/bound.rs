//! A connector's way to authenticate with everything that a connection adds to it.

use crate::builder::Engine;
use sluis_auth::{Context, Scheme, Talk, Turn, issuer_to_ask, scheme_of};
use sluis_invoke::{SendLimits, variables};
use sluis_model::connection::Variables;
use sluis_model::connector::{AuthConfig, ConnectorDefinition, NoSuchAuthConfig};
use sluis_model::credential::ClientCredentials;
use sluis_model::error::{Failure, Reason};
use std::borrow::Cow;

/// An auth config that has been chosen, its client, and a connection's variables.
pub(crate) struct BoundAuth<'a> {
    config: Cow<'a, AuthConfig>,
    client: Option<ClientCredentials>,
    variables: Cow<'a, Variables>,
}

impl BoundAuth<'_> {
    /// The scheme.
    pub fn scheme(&self) -> Box<dyn Scheme + '_> {
        scheme_of(&self.config)
    }

    /// The client, for schemes that have one.
    pub fn client(&self) -> Option<&ClientCredentials> {
        self.client.as_ref()
    }

    /// What the scheme may look at.
    pub fn context<'b>(&'b self, engine: &'b Engine) -> Context<'b> {
        Context {
            now: engine.now(),
            randomness: engine.randomness(),
            client: self.client.as_ref(),
            variables: &self.variables,
            challenges: engine.challenges(),
        }
    }
}

impl Engine {
    /// Binds the way to authenticate that a connection uses, client and all: for everything that
    /// speaks with the provider's authorization server.
    pub(crate) async fn bound<'a>(
        &self,
        definition: &'a ConnectorDefinition,
        auth: Option<&str>,
        variables: &'a Variables,
    ) -> Result<BoundAuth<'a>, Failure> {
        let mut bound = bound_for_calls(definition, auth, variables)?;
        if let Some(issuer) = issuer_to_ask(&bound.config) {
            let filled = self.metadata(issuer).await?.fill(&bound.config)?;
            bound.config = Cow::Owned(filled);
        }
        bound.client = match scheme_of(&bound.config).client().cloned() {
            Some(reference) => Some(self.client(&definition.namespace, &reference).await?),
            None => None,
        };
        Ok(bound)
    }

    /// The same for a call: with the client only where it signs.
    pub(crate) async fn bound_for_call<'a>(
        &self,
        definition: &'a ConnectorDefinition,
        auth: Option<&str>,
        variables: &'a Variables,
    ) -> Result<BoundAuth<'a>, Failure> {
        let bound = bound_for_calls(definition, auth, variables)?;
        if bound.scheme().signs_with_client() {
            return self.bound(definition, auth, variables).await;
        }
        Ok(bound)
    }

    /// Drives a conversation with a provider to its end. Nothing is kept in between: for what can be
    /// begun anew.
    pub(crate) async fn converse<T>(&self, mut talk: Talk<'_, T>) -> Result<T, Failure> {
        // Token answers are small; whatever is longer is not one.
        let limits = SendLimits { max_body: 1 << 20, ..SendLimits::default() };
        let mut answer = None;
        loop {
            match talk.next(self.now(), answer.as_ref())? {
                Turn::Done(end) => return Ok(end),
                Turn::Send(request) => {
                    let came = self.http().send(request, limits).await?;
                    answer = Some(sluis_auth::Answer {
                        status: came.status,
                        headers: came.headers,
                        body: came.body,
                    });
                }
            }
        }
    }
}

fn bound_for_calls<'a>(
    definition: &'a ConnectorDefinition,
    auth: Option<&str>,
    variables: &'a Variables,
) -> Result<BoundAuth<'a>, Failure> {
    let unchosen = |error: NoSuchAuthConfig| {
        Failure::new(Reason::InvalidInput, format!("connector `{}`: {error}", definition.namespace))
            .help("name one when connecting, or authorize it again if the connector has changed")
    };
    let config = match variables::bind(definition, variables)? {
        Cow::Borrowed(definition) => Cow::Borrowed(definition.auth.chosen(auth).map_err(unchosen)?),
        Cow::Owned(filled) => Cow::Owned(filled.auth.chosen(auth).map_err(unchosen)?.clone()),
    };
    Ok(BoundAuth { config, client: None, variables: Cow::Borrowed(variables) })
}
