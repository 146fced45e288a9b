//! What stands in the way of authorizations, found before somebody waits for one: rows that are
//! damaged, client registrations that are missing, providers that do not say who they claim to be.
//! Whatever is asked of the network passes the same egress policy as every call.

use crate::builder::Engine;
use crate::errors;
use serde::Deserialize;
use sluis_auth::{Scheme, scheme_of};
use sluis_invoke::{HttpAnswer, OutgoingRequest, SendLimits};
use sluis_model::connector::{ClientReference, Release};
use sluis_model::error::{Failure, Reason};
use sluis_store::Table;
use std::time::Duration;
use url::Url;

/// How much clocks may differ, in seconds, before signed and timed tokens are refused.
pub const SKEW_AT_MOST_S: i64 = 60;
/// How long one provider may take to describe itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// How good a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Fine,
    /// It works, or cannot be told; somebody should look.
    Doubtful,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `store`, `client vault:items`.
    pub what: String,
    /// How good it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// How to mend it.
    pub mend: Option<String>,
}

impl Finding {
    /// A finding without advice.
    pub fn new(what: impl Into<String>, level: Level, text: impl Into<String>) -> Self {
        Self { what: what.into(), level, text: text.into(), mend: None }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn mend(mut self, how: impl Into<String>) -> Self {
        self.mend = Some(how.into());
        self
    }
}

/// What a provider says about itself (RFC 8414 §2), as far as it is looked at.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
}

impl Engine {
    /// Opens store and keys; with `every_row`, reads all rows and counts the damaged ones.
    pub async fn examine_store(&self, every_row: bool) -> Finding {
        let opened = match self.orgs().await {
            Ok(orgs) => orgs,
            Err(failure) => return broken("store and keys", failure),
        };
        if !every_row {
            let text = format!("open; {} organisations", opened.len());
            return Finding::new("store and keys", Level::Fine, text);
        }
        match self.damaged_rows().await {
            Ok((0, read)) => Finding::new("store", Level::Fine, format!("all {read} rows are whole")),
            Ok((damaged, read)) => {
                Finding::new("store", Level::Broken, format!("{damaged} of {read} rows are damaged"))
                    .mend("restore the newest backup of the store; the log names each row")
            }
            Err(failure) => broken("store", failure),
        }
    }

    async fn damaged_rows(&self) -> Result<(usize, usize), Failure> {
        const PAGE: usize = 1_000;
        let store = self.store().await?;
        let (mut damaged, mut read) = (0, 0);
        for table in Table::ALL {
            let mut after = None;
            loop {
                let page = store.list_all(*table, after.as_ref(), PAGE).await.map_err(errors::store)?;
                for key in &page.damaged {
                    tracing::error!(?key, "a row is damaged");
                }
                damaged += page.damaged.len();
                read += page.records.len() + page.damaged.len();
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok((damaged, read))
    }

    /// Looks at every released connector: its clients, and what its providers say about themselves.
    pub async fn examine_connectors(&self) -> Vec<Finding> {
        let releases = match self.connectors().await {
            Ok(releases) => releases,
            Err(failure) => return vec![broken("connectors", failure)],
        };
        let mut findings = Vec::new();
        for release in &releases {
            for config in release.definition.auth.all() {
                let scheme = scheme_of(config);
                findings.extend(self.examine_client(release, scheme.as_ref()).await);
                findings.extend(self.examine_issuer(release, scheme.as_ref()).await);
            }
        }
        if releases.is_empty() {
            findings.push(Finding::new("connectors", Level::Fine, "none is released"));
        }
        findings
    }

    async fn examine_client(&self, release: &Release, scheme: &dyn Scheme) -> Option<Finding> {
        let reference = scheme.client()?;
        let name = match reference {
            ClientReference::Vault(name) => format!("vault:{name}"),
            ClientReference::Env(prefix) => format!("env:{prefix}"),
        };
        let what = format!("client {name} of {}", release.definition.namespace);
        Some(match self.client(&release.definition.namespace, reference).await {
            Ok(_) => Finding::new(what, Level::Fine, "is there"),
            Err(failure) => broken(what, failure),
        })
    }

    async fn examine_issuer(&self, release: &Release, scheme: &dyn Scheme) -> Vec<Finding> {
        let Some(issuer) = scheme.issuer() else { return Vec::new() };
        let what = format!("provider of {}", release.definition.namespace);
        let answer = match self.metadata_of(issuer).await {
            Ok(answer) => answer,
            Err(failure) => {
                let text = format!("{issuer} does not describe itself: {}", failure.message);
                return vec![Finding::new(what, Level::Doubtful, text).mend(failure.help.unwrap_or_else(
                    || "check `issuer` in the connector file and whether this machine reaches it".to_owned(),
                ))];
            }
        };
        let mut findings = vec![match serde_json::from_slice::<Metadata>(&answer.body) {
            Ok(metadata) if metadata.issuer == issuer => {
                Finding::new(&what, Level::Fine, format!("{issuer} is who it claims to be"))
            }
            Ok(metadata) => Finding::new(
                &what,
                Level::Broken,
                format!(
                    "the connector file names the issuer {issuer}, the provider calls itself {}",
                    metadata.issuer
                ),
            )
            .mend("callbacks would be refused: correct `issuer` in the connector file, to the letter"),
            Err(_) => Finding::new(&what, Level::Doubtful, format!("{issuer} describes itself with no JSON")),
        }];
        findings.extend(self.skew(&format!("clock, by {}", what), &answer));
        findings
    }

    async fn metadata_of(&self, issuer: &str) -> Result<HttpAnswer, Failure> {
        let limits = SendLimits { total: PATIENCE, max_body: 1 << 20, ..SendLimits::default() };
        let mut last = Failure::new(
            Reason::InvalidInput,
            format!("`{issuer}` is no address that metadata can stand under"),
        );
        for place in places(issuer) {
            let request = OutgoingRequest::new(http::Method::GET, place);
            match self.http().send(request, limits).await {
                Ok(answer) if answer.status == 200 => return Ok(answer),
                Ok(answer) => {
                    last = Failure::new(Reason::BadUpstream, format!("it answers {}", answer.status));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(last)
    }

    /// Compares this machine's clock with the `Date` of an answer.
    pub fn skew(&self, what: &str, answer: &HttpAnswer) -> Option<Finding> {
        let date = answer.headers.get(http::header::DATE)?.to_str().ok()?;
        let there = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
        let ahead = self.now().0 / 1_000 - there;
        Some(match ahead.abs() {
            0..=SKEW_AT_MOST_S => Finding::new(what, Level::Fine, format!("agrees within {} s", ahead.abs())),
            _ => {
                let side = if ahead > 0 { "ahead" } else { "behind" };
                let text = format!("this machine is {} s {side}", ahead.abs());
                Finding::new(what, Level::Broken, text).mend("set the clock, by NTP for instance")
            }
        })
    }
}

/// Where metadata stands: OpenID Connect appends, RFC 8414 §3.1 inserts.
fn places(issuer: &str) -> Vec<Url> {
    let Ok(base) = Url::parse(issuer) else { return Vec::new() };
    let path = base.path().trim_end_matches('/').to_owned();
    let at = |path: String| {
        let mut url = base.clone();
        url.set_path(&path);
        url
    };
    vec![
        at(format!("{path}/.well-known/openid-configuration")),
        at(format!("/.well-known/oauth-authorization-server{path}")),
    ]
}

fn broken(what: impl Into<String>, failure: Failure) -> Finding {
    let mend = failure.help;
    Finding { mend, ..Finding::new(what, Level::Broken, failure.message) }
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn metadata_is_looked_for_where_both_standards_put_it() {
        let found: Vec<String> = places("https://op.example/tenant").into_iter().map(String::from).collect();
        assert_eq!(
            found,
            [
                "https://op.example/tenant/.well-known/openid-configuration",
                "https://op.example/.well-known/oauth-authorization-server/tenant"
            ]
        );
    }
}
