//! A request to the service of a connected app: its method, its path below the connector's base URL, and
//! what is sent. Whoever asks may wait for the answer, or have it sent and go on.

use crate::accepted::Todo;
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::host::Named;
use crate::invoke::{Call, Invocation, InvocationFailed, Through};
use crate::keys::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_invoke::{ConnectionRules, FilePart, PreparedRequest, UrlRequest, extended, prepare_url};
use sluis_model::connector::AuthConfig;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{AcceptedId, OrgId, UserId};
use std::time::Duration;

/// Longest time that one request may be given, in seconds.
const TIMEOUT_AT_MOST_S: f64 = 300.0;

/// A request to the service of a connected app.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The connected app: `ns`, or `ns/name` where there are several connections.
    pub app: String,
    /// HTTP method; GET if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What follows the base URL of the service; it can lead nowhere else.
    pub path: String,
    /// The query of a request without a body or with a `body`; else a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
    /// Further headers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// The body: maps and lists as JSON, a text as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Media type of the body, where the headers do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whole time allowed, in seconds, up to 300; 40 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// Whether redirects are followed, if not by method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_redirects: Option<bool>,
    /// On whose behalf, where each user has connections of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

impl Engine {
    /// Sends it and waits for the answer.
    pub async fn activity(&self, org: &OrgId, activity: &Activity) -> Result<Invocation, Failure> {
        let place = self.place_of_activity(org, activity).await?;
        self.activity_at(&place, activity, &[]).await.map_err(|failed| failed.failure)
    }

    /// Checks it and keeps it to be sent: it is on disk when this returns, and goes out whatever becomes
    /// of this process. [`Engine::work_accepted_call`] sends it at once.
    pub async fn accept_activity(&self, org: &OrgId, activity: Activity) -> Result<AcceptedId, Failure> {
        let place = self.place_of_activity(org, &activity).await?;
        let connector = self.ready_at(&place).await?;
        // What cannot be sent is refused now, as long as somebody hears it.
        prepared(&connector, &activity, &[])?;
        self.accept(org, Todo::Activity(activity)).await
    }

    async fn place_of_activity(&self, org: &OrgId, activity: &Activity) -> Result<Place, Failure> {
        self.org(org).await?;
        let named = Named::parse(&activity.app)?;
        self.connectable(org, &named.connector).await?;
        let through = Through { name: named.name.unwrap_or_default(), user: activity.user.clone() };
        Ok(Place::active(self.key_of_call(org, &named.connector, &through).await?))
    }

    /// Sends it with the connection at a place, with files as parts of its body.
    pub(crate) async fn activity_at(
        &self,
        place: &Place,
        activity: &Activity,
        files: &[(String, FilePart)],
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let connector = self.ready_at(place).await?;
        let prepared = prepared(&connector, activity, files)?;
        let through = Some((&connector, place));
        self.perform(&Call::free(&prepared, through)).await
    }

    /// Sends one that nobody waits for; what became of it goes to the log.
    pub(crate) async fn made_unwatched(
        &self,
        org: &OrgId,
        id: &AcceptedId,
        activity: &Activity,
        interrupted: bool,
    ) {
        let app = &activity.app;
        let reads = activity.method.as_deref().is_none_or(|method| {
            ["GET", "HEAD", "OPTIONS"].iter().any(|reading| method.eq_ignore_ascii_case(reading))
        });
        if interrupted && !reads {
            tracing::error!(%org, accepted = %id, app, "the server stopped while a request was under way; whether the service has acted is not known");
            return;
        }
        match self.activity(org, activity).await {
            Ok(answer) => {
                tracing::info!(%org, accepted = %id, app, status = answer.status_code, "a request that nobody waits for was answered");
            }
            Err(failure) => {
                tracing::error!(%org, accepted = %id, app, reason = failure.reason.as_str(), "a request that nobody waits for failed");
            }
        }
    }
}

fn prepared(
    connector: &ReadyConnector,
    activity: &Activity,
    files: &[(String, FilePart)],
) -> Result<PreparedRequest, Failure> {
    let definition = &connector.release.definition;
    let base = match &definition.service.base_url {
        Some(base) => base.clone(),
        // A definition has at least one host.
        None => format!("https://{}", definition.hosts.first().map_or("", String::as_str)),
    };
    let request = UrlRequest {
        url: extended(&base, &activity.path)?.into(),
        method: activity.method.clone(),
        parameters: activity.parameters.clone(),
        body: activity.body.clone(),
        files: files.to_vec(),
        headers: activity.headers.clone(),
        content_type: activity.content_type.clone(),
        follow_redirects: activity.follow_redirects,
    };
    let rules = ConnectionRules {
        namespace: definition.namespace.as_str(),
        hosts: &connector.compiled.hosts,
        supplies_authorization: definition.auth != AuthConfig::None {},
    };
    let mut prepared = prepare_url(&request, Some(rules))?;
    match activity.timeout_s {
        None => {}
        Some(seconds) if (0.001..=TIMEOUT_AT_MOST_S).contains(&seconds) => {
            prepared.timeout = Duration::from_secs_f64(seconds);
        }
        Some(_) => {
            let text = format!(
                "`timeout` is a number of seconds, more than nothing and at most {TIMEOUT_AT_MOST_S}"
            );
            return Err(Failure::new(Reason::InvalidInput, text));
        }
    }
    Ok(prepared)
}
