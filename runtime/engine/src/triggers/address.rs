//! The address of a trigger: it holds a secret, which is shown once. A new one ends the old one at once.

use super::store::StoredTrigger;
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_auth::{random_token, state_digest};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, TriggerName};
use sluis_model::secret::SecretText;
use sluis_model::trigger_spec::Occasion;
use sluis_store::{Change, Expect, get_json, put_json};
use std::fmt;
use url::Url;

/// A longer text is no secret of ours.
const TOKEN_AT_MOST: usize = 128;

/// The address of a trigger. Whoever has it may fire the trigger, so it is shown to whoever asked for it and
/// nowhere else.
#[derive(Clone)]
pub struct NewAddress(Url);

impl NewAddress {
    /// The address itself: it goes to whoever asked for it, and nowhere else.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for NewAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewAddress(***)")
    }
}

/// The trigger that an address leads to.
#[derive(Debug, Clone)]
pub struct FoundTrigger {
    /// Whose it is.
    pub org: OrgId,
    /// The trigger.
    pub trigger: StoredTrigger,
    /// The whole address, which some services sign.
    pub(super) address: NewAddress,
}

impl FoundTrigger {
    /// Requests a minute that it takes.
    pub fn per_minute(&self) -> u32 {
        match &self.trigger.spec.on {
            Occasion::Url(rule) => rule.per_minute,
            Occasion::Webhook(rule) => rule.per_minute,
            Occasion::Schedule(_) | Occasion::Event(_) => 0,
        }
    }
}

/// A secret that was just made: what the store keeps of it, and the address.
pub(super) struct Made {
    pub digest: String,
    pub address: NewAddress,
    pub change: Change,
}

impl Engine {
    /// A new secret for a trigger, and the change that makes it lead there.
    pub(super) fn make_address(&self, org: &OrgId, name: &TriggerName) -> Result<Made, Failure> {
        let token = random_token(self.randomness());
        let digest = state_digest(&token);
        let key = keys::trigger_token(&digest);
        let change = put_json(key, &(org, name), Expect::Absent).map_err(errors::store)?;
        let address = self.trigger_address(&token)?;
        Ok(Made { digest, address, change })
    }

    fn trigger_address(&self, token: &SecretText) -> Result<NewAddress, Failure> {
        self.at_public_url(&["hooks", token.expose().as_str()]).map(NewAddress)
    }

    /// The trigger that an address leads to, by the secret in it.
    ///
    /// # Errors
    /// `not_found` for an address that leads nowhere (any longer), and for a trigger that is paused.
    pub async fn find_trigger(&self, token: &str) -> Result<FoundTrigger, Failure> {
        if token.len() > TOKEN_AT_MOST {
            return Err(nowhere());
        }
        let token = SecretText::from(token);
        let digest = state_digest(&token);
        let store = self.store().await?;
        let found = get_json::<(OrgId, TriggerName)>(store, &keys::trigger_token(&digest)).await;
        let (_, (org, name)) = found.map_err(errors::store)?.ok_or_else(nowhere)?;
        let found = get_json::<StoredTrigger>(store, &keys::trigger(&org, &name)).await;
        let (_, trigger) = found.map_err(errors::store)?.ok_or_else(nowhere)?;
        // The row beside it may be left from a change that was cut off elsewhere.
        if trigger.paused || trigger.address.as_deref() != Some(digest.as_str()) {
            return Err(nowhere());
        }
        Ok(FoundTrigger { address: self.trigger_address(&token)?, org, trigger })
    }

    /// Gives a trigger a new address; the old one leads nowhere from now on.
    pub async fn rotate_trigger_address(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<(StoredTrigger, NewAddress), Failure> {
        let made = self.make_address(org, name)?;
        let trigger = self.change_address(org, name, Some(&made)).await?;
        tracing::info!(%org, trigger = %name, "a trigger has a new address");
        Ok((trigger, made.address))
    }

    /// Takes the address of a trigger away: nobody reaches it until it is given another.
    pub async fn revoke_trigger_address(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<StoredTrigger, Failure> {
        let trigger = self.change_address(org, name, None).await?;
        tracing::info!(%org, trigger = %name, "the address of a trigger was revoked");
        Ok(trigger)
    }

    async fn change_address(
        &self,
        org: &OrgId,
        name: &TriggerName,
        made: Option<&Made>,
    ) -> Result<StoredTrigger, Failure> {
        let (version, mut trigger) = self.trigger_row(org, name).await?;
        if !trigger.spec.on.has_address() {
            let text = format!("`{name}` is a trigger by {}, which has no address", trigger.spec.on.kind());
            return Err(Failure::new(Reason::InvalidInput, text));
        }
        let old = std::mem::replace(&mut trigger.address, made.map(|made| made.digest.clone()));
        let mut changes: Vec<Change> = vec![
            put_json(keys::trigger(org, name), &trigger, Expect::Version(version)).map_err(errors::store)?,
        ];
        changes.extend(old.map(|digest| forget_address(&digest)));
        changes.extend(made.map(|made| made.change.clone()));
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(trigger)
    }
}

/// The change after which an address leads nowhere.
pub(super) fn forget_address(digest: &str) -> Change {
    Change::Delete { key: keys::trigger_token(digest), expect: Expect::Any }
}

/// Nothing tells an address that never was from one that has ended, or whose trigger is paused.
fn nowhere() -> Failure {
    Failure::new(Reason::NotFound, "nothing listens at this address")
        .help("its owner may have given it up or taken a new one, or pauses it")
}
