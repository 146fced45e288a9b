//! Telling a backend the outcome of a call that was accepted.

use crate::builder::Engine;
use crate::host::Named;
use crate::invoke::{Call, Through};
use crate::keys::Place;
use serde_json::Value;
use sluis_invoke::{ConnectionRules, UrlRequest, prepare_url};
use sluis_model::connector::AuthConfig;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use url::Url;

/// Whether a backend has taken an outcome.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It has.
    Yes,
    /// It never will.
    Never {
        /// Why, without anything secret.
        reason: String,
    },
    /// It may later.
    NotYet {
        /// Why, without anything secret.
        reason: String,
    },
}

impl Engine {
    /// Puts the envelope where the backend wants it, with the connection that the org has named for it.
    pub(crate) async fn tell_backend(&self, org: &OrgId, callback: &str, envelope: &Value) -> Taken {
        match self.put_callback(org, callback, envelope).await {
            Ok(200..300) => Taken::Yes,
            // 401 and 403 end when somebody mends the connection; the others are about this very call.
            Ok(status @ (400 | 404 | 405 | 409 | 410 | 415 | 422)) => {
                Taken::Never { reason: format!("the backend answered {status}") }
            }
            Ok(status) => Taken::NotYet { reason: format!("the backend answered {status}") },
            Err(failure) => Taken::NotYet { reason: failure.message },
        }
    }

    /// The status that the backend answered.
    async fn put_callback(&self, org: &OrgId, callback: &str, envelope: &Value) -> Result<u16, Failure> {
        let unreadable = |_| Failure::new(Reason::InvalidInput, "the callback URL cannot be read");
        let callback = Url::parse(callback).map_err(unreadable)?;
        // Asked anew: a backend that is no longer allowed is told nothing.
        let settings = self.proxy_settings(org).await?;
        let backend = settings.backend_of(&callback).ok_or_else(|| {
            let text = format!("`{}` is no backend of `{org}`", callback.origin().ascii_serialization());
            Failure::new(Reason::Forbidden, text)
        })?;
        let request = UrlRequest {
            url: callback.to_string(),
            method: Some("PUT".to_owned()),
            body: Some(envelope.clone()),
            follow_redirects: Some(false),
            ..UrlRequest::default()
        };
        let sent = match &backend.connection {
            None => {
                let prepared = prepare_url(&request, None)?;
                self.perform(&Call::free(&prepared, None)).await
            }
            Some(connection) => {
                let named = Named::parse(connection)?;
                let through = Through { name: named.name.unwrap_or_default(), user: None };
                let place = Place::active(self.key_of_call(org, &named.connector, &through).await?);
                let connector = self.ready_at(&place).await?;
                let rules = ConnectionRules {
                    namespace: named.connector.as_str(),
                    hosts: &connector.compiled.hosts,
                    supplies_authorization: connector.release.definition.auth != AuthConfig::None {},
                };
                let prepared = prepare_url(&request, Some(rules))?;
                let through = Some((&connector, &place));
                self.perform(&Call::free(&prepared, through)).await
            }
        };
        sent.map(|answer| answer.status_code).map_err(|failed| failed.failure)
    }
}
