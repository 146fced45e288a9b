//! A script that can be read is laid out anew without a change of its meaning, and laying it out again
//! changes nothing. Scripts come as text or, if the first byte is 0, from the generator.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use sluis_fuzz::generator;
use sluis_lang::format::{format, same_meaning};

fn check(text: &str) {
    let Ok(once) = format(text) else { return };
    assert!(same_meaning(text, &once), "{text:?}\nbecame\n{once:?}");
    match format(&once) {
        Ok(twice) => assert_eq!(twice, once, "from {text:?}"),
        Err(errors) => panic!("{errors:?} in {once:?} from {text:?}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Some((0, rest)) = bytes.split_first() {
        if let Ok(text) = generator::script(&mut Unstructured::new(rest)) {
            check(&text);
        }
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
});
