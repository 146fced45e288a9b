//! A call explained without making it. Nothing is sent, written or renewed, and no credential is opened:
//! the request is filled in as for the call, and its credential is sketched by its scheme.

use super::{Argument, Inputs, Through, prospects};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use sluis_auth::{renewal_due_of, scheme_of};
use sluis_invoke::origins::{Filled, parts};
use sluis_invoke::{Explain as _, PreparedRequest, Redirects};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::connector::CredentialUse;
use sluis_model::error::{Failure, Reason};
use sluis_model::explanation::{Explanation, GrantUsed};
use sluis_model::id::{ApiId, OrgId};
use std::collections::BTreeSet;

impl Engine {
    /// What a call would send, where each part of it comes from, and what would become of it.
    pub async fn explain(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<Explanation, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        let connector = self.ready_at(&place).await?;
        let compiled = connector.compiled.api(api.api())?;
        let prepared = self.filled(compiled, &Argument::from(inputs))?;
        let connection = self.connection(&place.key, &place.slot).await?;
        let sketch = self.sketched(&connector, connection.as_ref(), &prepared).await?;
        // Its variables not yet in their places: they are told apart from what the file says.
        let released = self.ready_connector(&api.namespace()).await?;
        let filled = Filled {
            definition: &released.release.definition,
            api: api.api(),
            given: inputs,
            files: &BTreeSet::new(),
            plain: &prepared.request,
            sketch: &sketch,
        };
        let needs_credential = prepared.credential != CredentialUse::None;
        let obstacle = match needs_credential {
            true => self.usable_connection(&place, &connector).await.err(),
            false => None,
        };
        Ok(Explanation {
            api: api.to_string(),
            release: released.release.number,
            effect: prepared.effect,
            request: sketch.explain(),
            curl: sketch.to_curl(),
            parts: parts(&filled),
            grant: self.grant_used(&place, &connector, connection.as_ref(), needs_credential),
            timeout_s: prepared.timeout.as_secs_f64(),
            redirects: redirects(&prepared),
            repeats: prospects::repeats(compiled, prepared.effect, needs_credential),
            budget: Some(prospects::budget(&self.budget_at(&place, api).await?)),
            unused: prepared.unused.clone(),
            obstacles: obstacle.into_iter().map(in_words).collect(),
        })
    }

    fn grant_used(
        &self,
        place: &Place,
        connector: &ReadyConnector,
        connection: Option<&Connection>,
        needed: bool,
    ) -> GrantUsed {
        let auth = connection.and_then(|connection| connection.auth.clone());
        let config = connector.release.definition.auth.chosen(auth.as_deref()).ok();
        let written = config.and_then(|config| serde_json::to_value(config).ok());
        let scheme = written.and_then(|config| config.get("scheme")?.as_str().map(str::to_owned));
        let scopes_needed = config.map(|config| scheme_of(config).scopes().to_vec()).unwrap_or_default();
        let scopes_granted = connection.map(|connection| connection.scopes.clone()).unwrap_or_default();
        let scopes_missing = match connection {
            Some(_) => {
                scopes_needed.iter().filter(|scope| !scopes_granted.contains(scope)).cloned().collect()
            }
            None => Vec::new(),
        };
        GrantUsed {
            needed,
            org: place.key.org.clone(),
            connection: place.key.name.clone(),
            user: place.key.user.clone(),
            auth,
            scheme,
            account: connection.and_then(|connection| connection.account.clone()),
            state: connection.map(|connection| connection.state.clone()),
            renews_first: needed && connection.is_some_and(|connection| self.would_renew(connection)),
            scopes_needed,
            scopes_granted,
            scopes_missing,
        }
    }

    fn would_renew(&self, connection: &Connection) -> bool {
        let issued_at = connection.refreshed_at.unwrap_or(connection.authorized_at);
        let due = connection.expires_at.map(|expires_at| renewal_due_of(issued_at, expires_at));
        connection.refreshable
            && connection.state == ConnectionState::Active
            && due.is_some_and(|due| self.now() >= due)
    }
}

fn in_words(failure: Failure) -> String {
    match (failure.reason, failure.help) {
        (Reason::Internal, _) | (_, None) => failure.message,
        (_, Some(help)) => format!("{} ({help})", failure.message),
    }
}

fn redirects(prepared: &PreparedRequest) -> String {
    match prepared.redirects {
        _ if prepared.request.mail.is_some() => "there are none".to_owned(),
        Redirects::Returned => "are the answer".to_owned(),
        _ => "are followed to declared hosts, nothing secret past the origin".to_owned(),
    }
}
