//! No Rust file is forgotten: each is a target or a module of one, so that it is compiled and its
//! tests run.

use crate::none;
use crate::workspace::{apart, ours, read, relative, root, rust_files};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// A file that another one takes in, relative to the folder that the second part tells.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// `mod name;`
    Module(String),
    /// `#[path = "…"] mod name;` or `include!("…")`.
    Path(String),
}

fn taken(source: &str) -> Vec<Taken> {
    let mut found = Vec::new();
    let mut path = None;
    for line in source.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            path = rest.split_once('"').map(|(path, _)| path.to_owned());
        } else if let Some((_, rest)) = line.split_once("include!(\"") {
            found.extend(rest.split_once('"').map(|(path, _)| Taken::Path(path.to_owned())));
        } else if let Some(name) = module(line) {
            found.push(path.take().map_or(Taken::Module(name), Taken::Path));
        } else if !line.starts_with("#[") {
            path = None;
        }
    }
    found
}

/// The name in `mod name;`, `pub mod name;`, `pub(crate) mod name;`.
fn module(line: &str) -> Option<String> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once(' ')?;
    let before = before.rsplit(']').next()?.trim();
    let is_module = before == "mod" || (before.starts_with("pub") && before.ends_with(" mod"));
    is_module.then(|| name.to_owned())
}

fn reach(file: &Path, is_root: bool, reached: &mut BTreeSet<String>) {
    if !root().join(file).is_file() || !reached.insert(relative(file)) {
        return;
    }
    let here = file.parent().unwrap();
    let is_folder = is_root || file.file_name().is_some_and(|name| name == "mod.rs");
    let below = if is_folder { here.to_owned() } else { file.with_extension("") };
    for taken in taken(&read(&relative(file))) {
        match taken {
            Taken::Path(path) => reach(&plain(&here.join(path)), false, reached),
            Taken::Module(name) => {
                reach(&below.join(format!("{name}.rs")), false, reached);
                reach(&below.join(name).join("mod.rs"), false, reached);
            }
        }
    }
}

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn no_rust_file_is_forgotten() {
    let mut reached = BTreeSet::new();
    let packages = [ours().packages, apart()].concat();
    for target in packages.iter().flat_map(|package| &package.targets) {
        reach(&plain(Path::new(&relative(&target.src_path))), true, &mut reached);
    }
    let forgotten = rust_files().into_iter().filter(|file| !reached.contains(file));
    let ask = |file| format!("{file}: no target reaches it; name it with `mod` or as a target in Cargo.toml");
    none(&forgotten.map(ask).collect::<Vec<_>>());
}

#[test]
fn every_area_of_tests_is_a_target() {
    let packages = ours().packages;
    let tests = packages.iter().find(|package| package.folder() == "tests").unwrap();
    let targets: BTreeSet<_> = tests.targets.iter().map(|target| relative(&target.src_path)).collect();
    let areas = rust_files().into_iter().filter(|file| {
        file.strip_prefix("tests/")
            .and_then(|rest| rest.strip_suffix("/main.rs"))
            .is_some_and(|area| !area.contains('/'))
    });
    let missing = areas.filter(|area| !targets.contains(area));
    none(
        &missing
            .map(|area| format!("{area}: declare it as [[test]] in tests/Cargo.toml"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn modules_are_found_in_all_their_spellings() {
    let source = "mod a;\npub mod b;\npub(crate) mod c;\n#[path = \"x/y.rs\"]\n#[cfg(test)]\nmod d;\n\
                  // mod e;\nmod f {\n}\n#[cfg(test)] mod g;\nlet modest = h;\ninclude!(\"i.rs\");\nuse mod_j;";
    let module = |name: &str| Taken::Module(name.to_owned());
    let path = |name: &str| Taken::Path(name.to_owned());
    assert_eq!(
        taken(source),
        [module("a"), module("b"), module("c"), path("x/y.rs"), module("g"), path("i.rs")]
    );
}
