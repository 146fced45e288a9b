//! The middle third of an authorization: somebody opens the link that we gave out, and one browser
//! follows it to the provider.
//!
//! The attempt belongs to that browser from then on: it is known by a random cookie of which the
//! store holds the digest, and only with the same cookie is a callback good (RFC 9700 §4.7). Looking
//! at the link claims nothing, so that whoever previews links in a chat does not use it up.

use super::callback::unknown_state;
use crate::builder::Engine;
use crate::errors;
use crate::keys;
use sluis_auth::{Begun, random_token, scheme_of, state_digest};
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{GrantId, OrgId};
use sluis_model::secret::SecretText;
use sluis_store::{Change, Expect, StoreError, get_json, put_json};
use std::time::Duration;
use url::Url;

/// How often an attempt that another process may decide is looked at.
const LOOK_ELSEWHERE_EVERY: Duration = Duration::from_secs(2);

/// What somebody finds who opens a link.
#[derive(Debug)]
pub enum LinkOpened {
    /// They are to be asked whether they want this.
    Ask(Box<Question>),
    /// They enter a code at the provider, on this or another device.
    EnterCode(Box<Grant>),
    /// They go on to the provider at once.
    GoOn(Url),
    /// There is nothing to do any more.
    Decided(Box<Grant>),
}

/// What somebody is asked before they go on to a provider.
#[derive(Debug)]
pub struct Question {
    /// The attempt.
    pub grant: Grant,
    /// Name of the service.
    pub service: String,
    /// Its logo, as a `data:` URL.
    pub logo: Option<String>,
    /// Scopes that are asked for.
    pub scopes: Vec<String>,
    /// What a form must bring back, so that no other site can answer in this browser's name.
    pub confirmation: String,
}

impl Engine {
    /// A value for the cookie by which a browser is known: 256 random bits.
    pub fn new_browser(&self) -> SecretText {
        random_token(self.randomness())
    }

    /// Opens a link: says what it is about, or leads on where nobody has to be asked.
    pub async fn open_link(&self, token: &SecretText, browser: &SecretText) -> Result<LinkOpened, Failure> {
        let (version, grant) = self.linked(token).await?;
        if !matches!(grant.outcome, GrantOutcome::Waiting) {
            return match is_this_browser(&grant, Some(browser)) {
                true => Ok(LinkOpened::Decided(Box::new(grant))),
                false => Err(unknown_state()),
            };
        }
        if grant.browser.is_some() && !is_this_browser(&grant, Some(browser)) {
            return Err(other_browser());
        }
        if let Some(device) = &grant.device {
            let url = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
            return match (grant.straight, Url::parse(url)) {
                (true, Ok(url)) => Ok(LinkOpened::GoOn(url)),
                _ => Ok(LinkOpened::EnterCode(Box::new(grant))),
            };
        }
        if grant.straight {
            return self.send_to_provider(version, grant, browser).await.map(LinkOpened::GoOn);
        }
        let release = self.release_of(&grant.connector, grant.release).await?;
        let config = release.definition.auth.chosen(grant.auth.as_deref()).ok();
        Ok(LinkOpened::Ask(Box::new(Question {
            service: release.definition.service.name.clone(),
            logo: release.definition.service.logo.clone(),
            scopes: config.map(|config| scheme_of(config).scopes().to_vec()).unwrap_or_default(),
            confirmation: confirmation(token, browser),
            grant,
        })))
    }

    /// Follows a link after the person has been asked: claims the attempt for this browser and answers
    /// where it goes.
    pub async fn follow_link(
        &self,
        token: &SecretText,
        browser: &SecretText,
        confirmed: &str,
    ) -> Result<Url, Failure> {
        if !sluis_vault::same_text(confirmed, &confirmation(token, browser)) {
            return Err(Failure::new(
                Reason::InvalidGrantState,
                "this was not confirmed on the page that belongs to it",
            )
            .help("open the link again and go on from there"));
        }
        let (version, grant) = self.linked(token).await?;
        self.send_to_provider(version, grant, browser).await
    }

    /// Lets whoever opens the link of this attempt go on without being asked: for a browser that is
    /// opened, on this machine, for the very person who began it.
    pub async fn let_straight_on(&self, org: &OrgId, id: &GrantId) -> Result<(), Failure> {
        let key = keys::grant(org, id);
        let store = self.store().await?;
        let found = get_json::<Grant>(store, &key).await.map_err(errors::store)?;
        if let Some((version, mut grant)) = found
            && grant.outcome == GrantOutcome::Waiting
        {
            grant.straight = true;
            let change = put_json(key, &grant, Expect::Version(version)).map_err(errors::store)?;
            store.apply(vec![change]).await.map_err(errors::store)?;
        }
        Ok(())
    }

    /// An attempt once it is decided, or as it stands when so much time has passed.
    pub async fn grant_when_decided(
        &self,
        org: &OrgId,
        id: &GrantId,
        at_most: Duration,
    ) -> Result<Grant, Failure> {
        let until = tokio::time::Instant::now() + at_most;
        // Subscribed before the first look, so that nothing falls between look and wait.
        let mut decided = self.decisions();
        loop {
            let grant = self.grant(org, id).await?;
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            if !matches!(grant.outcome, GrantOutcome::Waiting | GrantOutcome::Exchanging) || left.is_zero() {
                return Ok(grant);
            }
            // Another node on the same store notifies nobody here, hence the bound.
            let _ = tokio::time::timeout(left.min(LOOK_ELSEWHERE_EVERY), decided.recv()).await;
        }
    }

    /// The attempt behind a link, and the version of its record.
    async fn linked(&self, token: &SecretText) -> Result<(u64, Grant), Failure> {
        let store = self.store().await?;
        let key = keys::grant_link(&state_digest(token));
        let found = get_json::<(OrgId, GrantId)>(store, &key).await.map_err(errors::store)?;
        let (_, (org, id)) = found.ok_or_else(unknown_state)?;
        let found = get_json::<Grant>(store, &keys::grant(&org, &id)).await.map_err(errors::store)?;
        let (version, mut grant) = found.ok_or_else(unknown_state)?;
        if grant.outcome == GrantOutcome::Waiting && self.now() > grant.expires_at {
            grant.outcome = GrantOutcome::Expired;
        }
        Ok((version, grant))
    }

    /// Claims an attempt for a browser and begins it at the provider, with a fresh `state`.
    async fn send_to_provider(
        &self,
        version: u64,
        mut grant: Grant,
        browser: &SecretText,
    ) -> Result<Url, Failure> {
        if grant.outcome != GrantOutcome::Waiting || grant.device.is_some() {
            return Err(unknown_state());
        }
        if grant.browser.is_some() && !is_this_browser(&grant, Some(browser)) {
            return Err(other_browser());
        }
        // The claim comes first: of two browsers at once, one reaches the provider.
        grant.browser = Some(state_digest(browser));
        let key = keys::grant(&grant.org, &grant.id);
        let claim = put_json(key, &grant, Expect::Version(version)).map_err(errors::store)?;
        let versions = self.store().await?.apply(vec![claim]).await.map_err(overtaken)?;
        let version = versions.first().copied().unwrap_or_default();
        let begun = self.begin_at_provider(&grant).await?;
        self.keep_begun(version, grant, &begun).await?;
        Ok(begun.authorize_url)
    }

    async fn begin_at_provider(&self, grant: &Grant) -> Result<Begun, Failure> {
        let release = self.release_of(&grant.connector, grant.release).await?;
        let bound = self.bound(&release.definition, grant.auth.as_deref(), &grant.variables).await?;
        let scheme = bound.scheme();
        self.converse(scheme.begin(bound.context(self), &grant.redirect_uri)?).await
    }

    async fn keep_begun(&self, version: u64, mut grant: Grant, begun: &Begun) -> Result<(), Failure> {
        let digest = state_digest(&begun.state);
        let sealed = self.vault_of(&grant.org).await?.seal_verifier(&grant.id, &begun.kept);
        let before = grant.state.replace(digest.clone());
        let state = put_json(keys::grant_state(&digest), &(&grant.org, &grant.id), Expect::Absent);
        let key = keys::grant(&grant.org, &grant.id);
        let mut changes = vec![
            put_json(key, &grant, Expect::Version(version)).map_err(errors::store)?,
            state.map_err(errors::store)?,
            Change::Put { key: keys::verifier(&grant.org, &grant.id), bytes: sealed, expect: Expect::Any },
        ];
        // Whoever follows the link anew has left the page before: its `state` is good no more.
        changes
            .extend(before.map(|old| Change::Delete { key: keys::grant_state(&old), expect: Expect::Any }));
        self.store().await?.apply(changes).await.map_err(overtaken)?;
        Ok(())
    }
}

/// Whether the browser with this cookie is the one that the attempt belongs to.
pub(super) fn is_this_browser(grant: &Grant, browser: Option<&SecretText>) -> bool {
    match (&grant.browser, browser) {
        (Some(owner), Some(browser)) => sluis_vault::same_text(owner, &state_digest(browser)),
        _ => false,
    }
}

pub(super) fn other_browser() -> Failure {
    Failure::new(Reason::InvalidGrantState, "this authorization was begun in another browser")
        .help("finish it in the browser that opened the link first, or begin a new one here")
}

fn overtaken(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict { .. } => other_browser(),
        other => errors::store(other),
    }
}

/// Known to whoever has link and cookie, and to nobody else.
fn confirmation(token: &SecretText, browser: &SecretText) -> String {
    state_digest(&format!("follow {} {}", token.expose(), browser.expose()).into())
}
