//! A call as a line of cURL, secrets starred, without sending it.

use super::{Argument, Inputs, Through};
use crate::builder::Engine;
use crate::keys::Place;
use sluis_invoke::Explain as _;
use sluis_model::connection::Variables;
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, OrgId};

impl Engine {
    /// The cURL command that sends what a call would send. Whoever runs it puts the credential in place
    /// of the stars.
    pub async fn curl(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<String, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        let connector = self.ready_at(&place).await?;
        let prepared = self.filled(connector.compiled.api(api.api())?, &Argument::from(inputs))?;
        let connection = self.connection(&place.key, &place.slot).await?;
        let none = Variables::new();
        let (auth, variables) = match &connection {
            Some(connection) => (connection.auth.as_deref(), &connection.variables),
            None => (None, &none),
        };
        let definition = &connector.release.definition;
        Ok(match self.bound_for_call(definition, auth, variables).await {
            Ok(bound) => prepared.shown(bound.scheme().as_ref(), bound.context(self)).to_curl(),
            // Nobody has chosen how to authenticate yet: what there is without a credential.
            Err(_) => prepared.request.to_curl(),
        })
    }
}
