//! Any text can be checked, in each dialect, with and without connectors: no panic, every diagnostic
//! lies inside the text, and what it proposes as safe can be done.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluis_lang::build;
use sluis_lang::catalog::Catalog;
use sluis_lang::check::{Dialect, Environment};

fuzz_target!(|text: &str| {
    let catalog = || {
        Some(Catalog::of_ids(["gcontacts", "gcontacts.pushcontact", "zoho.crm.getRecordById"].into_iter()))
    };
    let plain = Environment { variables: vec!["given".to_owned()], ..Environment::default() };
    let strict = Environment { catalog: catalog(), dialect: Dialect::Crm, ..Environment::default() };
    for environment in [plain, strict] {
        for diagnostic in build(text, &environment).diagnostics {
            assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
            for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
                assert!(text.get(edit.span.range()).is_some(), "{diagnostic:?}");
            }
        }
    }
});
