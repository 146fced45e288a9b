//! The secrets with which a service signs, or by which it shows itself. Several count at the same time, so that
//! a new one can be brought in before the old one goes.

use super::store::StoredTrigger;
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, TriggerName};
use sluis_model::secret::SecretText;
use sluis_model::trigger_spec::Occasion;
use sluis_store::{Change, Expect, put_json};
use sluis_vault::field;

/// How many count at the same time at most.
const AT_ONCE: usize = 5;
/// Longest of them.
const LONGEST: usize = 4096;
/// A shorter one is guessed.
const SHORTEST: usize = 8;

impl Engine {
    /// Puts other secrets in the place of those that counted for a webhook.
    pub async fn set_trigger_secrets(
        &self,
        org: &OrgId,
        name: &TriggerName,
        secrets: &[SecretText],
    ) -> Result<StoredTrigger, Failure> {
        refuse_unfit(secrets)?;
        let (version, mut trigger) = self.trigger_row(org, name).await?;
        if !matches!(trigger.spec.on, Occasion::Webhook(_)) {
            let text = format!("`{name}` is a trigger by {}, which needs no secret", trigger.spec.on.kind());
            return Err(Failure::new(Reason::InvalidInput, text));
        }
        trigger.secrets = secrets.len();
        let texts: Vec<&str> = secrets.iter().map(|secret| secret.expose().as_str()).collect();
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&texts).unwrap_or_default());
        let sealed = self.vault_of(org).await?.seal(name.as_str(), field::TRIGGER_SECRETS, &plain);
        let key = keys::trigger_secrets(org, name);
        let changes = vec![
            put_json(keys::trigger(org, name), &trigger, Expect::Version(version)).map_err(errors::store)?,
            match secrets.is_empty() {
                true => Change::Delete { key, expect: Expect::Any },
                false => Change::Put { key, bytes: sealed, expect: Expect::Any },
            },
        ];
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%org, trigger = %name, secrets = secrets.len(), "the secrets of a webhook were changed");
        Ok(trigger)
    }

    /// The secrets that count for a webhook.
    pub(super) async fn trigger_secrets(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<Vec<SecretText>, Failure> {
        let key = keys::trigger_secrets(org, name);
        let Some(record) = self.store().await?.get(&key).await.map_err(errors::store)? else {
            return Ok(Vec::new());
        };
        let vault = self.vault_of(org).await?;
        let plain =
            vault.open(name.as_str(), field::TRIGGER_SECRETS, &record.bytes).map_err(errors::vault)?;
        let texts: Vec<String> = serde_json::from_slice(plain.expose()).map_err(|_| {
            Failure::new(Reason::Internal, format!("the secrets of the trigger `{name}` are damaged"))
        })?;
        Ok(texts.into_iter().map(SecretText::from).collect())
    }
}

fn refuse_unfit(secrets: &[SecretText]) -> Result<(), Failure> {
    let refused = |text: String| Err(Failure::new(Reason::InvalidInput, text));
    if secrets.len() > AT_ONCE {
        return refused(format!("at most {AT_ONCE} secrets count at the same time"));
    }
    match secrets
        .iter()
        .map(|secret| secret.expose().len())
        .find(|length| !(SHORTEST..=LONGEST).contains(length))
    {
        Some(_) => refused(format!("a secret has {SHORTEST} to {LONGEST} bytes")),
        None => Ok(()),
    }
}
