//! The sizes that another platform allows its built-ins, looked at around each call of one if the run
//! is measured against it. Only documented numbers stand here.

use super::{Builtin, text, text_replace, text_search};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::heap::{Heap, Platform};
use crate::value::{Value, convert};

const TEXT_FUNCTIONS: [&[Builtin]; 3] = [text::TABLE, text_search::TABLE, text_replace::TABLE];

fn is_text_function(builtin: &Builtin) -> bool {
    let same = |other: &Builtin| other.name == builtin.name && other.on == builtin.on;
    TEXT_FUNCTIONS.iter().copied().flatten().any(same)
}

fn too_much(platform: &Platform, what: String, allowed: String) -> Box<Fault> {
    Fault::new(codes::PLATFORM_LIMIT, format!("{what}; {} allows {allowed}", platform.name))
        .with_help("this limit comes from the profile of the run; the script is sound elsewhere")
}

/// Bytes as an author reads them.
fn shown(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KB", bytes >> 10) } else { format!("{} MB", bytes >> 20) }
}

fn at_most(platform: &Platform, name: &str, what: &str, bytes: usize, allowed: usize) -> Run<()> {
    if bytes <= allowed {
        return Ok(());
    }
    let what = format!("`{name}` {what} {bytes} bytes");
    Err(too_much(platform, what, shown(allowed)))
}

/// Before a call.
///
/// # Errors
/// `E0425` if an argument is larger than the platform allows.
pub(crate) fn check_arguments(
    heap: &Heap,
    platform: &Platform,
    builtin: &Builtin,
    args: &[Value],
) -> Run<()> {
    let name = builtin.name;
    let text_len = |at: usize| args.get(at).and_then(|value| heap.str(value)).map_or(0, str::len);
    if is_text_function(builtin) {
        for at in 0..args.len() {
            at_most(platform, name, "was given a text of", text_len(at), platform.text)?;
        }
    }
    match name {
        "toMap" | "toJSONList" | "getJSON" => {
            at_most(platform, name, "was given a text of", text_len(0), platform.json)
        }
        "toFile" => at_most(platform, name, "was given a text of", text_len(0), platform.file),
        "addAll" | "insertAll" => {
            let added = args.get(1).and_then(|value| heap.size(*value)).unwrap_or(0);
            if added <= platform.added {
                return Ok(());
            }
            Err(too_much(
                platform,
                format!("`{name}` was to add {added} elements"),
                format!("{} at once", platform.added),
            ))
        }
        "leftpad" | "rightpad" => {
            let width = args.get(1).and_then(|width| convert::to_decimal(heap, *width).ok());
            match width.filter(|width| *width > platform.padding.into()) {
                Some(width) => Err(too_much(
                    platform,
                    format!("`{name}` was to fill up to {width} characters"),
                    platform.padding.to_string(),
                )),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// After a call.
///
/// # Errors
/// `E0425` if the answer is larger than the platform allows.
pub(crate) fn check_answer(heap: &Heap, platform: &Platform, builtin: &Builtin, answer: Value) -> Run<()> {
    if !is_text_function(builtin) {
        return Ok(());
    }
    let bytes = heap.str(&answer).map_or(0, str::len);
    at_most(platform, builtin.name, "answered a text of", bytes, platform.text)
}
