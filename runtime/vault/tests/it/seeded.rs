//! A store with something sealed in every table, under the root key and under keys of orgs.

use crate::org;
use sluis_model::id::OrgId;
use sluis_store::{Change, Expect, Key, Store, Table, system_org};
use sluis_vault::{SealContext, Vault, VaultError, field};

/// Where a value stands and as what it was sealed.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) key: Key,
    subject: String,
    field: &'static str,
}

impl Place {
    /// What it says: not the same in any two places.
    pub(crate) fn plain(&self) -> String {
        format!("canary of {} as {}", self.key, self.field)
    }

    fn context(&self) -> SealContext<'_> {
        SealContext { org: &self.key.org, subject: &self.subject, field: self.field }
    }
}

/// `count` connections with their tokens, runs that wait and verifiers, for two orgs, and clients.
pub(crate) fn places(count: usize) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |table, org: &OrgId, id: String, subject: String, field| {
        places.push(Place { key: Key::new(table, org, id), subject, field });
    };
    for name in ["acme", "beta"] {
        let org = org(name);
        for n in 0..count {
            add(Table::Credentials, &org, format!("gcontacts{n}"), format!("con_{name}{n}"), field::TOKENS);
            add(Table::Verifiers, &org, format!("grn_{n}"), format!("grn_{n}"), field::VERIFIER);
            add(Table::Verifiers, &org, format!("run_{n}"), format!("run_{n}"), field::AUTHORIZE_URL);
            add(Table::Snapshots, &org, format!("gcontacts/run_{n}"), format!("run_{n}"), field::SNAPSHOT);
        }
    }
    (0..count).for_each(|n| {
        add(Table::Clients, &system_org(), format!("client{n}"), format!("client{n}"), field::CLIENT);
    });
    places
}

/// Writes the places: every other one as versions before keys of orgs did.
pub(crate) async fn seed(store: &dyn Store, vault: &Vault, places: &[Place]) {
    vault.verify(store).await.unwrap();
    for (n, place) in places.iter().enumerate() {
        let plain = place.plain();
        let bytes = if n % 2 == 0 {
            vault.seal(&place.context(), plain.as_bytes())
        } else {
            let vault = vault.of(store, &place.key.org).await.unwrap();
            vault.seal(&place.subject, place.field, plain.as_bytes())
        };
        let mut changes = vec![Change::Put { key: place.key.clone(), bytes, expect: Expect::Absent }];
        if place.key.table == Table::Credentials {
            let key = Key::new(Table::Connections, &place.key.org, place.key.id.as_str());
            let bytes = format!("{{\"id\":\"{}\"}}", place.subject).into_bytes();
            changes.push(Change::Put { key, bytes, expect: Expect::Absent });
        }
        store.apply(changes).await.unwrap();
    }
}

/// Opens one place as the engine does.
pub(crate) async fn open(store: &dyn Store, vault: &Vault, place: &Place) -> Result<String, VaultError> {
    let record = store.get(&place.key).await?.unwrap();
    let vault = vault.of(store, &place.key.org).await?;
    let plain = vault.open(&place.subject, place.field, &record.bytes)?;
    Ok(String::from_utf8(plain.expose().clone()).unwrap())
}

/// Every place says what it was made to say.
pub(crate) async fn all_open(store: &dyn Store, vault: &Vault, places: &[Place]) {
    for place in places {
        assert_eq!(open(store, vault, place).await.unwrap(), place.plain());
    }
}

/// Writes one place with the org's vault that is given.
pub(crate) async fn write(
    store: &dyn Store,
    vault: &sluis_vault::OrgVault,
    place: &Place,
    plain: &str,
    expect: Expect,
) -> Result<(), sluis_store::StoreError> {
    let bytes = vault.seal(&place.subject, place.field, plain.as_bytes());
    store.apply(vec![Change::Put { key: place.key.clone(), bytes, expect }]).await.map(drop)
}
