//! The request of a call as it would go out, secrets starred, without sending it.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use sluis_invoke::{Explain as _, OutgoingRequest, PreparedRequest, Redactor};
use sluis_model::connection::{Connection, Variables};
use sluis_model::error::Failure;

impl Engine {
    /// The request as it goes out, stars in place of its credential.
    pub(super) async fn shown(
        &self,
        connector: &ReadyConnector,
        connection: Option<&Connection>,
        prepared: &PreparedRequest,
        redactor: &Redactor,
    ) -> Result<String, Failure> {
        Ok(self.sketched(connector, connection, prepared).await?.explain_with(redactor))
    }

    /// The same as a request, which lacks nothing but what the stars stand for.
    pub(super) async fn sketched(
        &self,
        connector: &ReadyConnector,
        connection: Option<&Connection>,
        prepared: &PreparedRequest,
    ) -> Result<OutgoingRequest, Failure> {
        let none = Variables::new();
        let (auth, variables) = match connection {
            Some(connection) => (connection.auth.as_deref(), &connection.variables),
            None => (None, &none),
        };
        let bound = self.bound_for_call(&connector.release.definition, auth, variables).await;
        Ok(match bound {
            Ok(bound) => {
                let scheme = bound.scheme();
                prepared.shown(scheme.as_ref(), bound.context(self))
            }
            // Nobody has chosen how to authenticate yet: what there is without a credential.
            Err(_) => prepared.request.clone(),
        })
    }
}
