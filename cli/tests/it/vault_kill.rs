//! Keys change in a real process over a real store, which is killed in the middle.

use crate::home::Home;
use sluis_model::id::OrgId;
use sluis_store::{Change, Expect, Key, Store, Table, system_org};
use sluis_vault::{SealContext, SystemRandomness, Vault, field, load_or_create_key_file};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

fn folder(home: &Home) -> PathBuf {
    home.path(".local/share/sluis")
}

/// Works on the store as a process that comes after.
fn on_store<T>(home: &Home, work: impl AsyncFnOnce(&dyn Store, &Vault) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = sluis_store::open(&folder(home).join("sluis.redb")).await.unwrap();
        let (ring, _) = load_or_create_key_file(&folder(home).join("master.key"), &SystemRandomness).unwrap();
        let vault = Vault::new(ring, Arc::new(SystemRandomness));
        vault.verify(&*store).await.unwrap();
        let done = work(&*store, &vault).await;
        store.close().await.unwrap();
        done
    })
}

fn plain(org: &OrgId, n: usize) -> String {
    format!("what {org} keeps as {n}")
}

/// Every third as older versions wrote it.
async fn seed(store: &dyn Store, vault: &Vault, org: &OrgId, count: usize) {
    let own = vault.of(store, org).await.unwrap();
    let mut changes = Vec::new();
    for n in 0..count {
        let (id, plain) = (format!("run_{n:05}"), plain(org, n));
        let bytes = if n % 3 == 0 {
            vault.seal(&SealContext { org, subject: &id, field: field::AUTHORIZE_URL }, plain.as_bytes())
        } else {
            own.seal(&id, field::AUTHORIZE_URL, plain.as_bytes())
        };
        changes.push(Change::Put { key: Key::new(Table::Verifiers, org, id), bytes, expect: Expect::Absent });
    }
    store.apply(changes).await.unwrap();
}

async fn all_open(store: &dyn Store, vault: &Vault, org: &OrgId, count: usize) {
    let own = vault.of(store, org).await.unwrap();
    let rows = store.list(Table::Verifiers, org, "", None, count + 1).await.unwrap();
    assert_eq!(rows.len(), count);
    for (n, (id, record)) in rows.iter().enumerate() {
        let opened = own.open(id, field::AUTHORIZE_URL, &record.bytes).unwrap();
        assert_eq!(opened.expose(), plain(org, n).as_bytes());
    }
}

/// Runs a verb and kills it as soon as it says so. Tells whether it was still at work.
fn killed_at(home: &Home, arguments: &[&str], said: &str) -> bool {
    let mut child = home.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let found = lines.any(|line| line.unwrap().contains(said));
    child.kill().unwrap();
    found && !child.wait().unwrap().success()
}

#[cfg(unix)]
#[test]
fn a_rotation_that_is_killed_goes_on_and_loses_nothing() {
    const ROWS: usize = 6_000;
    let (home, org) = (Home::new(), system_org());
    assert_eq!(home.run(&["connector", "list"]).code, 0);
    on_store(&home, async |store, vault| seed(store, vault, &system_org(), ROWS).await);
    let mut kills = 0;
    while kills < 4 && killed_at(&home, &["vault", "rotate-org", org.as_str()], "sealing anew") {
        kills += 1;
        on_store(&home, async |store, vault| all_open(store, vault, &system_org(), ROWS).await);
    }
    assert!(kills > 1, "{kills} kills came in time");
    let ended = home.run(&["vault", "rotate-org", org.as_str()]);
    assert!(ended.code == 0 && ended.err.contains("key 2"), "{}", ended.err);
    on_store(&home, async |store, vault| {
        all_open(store, vault, &system_org(), ROWS).await;
        let status = vault.status(store).await.unwrap();
        let own = status.orgs.iter().find(|status| status.org == system_org()).unwrap();
        assert_eq!((own.primary, own.floor, own.rows.current), (2, 2, ROWS as u64));
        assert_eq!(own.rotation.as_ref().unwrap().resealed, ROWS as u64, "each row once");
    });
}

#[cfg(unix)]
#[test]
fn a_change_of_the_root_key_that_is_killed_goes_on_and_loses_nothing() {
    const ORGS: usize = 300;
    let home = Home::new();
    let org = |n: usize| format!("org{n}").parse::<OrgId>().unwrap();
    assert_eq!(home.run(&["connector", "list"]).code, 0);
    on_store(&home, async |store, vault| {
        for n in 0..ORGS {
            seed(store, vault, &org(n), 3).await;
        }
    });
    let all = || {
        on_store(&home, async |store, vault| {
            for n in 0..ORGS {
                all_open(store, vault, &org(n), 3).await;
            }
            vault.status(store).await.unwrap()
        })
    };
    let mut kills = 0;
    while kills < 4 && killed_at(&home, &["vault", "rotate-root"], "wrapped anew,") {
        kills += 1;
        all();
    }
    assert!(kills > 1, "{kills} kills came in time");
    let ended = home.run(&["vault", "rotate-root"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let status = all();
    assert_eq!(Some(status.ring[0]), status.root);
    assert!(status.orgs.iter().all(|org| org.wrapped_by.iter().eq([&status.ring[0]])));
    // The new key alone is enough from now on.
    let file = folder(&home).join("master.key");
    let text = std::fs::read_to_string(&file).unwrap();
    let first = text.lines().find(|line| !line.starts_with('#')).unwrap();
    std::fs::write(&file, first).unwrap();
    all();
}
