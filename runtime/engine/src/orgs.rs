//! Subscriber organisations.

use crate::builder::Engine;
use crate::connector_proxy::ProxySettings;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Expect, Table, get_json, put_json, system_org};

/// An org as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Identity.
    pub id: OrgId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whom it serves the connector proxy protocol.
    #[serde(default, skip_serializing_if = "ProxySettings::is_empty")]
    pub connector_proxy: ProxySettings,
}

impl Engine {
    /// Makes an org if it is not there yet.
    pub async fn ensure_org(&self, org: &OrgId) -> Result<Org, Failure> {
        if *org == system_org() {
            return Err(
                Failure::new(Reason::InvalidInput, format!("`{org}` is reserved")).help("choose another id")
            );
        }
        let key = keys::org(org);
        if let Some((_, found)) = get_json::<Org>(self.store().await?, &key).await.map_err(errors::store)? {
            return Ok(found);
        }
        let made = Org { id: org.clone(), created_at: self.now(), connector_proxy: ProxySettings::default() };
        let change = put_json(key, &made, Expect::Any).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(made)
    }

    /// An org that must exist.
    pub async fn org(&self, org: &OrgId) -> Result<Org, Failure> {
        let found = get_json::<Org>(self.store().await?, &keys::org(org)).await.map_err(errors::store)?;
        match found {
            Some((_, org)) => Ok(org),
            None => {
                let known: Vec<String> =
                    self.orgs().await?.into_iter().map(|o| o.id.as_str().to_owned()).collect();
                Err(Failure::new(Reason::OrgNotFound, format!("there is no organisation `{org}`"))
                    .help(sluis_model::suggest::help(org.as_str(), &known, "organisations")))
            }
        }
    }

    /// All orgs, by id.
    pub async fn orgs(&self) -> Result<Vec<Org>, Failure> {
        self.list_json(Table::Orgs, &system_org(), "").await
    }

    /// Every record of a table under a prefix, in key order.
    pub(crate) async fn list_json<T: serde::de::DeserializeOwned>(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
    ) -> Result<Vec<T>, Failure> {
        const PAGE: usize = 500;
        let store = self.store().await?;
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.list(table, org, prefix, after.as_deref(), PAGE).await.map_err(errors::store)?;
            let last = page.len() < PAGE;
            after = page.last().map(|(id, _)| id.clone());
            for (id, record) in page {
                match serde_json::from_slice(&record.bytes) {
                    Ok(item) => found.push(item),
                    Err(error) => {
                        tracing::error!(%error, ?table, id, "a record could not be read and was left out");
                    }
                }
            }
            if last {
                return Ok(found);
            }
        }
    }
}
