//! Any text can be read: no panic, every diagnostic lies inside the text and can be drawn, the
//! pieces for colouring follow each other, and the tree is not deeper than the reader allows.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluis_lang::render;
use sluis_lang::syntax::{complete, highlight, parse};

fuzz_target!(|text: &str| {
    let (_, diagnostics) = parse(text);
    for diagnostic in &diagnostics {
        assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "{diagnostic:?}");
        }
    }
    render::render("fuzz.dg", text, &diagnostics, true);
    complete::is_complete(text);
    let mut end = 0;
    for (span, _) in highlight::classify(text) {
        assert!(span.start >= end && text.get(span.range()).is_some());
        end = span.end;
    }
});
