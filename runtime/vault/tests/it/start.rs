//! Start: the key is made once, found again, and a wrong one is refused.

use crate::{KEY, OTHER_KEY, vault};
use sluis_store::{Change, Expect, Key, Table, open_in_memory};
use sluis_vault::{
    Created, KeySource, MASTER_KEY_VARIABLE, SystemRandomness, Vault, VaultError, add_root_key,
    load_or_create_key_file,
};
use std::fs;
use std::sync::Arc;

fn private(path: &std::path::Path, content: &str) {
    fs::write(path, content).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_key_file_is_made_once_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/master.key");
    let (first, created) = load_or_create_key_file(&path, &SystemRandomness).unwrap();
    assert_eq!(created, Created(true));
    let (second, created) = load_or_create_key_file(&path, &SystemRandomness).unwrap();
    assert_eq!((second.primary_id(), created), (first.primary_id(), Created(false)));
    let (other, _) = load_or_create_key_file(&folder.path().join("other.key"), &SystemRandomness).unwrap();
    assert_ne!(other.primary_id(), first.primary_id());
    let left: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["master.key"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    for mode in [0o644, 0o640, 0o604, 0o620] {
        private(&path, KEY);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = load_or_create_key_file(&path, &SystemRandomness).unwrap_err().to_string();
        assert!(error.contains(&format!("mode {mode:o}")) && error.contains("chmod 600"), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
}

#[test]
fn a_key_file_of_garbage_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    for content in ["", "# only a comment\n", "not base64 at all!", "c2hvcnQ=", "\n\n"] {
        private(&path, content);
        let error = load_or_create_key_file(&path, &SystemRandomness).unwrap_err().to_string();
        assert!(error.contains("master.key") && !error.contains('\n'), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::write(&path, b"\xFF\xFE").unwrap();
    assert!(load_or_create_key_file(&path, &SystemRandomness).is_err());
    assert!(load_or_create_key_file(folder.path(), &SystemRandomness).is_err());
}

#[tokio::test]
async fn a_wrong_key_is_refused_at_start() {
    let store = open_in_memory().await.unwrap();
    vault(KEY).verify(&*store).await.unwrap();
    vault(KEY).verify(&*store).await.unwrap();
    let error = vault(OTHER_KEY).verify(&*store).await.unwrap_err();
    let wanted = vault(KEY).keys().primary_id();
    assert_eq!(error, VaultError::WrongKey { given: vault(OTHER_KEY).keys().primary_id(), wanted });
    assert!(error.to_string().contains(&wanted.to_string()), "{error}");
    vault(&format!("{OTHER_KEY},{KEY}")).verify(&*store).await.unwrap();
}

#[tokio::test]
async fn a_lost_key_file_is_not_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let (store, source) = (open_in_memory().await.unwrap(), KeySource::File(path.clone()));
    let (vault, created) = Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.unwrap();
    assert_eq!(created, Created(true));
    let (_, created) = Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.unwrap();
    assert_eq!(created, Created(false));
    fs::remove_file(&path).unwrap();
    let error = Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.unwrap_err();
    assert_eq!(error, VaultError::KeyMissing { path: path.clone(), wanted: vault.keys().primary_id() });
    assert!(!path.exists());
}

#[test]
fn a_new_key_is_put_before_the_old_ones_and_the_operators_words_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    assert!(add_root_key(&path, &SystemRandomness).is_err(), "there is no file to add to");
    private(&path, &format!("# of the blue safe\n{KEY}\n"));
    let first = add_root_key(&path, &SystemRandomness).unwrap();
    let second = add_root_key(&path, &SystemRandomness).unwrap();
    let others: Vec<_> = second.other_ids().collect();
    assert_eq!(others, [first.primary_id(), vault(KEY).keys().primary_id()]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("# of the blue safe") && text.matches("Root key of a sluis store").count() == 1,
        "{text}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_store_that_lost_its_known_value_is_not_taken_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let store = open_in_memory().await.unwrap();
    let old = vault(KEY);
    old.of(&*store, &crate::org("acme")).await.unwrap();
    let check = Key::system(Table::Clients, "vault/check");
    store.apply(vec![Change::Delete { key: check, expect: Expect::Any }]).await.unwrap();
    let source = KeySource::File(path.clone());
    let error = Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.unwrap_err();
    assert_eq!(error, VaultError::KeyMissing { path: path.clone(), wanted: old.keys().primary_id() });
    assert!(!path.exists());
}

#[tokio::test]
async fn a_key_can_come_as_text() {
    let store = open_in_memory().await.unwrap();
    let good = KeySource::Text(KEY.into());
    assert!(!format!("{good:?}").contains(KEY));
    let (vault, created) = Vault::unlock(&*store, &good, Arc::new(SystemRandomness)).await.unwrap();
    assert_eq!(created, Created(false));
    assert_eq!(vault.keys().primary_id(), crate::vault(KEY).keys().primary_id());
    let bad = KeySource::Text("tooshort".into());
    let error = Vault::unlock(&*store, &bad, Arc::new(SystemRandomness)).await.unwrap_err().to_string();
    assert!(error.contains(MASTER_KEY_VARIABLE) && !error.contains("tooshort"), "{error}");
}
