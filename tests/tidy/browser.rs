//! The language and the vocabulary build for the browser.

use crate::workspace::{cargo, ours};

/// The folders of the crates that promise it; see also `xtask/src/wasm.rs`.
const FOLDERS: &[&str] = &["lang", "runtime/model"];

#[test]
fn lang_and_model_build_for_the_browser() {
    let workspace = ours();
    let mut command = cargo();
    command.args(["build", "--quiet", "--target", "wasm32-unknown-unknown", "--target-dir"]);
    // A folder of its own: the usual one may be locked by the Cargo that runs this test.
    command.arg(workspace.target_directory.join("browser"));
    for folder in FOLDERS {
        let package = workspace.packages.iter().find(|package| package.folder() == *folder);
        let name = &package.unwrap_or_else(|| panic!("there is no crate in {folder}")).name;
        command.args(["--package", name]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n(`rustup target add wasm32-unknown-unknown` adds the target)");
}
