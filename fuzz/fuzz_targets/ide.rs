//! Whatever an editor asks of whatever is typed: no panic, and what is answered lies inside the text.
//! The first two bytes say where the cursor stands.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluis_lang::check::Environment;
use sluis_lang::ide::{self, Document};
use std::sync::Arc;

fuzz_target!(|input: (u16, &str)| {
    let (place, text) = input;
    let document = Document::new(text, Arc::new(Environment::default()));
    let mut offset = usize::from(place) % (text.len() + 1);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let offset = offset as u32;
    let _ = (ide::completions(&document, offset), ide::hover(&document, offset));
    let _ = (ide::signatures(&document, offset), ide::outline(&document), ide::folds(&document));
    for token in ide::semantic_tokens(&document, None) {
        assert!(text.get(token.span.range()).is_some());
    }
    if let Some(span) = ide::definition(&document, offset) {
        assert!(text.get(span.range()).is_some());
    }
    if let Ok(edits) = ide::rename(&document, offset, "renamed") {
        assert!(edits.iter().all(|edit| text.get(edit.span.range()).is_some()));
    }
});
