//! The literate spec: every heading of `spec/lang/*.md` is a case that is run, and every page of
//! `spec/errors` holds a script that really produces its code.
//!
//! A case runs through the language alone and through the engine; both must do the same. With
//! `UPDATE_EXPECT=1` the expectations are rewritten in place.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod case;
mod compat;
mod documents;
mod error_pages;
mod formatted;
mod grammar;
mod lang_alone;
mod outcome;
mod rewrite;
mod suite;
mod tables;
mod through_engine;

use case::read_cases;
use std::path::{Path, PathBuf};

/// The workspace's `spec` folder.
fn spec(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(folder)
}

#[tokio::test]
async fn every_case_of_the_language_holds_alone_and_through_the_engine() {
    let checked = suite::check_folder(&spec("lang")).await;
    assert!(checked >= 60, "only {checked} cases were found in spec/lang");
}

#[tokio::test]
async fn every_error_page_holds_an_example_that_produces_its_code() {
    suite::check_folder(&spec("errors")).await;
    error_pages::check(&spec("errors"));
}

#[test]
fn every_script_shown_in_the_documents_is_accepted() {
    documents::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
}

#[test]
fn a_case_with_a_wrong_fence_or_without_an_expectation_is_refused() {
    let refused = |text: &str| read_cases(Path::new("x.md"), text).unwrap_err().to_string();
    let case = |fences: &str| format!("# T\n\n## A case\n\n{fences}");
    let message = refused(&case("```deluge\ninfo 1;\n```\n\n```printz\n1\n```\n"));
    assert!(
        message.starts_with("x.md:9: ") && message.contains("`printz`") && message.contains("prints"),
        "{message}"
    );
    assert!(refused(&case("```deluge\ninfo 1;\n```\n")).contains("nothing is expected"));
    assert!(refused(&case("```prints\n1\n```\n")).contains("no script"));
    assert!(refused(&case("Only prose.\n")).contains("no script"));
    assert!(refused(&case("```deluge\ninfo 1;\n")).contains("not closed"));
    assert!(
        refused(&case("```deluge\n1\n```\n\n```prints\n1\n```\n\n```prints\n1\n```\n")).contains("twice")
    );
    assert!(refused("```deluge\n```\n").contains("before the first heading"));
}
