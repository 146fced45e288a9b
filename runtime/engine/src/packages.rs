//! Installing packages that were verified: what an installation would change, and the installation, which
//! happens as a whole or not at all.

use crate::builder::Engine;
use crate::connectors::{ReleaseNotes, ReleaseRefused};
use crate::diff::diff;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::change::Change;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId};
use sluis_model::time::Timestamp;
use sluis_package::Opened;
use sluis_store::{Expect, get_json, put_json};

/// Where an installed connector comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the package.
    pub package: String,
    /// Which state of the package.
    pub package_release: u32,
    /// The number of the connector's release where it was packed.
    pub packed_release: u32,
    /// SHA-256 of the package's manifest.
    pub digest: String,
    /// Identifier of the key that signed it.
    pub key: String,
    /// When it was installed.
    pub installed_at: Timestamp,
}

/// What is wanted of an installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// Whether connectors that are there are replaced; else the package must bring new ones only.
    pub upgrade: bool,
    /// Whether an older state may replace a newer one.
    pub downgrade: bool,
    /// The org that the connectors belong to; none if they are the operator's.
    pub owner: Option<OrgId>,
}

/// What an installation does to one connector.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Planned {
    /// Its namespace.
    pub namespace: Namespace,
    /// The number of its release in the package.
    pub packed_release: u32,
    /// The number of its newest release here, if it is here.
    pub present: Option<u32>,
    /// Where that comes from, if it was installed.
    pub provenance: Option<Provenance>,
    /// What differs from that.
    pub changes: Vec<Change>,
    /// What an admin should know besides: it comes from somebody else now.
    pub notes: Vec<String>,
}

impl Planned {
    /// Whether somebody who answers for the connector has to look at it first.
    pub fn wants_a_look(&self) -> bool {
        !self.notes.is_empty() || self.changes.iter().any(|change| change.admin || change.breaking)
    }
}

impl Engine {
    /// Where an installed connector comes from; none if it was released here.
    pub async fn provenance(&self, namespace: &Namespace) -> Result<Option<Provenance>, Failure> {
        let row = get_json(self.store().await?, &keys::provenance(namespace)).await.map_err(errors::store)?;
        Ok(row.map(|(_, provenance)| provenance))
    }

    /// What an installation would do.
    ///
    /// # Errors
    /// When it may not be: something is there already, or is not, or would become older than it is.
    pub async fn plan_installation(
        &self,
        opened: &Opened,
        how: &Installation,
    ) -> Result<Vec<Planned>, Failure> {
        if let Some((name, _)) = opened.contents.functions.first() {
            return Err(refused(
                format!("the package holds the function `{name}`, and functions belong to an organisation"),
                "its connectors cannot be installed without it; ask for a package of the connectors alone",
            ));
        }
        let mut plan = Vec::new();
        for (packed_release, connector) in &opened.contents.connectors {
            let namespace = &connector.definition.namespace;
            let present = match self.latest_number(namespace).await {
                Ok(number) => Some(self.release_of(namespace, number).await?),
                Err(failure) if failure.reason == Reason::ConnectorNotFound => None,
                Err(failure) => return Err(failure),
            };
            let mut planned = Planned {
                namespace: namespace.clone(),
                packed_release: *packed_release,
                present: present.as_ref().map(|release| release.number),
                provenance: self.provenance(namespace).await?,
                changes: Vec::new(),
                notes: Vec::new(),
            };
            if let Some(present) = &present {
                planned.changes = diff(&present.definition, &connector.definition)?;
            }
            check(&mut planned, opened, how)?;
            plan.push(planned);
        }
        if how.upgrade && plan.iter().all(|planned| planned.present.is_none()) {
            return Err(refused(
                format!("nothing of `{}` is here to upgrade", opened.manifest.name),
                "install it: sluis package install FILE",
            ));
        }
        Ok(plan)
    }

    /// Installs a package as [`plan_installation`](Self::plan_installation) tells: all of it, or nothing.
    pub async fn install(&self, opened: &Opened, how: &Installation) -> Result<Vec<Planned>, ReleaseRefused> {
        let plan = self.plan_installation(opened, how).await?;
        let mut changes = Vec::new();
        for (packed_release, connector) in &opened.contents.connectors {
            let notes = ReleaseNotes {
                notes: connector.notes.clone(),
                support_email: connector.support_email.clone(),
                owner: how.owner.clone(),
            };
            let namespace = &connector.definition.namespace;
            let prepared = self.prepare_release(connector.definition.clone(), notes).await?;
            changes.extend(prepared.changes);
            let provenance = Provenance {
                package: opened.manifest.name.clone(),
                package_release: opened.manifest.release,
                packed_release: *packed_release,
                digest: opened.digest.clone(),
                key: opened.key.id(),
                installed_at: self.now(),
            };
            let row = put_json(keys::provenance(namespace), &provenance, Expect::Any);
            changes.push(row.map_err(errors::store)?);
        }
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(package = %opened.manifest.name, release = opened.manifest.release, key = %opened.key.id(), "package installed");
        Ok(plan)
    }
}

fn refused(message: String, help: &str) -> Failure {
    Failure::new(Reason::InvalidInput, message).help(help)
}

/// Whether a connector may be installed as wanted, and what an admin should know of it.
fn check(planned: &mut Planned, opened: &Opened, how: &Installation) -> Result<(), Failure> {
    let namespace = &planned.namespace;
    let Some(present) = planned.present else { return Ok(()) };
    if !how.upgrade {
        return Err(refused(
            format!("the connector `{namespace}` is here already, as release {present}"),
            "see what an upgrade would change: sluis package upgrade FILE",
        ));
    }
    let Some(known) = &planned.provenance else {
        planned.notes.push(format!(
            "`{namespace}` was released here and comes from no package; from now on it is what {} says",
            opened.manifest.name
        ));
        return Ok(());
    };
    let is_older = if known.package == opened.manifest.name {
        opened.manifest.release < known.package_release
    } else {
        planned.packed_release < known.packed_release
    };
    if is_older && !how.downgrade {
        return Err(refused(
            format!(
                "the package holds release {} of `{namespace}`, and release {} is installed",
                planned.packed_release, known.packed_release
            ),
            "an older one may lack what was mended since; if it is wanted all the same: --downgrade",
        ));
    }
    if is_older {
        planned.notes.push(format!("`{namespace}` becomes older than it is"));
    }
    if known.package != opened.manifest.name {
        planned.notes.push(format!("`{namespace}` came from the package {} so far", known.package));
    }
    if known.key != opened.key.id() {
        planned.notes.push(format!(
            "the package is signed with the key {}; so far `{namespace}` was signed with {}",
            opened.key.id(),
            known.key
        ));
    }
    Ok(())
}
