//! Scripts stored under a name in an org.

use crate::builder::Engine;
use crate::run::{EntryPoint, RunEnd, RunObserver, RunRefused, RunRequest};
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_lang::check;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, OrgId, UserId};
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use sluis_store::{Change, Expect, StoreError, Table, get_json, put_json};

/// A script as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFunction {
    /// Its name.
    pub name: FunctionName,
    /// Its text.
    pub source: String,
    /// Names of the variables that its top-level statements are given; functions in the file
    /// declare their own.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// When it was last stored.
    pub updated_at: Timestamp,
}

/// Whether a change may go ahead over what is stored.
pub type Agrees<'a> = dyn Fn(Option<&StoredFunction>) -> bool + Send + Sync + 'a;

impl Engine {
    /// Stores a script if it compiles; answers the warnings, or all diagnostics if it does not.
    pub async fn store_function(
        &self,
        org: &OrgId,
        name: &FunctionName,
        source: String,
        inputs: Vec<String>,
    ) -> Result<Vec<Diagnostic>, RunRefused> {
        let stored = self.store_function_if(org, name, source, inputs, &|_| true).await?;
        stored.map(|(_, warnings)| warnings).ok_or_else(|| {
            RunRefused::Failure(Failure::new(Reason::Internal, "a script was refused without a condition"))
        })
    }

    /// The same if what is stored under the name is what the caller has seen; none if it is not.
    pub async fn store_function_if(
        &self,
        org: &OrgId,
        name: &FunctionName,
        source: String,
        inputs: Vec<String>,
        agrees: &Agrees<'_>,
    ) -> Result<Option<(StoredFunction, Vec<Diagnostic>)>, RunRefused> {
        self.org(org).await?;
        let environment = check::Environment {
            variables: inputs.clone(),
            catalog: Some(self.catalog().await?),
            functions: self.function_names(org).await?,
            ..check::Environment::default()
        };
        let built = sluis_lang::build(&source, &environment);
        if built.program.is_none() {
            return Err(RunRefused::Script(built.diagnostics));
        }
        let function = StoredFunction { name: name.clone(), source, inputs, updated_at: self.now() };
        let change = |expect| put_json(keys::function(org, name), &function, expect);
        match self.change_function(org, name, agrees, change).await {
            Ok(true) => Ok(Some((function, built.diagnostics))),
            Ok(false) => Ok(None),
            Err(failure) => Err(RunRefused::Failure(failure)),
        }
    }

    /// Forgets a script, if it is what the caller has seen: whether it was. Runs of it go on with the text
    /// that they began with.
    pub async fn remove_function(
        &self,
        org: &OrgId,
        name: &FunctionName,
        agrees: &Agrees<'_>,
    ) -> Result<bool, Failure> {
        self.org(org).await?;
        self.function(org, name).await?;
        let change = |expect| Ok(Change::Delete { key: keys::function(org, name), expect });
        let removed = self.change_function(org, name, agrees, change).await?;
        if removed {
            tracing::info!(%org, function = %name, "a function was removed");
        }
        Ok(removed)
    }

    /// Changes a function's row if it agrees, as one step: whoever changes it meanwhile is seen.
    async fn change_function(
        &self,
        org: &OrgId,
        name: &FunctionName,
        agrees: &Agrees<'_>,
        change: impl Fn(Expect) -> Result<Change, StoreError>,
    ) -> Result<bool, Failure> {
        let store = self.store().await?;
        loop {
            let found = get_json::<StoredFunction>(store, &keys::function(org, name)).await;
            let found = found.map_err(errors::store)?;
            if !agrees(found.as_ref().map(|(_, function)| function)) {
                return Ok(false);
            }
            let expect = found.map_or(Expect::Absent, |(version, _)| Expect::Version(version));
            match store.apply(vec![change(expect).map_err(errors::store)?]).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Names of all stored functions of an org.
    pub(crate) async fn function_names(&self, org: &OrgId) -> Result<Vec<String>, Failure> {
        let page =
            self.store().await?.list(Table::Functions, org, "", None, 10_000).await.map_err(errors::store)?;
        Ok(page.into_iter().map(|(name, _)| name).collect())
    }

    /// All stored functions of an org, by name.
    pub async fn functions(&self, org: &OrgId) -> Result<Vec<StoredFunction>, Failure> {
        self.org(org).await?;
        self.list_json(Table::Functions, org, "").await
    }

    /// A stored function.
    pub async fn function(&self, org: &OrgId, name: &FunctionName) -> Result<StoredFunction, Failure> {
        let found = get_json(self.store().await?, &keys::function(org, name)).await.map_err(errors::store)?;
        match found {
            Some((_, function)) => Ok(function),
            None => {
                let known: Vec<String> =
                    self.functions(org).await?.into_iter().map(|f| f.name.as_str().to_owned()).collect();
                Err(Failure::new(Reason::FunctionNotFound, format!("there is no function `{name}`"))
                    .help(sluis_model::suggest::help(name.as_str(), &known, "functions")))
            }
        }
    }

    /// Runs a stored function, on behalf of a user if one is named, and keeps a record of it. Where as many run
    /// as may, it is put into the queue, which its record says.
    pub async fn run_function(
        &self,
        org: &OrgId,
        name: &FunctionName,
        user: Option<UserId>,
        args: Vec<(String, Data)>,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        self.run_function_by(Trigger::Http, org, name, user, args, observer).await
    }

    /// The same for a trigger, whose caller waits for the value.
    pub(crate) async fn run_function_by(
        &self,
        by: Trigger,
        org: &OrgId,
        name: &FunctionName,
        user: Option<UserId>,
        args: Vec<(String, Data)>,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        self.org(org).await?;
        self.within_quota(org).await?;
        let function = self.function(org, name).await?;
        let request = RunRequest {
            org: org.clone(),
            user,
            label: name.as_str().to_owned(),
            function: Some(name.clone()),
            source: function.source,
            entry: EntryPoint::Default,
            args,
            keep: true,
        };
        self.run_in_place(request, by, observer).await
    }
}
