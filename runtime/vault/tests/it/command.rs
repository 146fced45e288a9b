//! The root key from a command.

use crate::{KEY, OTHER_KEY, vault};
use sluis_store::open_in_memory;
use sluis_vault::{KeySource, SystemRandomness, Vault, VaultError, command};
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_a_command_prints_is_the_ring() {
    let ring = command::run(&format!("echo '{KEY} {OTHER_KEY}'"), LONG).await.unwrap();
    assert_eq!(ring.primary_id(), vault(KEY).keys().primary_id());
    assert_eq!(ring.other_ids().count(), 1);
    let store = open_in_memory().await.unwrap();
    let source = KeySource::Command(format!("printf %s {KEY}"));
    let (unlocked, _) = Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.unwrap();
    assert_eq!(unlocked.keys().primary_id(), ring.primary_id());
}

#[tokio::test]
async fn no_shell_reads_the_command() {
    let error = command::run(&format!("echo {KEY} && echo $HOME > /dev/null"), LONG).await.unwrap_err();
    assert!(matches!(error, VaultError::KeyText { .. }), "{error}");
}

#[tokio::test]
async fn a_failing_command_shows_its_standard_error_and_never_its_output() {
    let script = format!("echo {KEY}; echo 'the key service says no' >&2; exit 3");
    let error = command::run(&format!("sh -c \"{script}\""), LONG).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("the key service says no") && shown.contains("exit status: 3"), "{shown}");
    assert!(shown.contains("SLUIS_ROOT_KEY_COMMAND") && !shown.contains(KEY), "{shown}");
    let error = command::run("echo swordfish", LONG).await.unwrap_err();
    assert!(matches!(error, VaultError::KeyText { .. }) && !format!("{error:?}").contains("swordfish"));
    for wrong in ["", "  ", "'open", "/no/such/program", "true", "sh -c 'kill -9 $$'"] {
        let error = command::run(wrong, LONG).await.unwrap_err();
        assert!(!error.to_string().contains('\n'), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended() {
    let error = command::run("sleep 600", Duration::from_millis(50)).await.unwrap_err();
    assert!(error.to_string().contains("took more than 0.05 s"), "{error}");
}

#[test]
fn only_one_place_may_be_named() {
    let find = |set: &'static [(&str, &str)]| {
        let value = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        KeySource::find(value, "there".into())
    };
    assert!(matches!(find(&[]).unwrap(), KeySource::File(path) if path.ends_with("there")));
    assert!(matches!(find(&[("SLUIS_MASTER_KEY", " ")]).unwrap(), KeySource::File(_)));
    assert!(matches!(find(&[("SLUIS_MASTER_KEY", "x")]).unwrap(), KeySource::Text(_)));
    assert!(matches!(find(&[("SLUIS_ROOT_KEY_COMMAND", "x")]).unwrap(), KeySource::Command(_)));
    assert!(
        matches!(find(&[("SLUIS_ROOT_KEY_FILE", "x")]).unwrap(), KeySource::File(path) if path.ends_with("x"))
    );
    let both = find(&[("SLUIS_MASTER_KEY", "secret"), ("SLUIS_ROOT_KEY_COMMAND", "y")]).unwrap_err();
    assert_eq!(both, VaultError::Sources);
}
