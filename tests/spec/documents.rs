//! The scripts shown in README and docs are read and checked like any other: a document that shows
//! what no longer works fails here.

use sluis_lang::check::Environment;
use std::path::Path;

/// Checks every `deluge` fence of the documents for people.
pub fn check(root: &Path) {
    let mut shown = 0;
    let mut documents = vec![root.join("README.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    documents
        .extend(docs.map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "md")));
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for script in fences(&text) {
            let built = sluis_lang::build(script, &Environment::default());
            assert!(
                built.diagnostics.is_empty(),
                "{} shows a script that is refused or warned about:\n{}",
                document.display(),
                sluis_lang::render::render("shown.dg", script, &built.diagnostics, false)
            );
            shown += 1;
        }
    }
    assert!(shown >= 2, "README shows scripts");
}

fn fences(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n```deluge\n").skip(1).filter_map(|rest| rest.split("\n```").next())
}
