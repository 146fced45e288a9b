//! Outside dependencies are declared once, each with a why, are used, and only by their owners.

use crate::none;
use crate::workspace::{Package, ours, read};
use std::collections::BTreeSet;

/// An outside dependency and the folders of the crates that may use it.
struct Owned {
    dependency: &'static str,
    owners: &'static [&'static str],
    /// Folders whose tests may use it as well.
    in_tests_of: &'static [&'static str],
}

const fn owned(dependency: &'static str, owners: &'static [&'static str]) -> Owned {
    Owned { dependency, owners, in_tests_of: &[] }
}

/// `tests` may use all of them.
const OWNED: &[Owned] = &[
    owned("nom", &["lang"]),
    owned("ariadne", &["lang"]),
    owned("roxmltree", &["lang", "runtime/auth", "runtime/invoke"]),
    owned("zip", &["lang"]),
    owned("flate2", &["lang", "runtime/invoke", "runtime/package"]),
    owned("tar", &["runtime/package"]),
    owned("minisign", &["runtime/package"]),
    owned("rustls", &["runtime/invoke"]),
    owned("aes", &["lang"]),
    owned("cbc", &["lang"]),
    owned("rsa", &["runtime/engine"]),
    owned("croner", &["runtime/engine"]),
    owned("redb", &["runtime/store"]),
    owned("sqlx", &["runtime/store"]),
    owned("chacha20poly1305", &["runtime/vault"]),
    owned("argon2", &["runtime/vault"]),
    owned("aws-sigv4", &["runtime/auth"]),
    owned("aws-credential-types", &["runtime/auth"]),
    owned("digest_auth", &["runtime/auth"]),
    owned("jsonwebtoken", &["runtime/auth"]),
    owned("serde_json_path", &["runtime/auth", "runtime/definition"]),
    owned("lettre", &["runtime/mail"]),
    Owned {
        dependency: "reqwest",
        owners: &["runtime/invoke"],
        in_tests_of: &["examples/provider", "runtime/server"],
    },
    // A test of the transport or of the engine plays the server at the other end.
    Owned {
        dependency: "axum",
        owners: &["runtime/server", "examples/provider"],
        in_tests_of: &["runtime/invoke", "runtime/engine"],
    },
    owned("hyper", &["runtime/server"]),
    owned("hyper-util", &["runtime/server"]),
    owned("tower", &["runtime/server"]),
    owned("futures-core", &["runtime/server"]),
    owned("tower-http", &["runtime/server"]),
    owned("tracing-appender", &["cli"]),
    owned("utoipa", &["runtime/server"]),
    owned("utoipa-axum", &["runtime/server"]),
    owned("governor", &["runtime/server"]),
    owned("metrics", &["runtime/server", "runtime/engine", "runtime/store"]),
    owned("metrics-exporter-prometheus", &["runtime/server"]),
    owned("askama", &["runtime/server", "examples/provider"]),
    owned("rustyline", &["repl"]),
    owned("lsp-server", &["lang/lsp"]),
    owned("lsp-types", &["lang/lsp"]),
    owned("clap", &["cli", "xtask"]),
    owned("similar", &["cli"]),
    owned("webbrowser", &["cli"]),
    owned("wasm-bindgen", &["sdk-js"]),
    owned("web-sys", &["sdk-js"]),
    owned("csv", &["runtime/invoke"]),
    owned("jsonschema", &["runtime/definition"]),
    owned("serde-saphyr", &["runtime/definition", "runtime/import"]),
    // Everywhere else an error is an enum that a caller can act on.
    owned("anyhow", &["cli", "xtask"]),
];

/// Crates that the design plans. Until all of them are there, a dependency may wait for its crate.
const PLANNED: &[&str] = &[
    "lang",
    "runtime/model",
    "runtime/store",
    "runtime/definition",
    "runtime/import",
    "runtime/vault",
    "runtime/auth",
    "runtime/invoke",
    "runtime/engine",
    "runtime/server",
    "repl",
    "cli",
];

fn strangers(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for rule in OWNED {
        let uses = |package: &&Package, dev: bool| {
            package.dependencies.iter().any(|d| d.name == rule.dependency && d.is_dev() == dev)
        };
        let normal: BTreeSet<_> = packages.iter().filter(|p| uses(p, false)).map(Package::folder).collect();
        let dev: BTreeSet<_> = packages.iter().filter(|p| uses(p, true)).map(Package::folder).collect();
        let allowed = |folder: &str| folder == "tests" || rule.owners.contains(&folder);
        for folder in normal.iter().filter(|folder| !allowed(folder)) {
            problems
                .push(format!("{folder} must not use {}: it belongs to {:?}", rule.dependency, rule.owners));
        }
        for folder in dev.iter().filter(|f| !allowed(f) && !rule.in_tests_of.contains(&f.as_str())) {
            problems.push(format!(
                "tests of {folder} must not use {}: see tests/tidy/dependencies.rs",
                rule.dependency
            ));
        }
    }
    problems
}

/// A line of `[workspace.dependencies]` that names an outside dependency.
struct Declared {
    name: String,
    why: String,
}

fn declared(manifest: &str) -> Vec<Declared> {
    let (_, rest) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let section = rest.split("\n[").next().unwrap();
    let lines = section.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let outside = lines.filter(|line| !line.contains("path = "));
    let declare = |line: &str| {
        let (name, rest) =
            line.split_once('=').unwrap_or_else(|| panic!("one line for each dependency: {line}"));
        let why = rest.rsplit_once('#').map(|(_, why)| why.trim().to_owned()).unwrap_or_default();
        Declared { name: name.trim().to_owned(), why }
    };
    outside.map(declare).collect()
}

fn without_a_why(manifest: &str) -> Vec<String> {
    let silent = declared(manifest).into_iter().filter(|declared| declared.why.len() < 8);
    silent.map(|d| format!("{}: say on its line in Cargo.toml why it is here", d.name)).collect()
}

fn unused(manifest: &str, packages: &[Package]) -> Vec<String> {
    let folders: BTreeSet<_> = packages.iter().map(Package::folder).collect();
    let complete = PLANNED.iter().all(|folder| folders.contains(*folder));
    let used: BTreeSet<_> = packages.iter().flat_map(|p| &p.dependencies).map(|d| d.name.as_str()).collect();
    let due = |name: &str| match OWNED.iter().find(|rule| rule.dependency == name) {
        Some(rule) => rule.owners.iter().all(|folder| folders.contains(*folder)),
        None => complete,
    };
    let unused = declared(manifest).into_iter().filter(|d| !used.contains(d.name.as_str()) && due(&d.name));
    unused.map(|d| format!("{}: nothing uses it; take it out of Cargo.toml", d.name)).collect()
}

/// Lines of a member's manifest that state a version of their own.
fn own_versions(folder: &str, manifest: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut in_dependencies = false;
    for line in manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
            continue;
        }
        let compact: String = line.split_whitespace().collect();
        if in_dependencies && !compact.contains("workspace=true") {
            problems.push(format!(
                "{folder}: `{line}`: declare it in the root Cargo.toml and use `.workspace = true`"
            ));
        }
    }
    problems
}

#[test]
fn outside_dependencies_are_used_only_by_their_owners() {
    none(&strangers(&ours().packages));
}

#[test]
fn every_dependency_says_why_it_is_here() {
    none(&without_a_why(&read("Cargo.toml")));
}

#[test]
fn every_declared_dependency_is_used() {
    none(&unused(&read("Cargo.toml"), &ours().packages));
}

#[test]
fn versions_are_stated_in_the_root_only() {
    let packages = ours().packages;
    let of = |package: &Package| {
        own_versions(&package.folder(), &read(&format!("{}/Cargo.toml", package.folder())))
    };
    none(&packages.iter().flat_map(of).collect::<Vec<_>>());
}

#[test]
fn a_stranger_is_noticed() {
    let packages = [
        Package::made_up("a", "runtime/store", &[("nom", None), ("axum", Some("dev"))]),
        Package::made_up("b", "runtime/engine", &[("jsonschema", None), ("axum", Some("dev"))]),
        Package::made_up("c", "runtime/model", &[("serde", None), ("reqwest", Some("dev"))]),
        Package::made_up("d", "tests", &[("redb", None), ("reqwest", None)]),
        Package::made_up("e", "examples/provider", &[("reqwest", Some("dev")), ("axum", None)]),
    ];
    let found = strangers(&packages);
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_dependency_without_a_why_or_a_user_is_noticed() {
    let manifest = "[workspace.dependencies]\n# Ours.\nours = { path = \"x\" }\nnom = \"8\"\n\
                    redb = \"4\" # an embedded store\n\n[profile.dev]\nx = 1\n";
    let lang = Package::made_up("a", "lang", &[]);
    assert_eq!(without_a_why(manifest).len(), 1);
    let found = unused(manifest, &[lang]);
    assert_eq!(found.len(), 1, "nom is due, redb waits for its crate: {found:?}");
    assert!(found[0].starts_with("nom:"));
}

#[test]
fn a_version_in_a_member_is_noticed() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\n\
                    b = { workspace = true, features = [] }\nc = \"1\"\n[dev-dependencies]\nd = \"2\"\n";
    assert_eq!(own_versions("x", manifest).len(), 2);
}
