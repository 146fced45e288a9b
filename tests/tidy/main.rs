//! The rules of the repository itself, each as a test. A test fails with the list of what breaks
//! its rule and what to do about it. Each rule is a function over data, so that a second test can
//! show that it notices.

#![allow(clippy::unwrap_used, reason = "a check that cannot read the repository is a failed check")]

mod arrows;
mod browser;
mod dependencies;
mod error_pages;
mod files;
mod lengths;
mod licences;
mod purity;
mod reach;
mod words;
mod workspace;

/// Fails with every problem on a line of its own.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{} to mend:\n  {}\n", problems.len(), problems.join("\n  "));
}
