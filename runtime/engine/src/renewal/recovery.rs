//! Renewals that the last process left half done. An answer that was kept is finished from without
//! asking anybody; one that was lost is seen to by the next round, or by the next caller.

use super::intent::{Found, Phase};
use crate::builder::Engine;
use crate::errors;
use crate::grants::renewal::ConnectionTokens;
use crate::keys::Place;
use sluis_invoke::CredentialSource;
use sluis_model::error::Failure;
use sluis_model::id::OrgId;
use sluis_store::{Key, Table};
use std::sync::Arc;

/// Rows read at a time.
const PAGE: usize = 500;

impl Engine {
    /// Finishes the renewals whose answer was kept and whose owner is dead; how many there were.
    pub(crate) async fn recover_renewals(&self) -> Result<usize, Failure> {
        let mut finished = 0;
        for place in self.places_of_intents().await? {
            let Found::Intent(_, intent) = self.intent_at(&place).await? else { continue };
            if intent.phase != Phase::Answered || !self.is_free(&intent).await? {
                continue;
            }
            match self.renew_at(&place, true).await {
                Ok(()) => finished += 1,
                Err(failure) => {
                    tracing::warn!(connector = %place.key, %failure, "a renewal was not finished")
                }
            }
        }
        Ok(finished)
    }

    /// Where renewals are under way, or were.
    pub(super) async fn places_of_intents(&self) -> Result<Vec<Place>, Failure> {
        let store = self.store().await?;
        let (mut places, mut after): (Vec<Place>, Option<Key>) = (Vec::new(), None);
        loop {
            let page = store.list_all(Table::Intents, after.as_ref(), PAGE).await.map_err(errors::store)?;
            for (key, record) in page.records {
                places.extend(self.place_of_intent(&key.org, &key.id, &record.bytes).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(places),
            }
        }
    }

    async fn place_of_intent(&self, org: &OrgId, id: &str, sealed: &[u8]) -> Result<Option<Place>, Failure> {
        let vault = self.vault_of(org).await?;
        let opened = vault.open(id, sluis_vault::field::INTENT, sealed).ok();
        let intent: Option<super::intent::Intent> =
            opened.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        Ok(intent.map(|intent| intent.place(org)))
    }

    /// Renews the connection at a place, through the one turn that this process has for it. Nothing
    /// happens if there is none.
    pub(super) async fn renew_at(&self, place: &Place, at_once: bool) -> Result<(), Failure> {
        let Some(connection) = self.connection(&place.key, &place.slot).await? else { return Ok(()) };
        let connector = self.ready_connector(&connection.connector).await?;
        let id = connection.id.clone();
        let tokens = ConnectionTokens::new(self, connection, connector, place.slot.clone());
        let source: Arc<dyn CredentialSource> = Arc::new(tokens.at_once(at_once));
        self.renewals().renew_now(&id, &source).await.map(drop)
    }
}
