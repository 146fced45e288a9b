//! What the language and the auth schemes must not touch: clock, files, environment, network. They
//! are given what they need, so that they run in a browser and in a test with made-up times. And
//! no library prints: what a person sees is the business of the faces.

use crate::none;
use crate::workspace::{read, rust_files};

/// Folders of code that does no I/O at all.
const PURE: &[&str] = &["lang/src/", "runtime/auth/src/", "runtime/model/src/"];
/// Folders of libraries, which must not print.
const SILENT: &[&str] = &["lang/src/", "runtime/"];

/// Modules of the standard library that reach outside.
const MODULES: &[&str] = &["time", "fs", "env", "net", "process", "thread"];
/// Other ways to the outside.
const CALLS: &[&str] =
    &["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", "tokio::", "reqwest::", "getrandom::"];
const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!", "dbg!"];

/// The lines that are compiled into the product, with their numbers: without comments and without
/// the tests at the end of a file.
fn product(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = source.find("#[cfg(test)]\nmod ").unwrap_or(source.len());
    let lines = source[..tests].lines().enumerate();
    lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

fn outside(line: &str) -> Option<&'static str> {
    let plain = line.replace("std::time::Duration", "");
    let grouped = plain.split_once("std::{").map(|(_, group)| group).unwrap_or_default();
    let module = MODULES.iter().find(|module| {
        plain.contains(&format!("std::{module}"))
            || grouped.split([',', '{', '}', ' ', ':']).any(|part| part == **module)
    });
    module.or_else(|| CALLS.iter().find(|call| plain.contains(**call))).copied()
}

fn prints(line: &str) -> Option<&'static str> {
    let called = |print: &&&str| {
        let before = line.split_once(**print).map(|(before, _)| before.chars().next_back());
        before.is_some_and(|last| !last.is_some_and(|c| c.is_alphanumeric() || c == '_'))
    };
    PRINTS.iter().find(called).copied()
}

fn problems(path: &str, source: &str, find: fn(&str) -> Option<&'static str>, rule: &str) -> Vec<String> {
    let found = product(source).filter_map(|(number, line)| find(line).map(|what| (number, what)));
    found.map(|(number, what)| format!("{path}:{number}: `{what}`: {rule}")).collect()
}

fn sources(folders: &[&str]) -> Vec<String> {
    let is_test =
        |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/benches/");
    let below = |path: &String| folders.iter().any(|folder| path.starts_with(folder)) && !is_test(path);
    rust_files().into_iter().filter(below).collect()
}

#[test]
fn lang_auth_and_model_touch_nothing_outside() {
    let rule = "this crate does no I/O and has no clock; let the caller pass it in";
    none(
        &sources(PURE).iter().flat_map(|path| problems(path, &read(path), outside, rule)).collect::<Vec<_>>(),
    );
}

#[test]
fn libraries_do_not_print() {
    let rule = "a library logs or returns; only cli and repl print";
    none(
        &sources(SILENT)
            .iter()
            .flat_map(|path| problems(path, &read(path), prints, rule))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn reaching_outside_is_noticed_in_every_spelling() {
    for line in
        ["use std::fs;", "use std::{fmt, env};", "std::time::SystemTime::now()", "let t = Instant::now();"]
    {
        assert_eq!(problems("x", line, outside, "").len(), 1, "{line}");
    }
    for line in
        ["use std::time::Duration;", "use std::fmt;", "// std::fs is not used", "use std::{fmt, str};"]
    {
        assert!(problems("x", line, outside, "").is_empty(), "{line}");
    }
    let with_tests = "fn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
    assert!(problems("x", with_tests, outside, "").is_empty());
}

#[test]
fn printing_is_noticed() {
    assert_eq!(problems("x", "    println!(\"x\");", prints, "").len(), 1);
    assert!(problems("x", "    my_println!(\"x\");", prints, "").is_empty());
}
