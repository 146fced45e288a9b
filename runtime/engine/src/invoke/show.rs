//! The request of a call as it would go out, secrets starred, without sending it.

use super::{Inputs, Through};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use sluis_invoke::{Explain as _, PreparedRequest, Redactor};
use sluis_model::connection::{Connection, Variables};
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, OrgId};

impl Engine {
    /// What would be sent, secrets starred, without sending it.
    pub async fn explain(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<String, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        let connector = self.ready_at(&place).await?;
        let prepared = sluis_invoke::prepare(connector.compiled.api(api.api())?, inputs)?;
        let connection = self.connection(&place.key, &place.slot).await?;
        self.shown(&connector, connection.as_ref(), &prepared, &Redactor::default()).await
    }

    /// The request as it goes out, stars in place of its credential.
    pub(super) async fn shown(
        &self,
        connector: &ReadyConnector,
        connection: Option<&Connection>,
        prepared: &PreparedRequest,
        redactor: &Redactor,
    ) -> Result<String, Failure> {
        let none = Variables::new();
        let (auth, variables) = match connection {
            Some(connection) => (connection.auth.as_deref(), &connection.variables),
            None => (None, &none),
        };
        let bound = self.bound_for_call(&connector.release.definition, auth, variables).await;
        Ok(match bound {
            Ok(bound) => {
                let scheme = bound.scheme();
                prepared.shown(scheme.as_ref(), bound.context(self)).explain_with(redactor)
            }
            // Nobody has chosen how to authenticate yet: what there is without a credential.
            Err(_) => prepared.request.explain_with(redactor),
        })
    }
}
