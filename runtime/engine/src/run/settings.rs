//! What an org says about its runs and those of its functions: kept, and believed for a moment without being
//! read again.

use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, OrgId};
use sluis_model::run_settings::{FunctionSettings, RunSettings};
use sluis_store::{Expect, Key, StoreError, get_json, put_json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What counts for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Believed {
    /// What its org says.
    pub of_org: RunSettings,
    /// What is said of its function.
    pub of_function: FunctionSettings,
}

/// What was read a moment ago.
#[derive(Default)]
pub(crate) struct KnownSettings(Mutex<Kept>);

type Kept = HashMap<(OrgId, Option<FunctionName>), (Instant, Believed)>;

/// More are forgotten.
const KEPT_AT_MOST: usize = 10_000;

impl KnownSettings {
    fn find(&self, org: &OrgId, function: Option<&FunctionName>, believed_for: Duration) -> Option<Believed> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, believed) = kept.get(&(org.clone(), function.cloned()))?;
        (at.elapsed() < believed_for).then(|| believed.clone())
    }

    fn keep(&self, org: &OrgId, function: Option<&FunctionName>, believed: &Believed) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_AT_MOST {
            kept.clear();
        }
        kept.insert((org.clone(), function.cloned()), (Instant::now(), believed.clone()));
    }

    fn forget(&self, org: &OrgId) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _), _| of != org);
    }
}

/// Whether a change may go ahead over what is there.
pub type SettingsAgree<'a, T> = dyn Fn(&T) -> bool + Send + Sync + 'a;

impl Engine {
    /// What an org says about its runs.
    pub async fn run_settings(&self, org: &OrgId) -> Result<RunSettings, Failure> {
        self.org(org).await?;
        Ok(self.settings_row(&keys::run_settings(org)).await?.1)
    }

    /// What an org says about the runs of a function.
    pub async fn function_settings(
        &self,
        org: &OrgId,
        function: &FunctionName,
    ) -> Result<FunctionSettings, Failure> {
        self.org(org).await?;
        self.function(org, function).await?;
        Ok(self.settings_row(&keys::function_settings(org, function)).await?.1)
    }

    /// Says it anew, if what is there is what the caller has seen: whether it was.
    pub async fn set_run_settings(
        &self,
        org: &OrgId,
        settings: &RunSettings,
        agrees: &SettingsAgree<'_, RunSettings>,
    ) -> Result<bool, Failure> {
        self.org(org).await?;
        if let Some(fault) = settings.fault() {
            return Err(Failure::new(Reason::InvalidInput, fault));
        }
        self.set_settings(org, &keys::run_settings(org), settings, agrees).await
    }

    /// The same for a function.
    pub async fn set_function_settings(
        &self,
        org: &OrgId,
        function: &FunctionName,
        settings: &FunctionSettings,
        agrees: &SettingsAgree<'_, FunctionSettings>,
    ) -> Result<bool, Failure> {
        self.org(org).await?;
        self.function(org, function).await?;
        if let Some(fault) = settings.fault() {
            return Err(Failure::new(Reason::InvalidInput, fault));
        }
        self.set_settings(org, &keys::function_settings(org, function), settings, agrees).await
    }

    async fn settings_row<T: serde::de::DeserializeOwned + Default>(
        &self,
        key: &Key,
    ) -> Result<(Option<u64>, T), Failure> {
        let found = get_json::<T>(self.store().await?, key).await.map_err(errors::store)?;
        Ok(found.map_or_else(|| (None, T::default()), |(version, settings)| (Some(version), settings)))
    }

    async fn set_settings<T: serde::Serialize + serde::de::DeserializeOwned + Default + Sync>(
        &self,
        org: &OrgId,
        key: &Key,
        settings: &T,
        agrees: &SettingsAgree<'_, T>,
    ) -> Result<bool, Failure> {
        loop {
            let (version, present) = self.settings_row::<T>(key).await?;
            if !agrees(&present) {
                return Ok(false);
            }
            let expect = version.map_or(Expect::Absent, Expect::Version);
            let change = put_json(key.clone(), settings, expect).map_err(errors::store)?;
            match self.store().await?.apply(vec![change]).await {
                Ok(_) => {
                    self.run_meter().settings.forget(org);
                    tracing::info!(%org, what = key.id, "what counts for runs was changed");
                    return Ok(true);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// What counts for a run, as it was a moment ago at the latest.
    pub(crate) async fn believed_settings(
        &self,
        org: &OrgId,
        function: Option<&FunctionName>,
    ) -> Result<Believed, Failure> {
        let known = &self.run_meter().settings;
        if let Some(believed) = known.find(org, function, self.run_rules().believes_for) {
            return Ok(believed);
        }
        let of_org = self.settings_row(&keys::run_settings(org)).await?.1;
        let of_function = match function {
            Some(function) => self.settings_row(&keys::function_settings(org, function)).await?.1,
            None => FunctionSettings::default(),
        };
        let believed = Believed { of_org, of_function };
        known.keep(org, function, &believed);
        Ok(believed)
    }
}
