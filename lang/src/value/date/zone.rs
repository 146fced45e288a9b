//! Named time zones, from the data compiled into the program: the same answers on every machine,
//! in the browser too.

use crate::codes;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// All names, in small letters and as they are.
static NAMES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    ZONES.available().map(|zone| (zone.as_str().to_ascii_lowercase(), zone.as_str().to_owned())).collect()
});

/// No zone has a longer name; comparing longer ones would only cost time.
const LONGEST_NAME: usize = 40;

/// Abbreviations that name one zone in Java as well.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("GMT", "UTC"),
    ("UT", "UTC"),
    ("Z", "UTC"),
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("BST", "Europe/London"),
    ("CET", "Europe/Paris"),
    ("CEST", "Europe/Paris"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("AEST", "Australia/Sydney"),
];

/// Finds a zone by IANA name (`Europe/Amsterdam`, any case), offset (`+05:30`, `GMT+5:30`) or a
/// common abbreviation (`PST`).
///
/// # Errors
/// `E0416` for any other name, with the nearest one as help.
pub fn find(name: &str) -> Run<TimeZone> {
    let name = name.trim();
    let known = ABBREVIATIONS.iter().find(|(short, _)| short.eq_ignore_ascii_case(name));
    let full = known.map_or(name, |(_, full)| full);
    if full == "UTC" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = offset_zone(full) {
        return Ok(offset);
    }
    ZONES.get(full).map_err(|_| {
        let fault = Fault::new(codes::BAD_ARGUMENT, format!("there is no time zone {}", quoted(name)));
        match nearest(name) {
            Some(near) => fault.with_help(format!("did you mean `{near}`?")),
            None => {
                fault.with_help("use a name such as `Asia/Kolkata`, an offset such as `+05:30`, or `UTC`")
            }
        }
    })
}

fn offset_zone(name: &str) -> Option<TimeZone> {
    let signed = ["GMT", "UTC"].iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name);
    let (seconds, len) = read_offset(signed)?;
    if len != signed.len() {
        return None;
    }
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// Reads `Z`, `+5`, `+05`, `+0530`, `+5:30` or `+05:30` at the start of a text: seconds east of
/// UTC and bytes read.
pub(crate) fn read_offset(text: &str) -> Option<(i32, usize)> {
    let bytes = text.as_bytes();
    let sign = match bytes.first()? {
        b'Z' | b'z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let run = digits(1);
    let (hour_end, minutes) = match run {
        1 | 2 if bytes.get(1 + run) == Some(&b':') && digits(2 + run) >= 2 => (1 + run, 2 + run..4 + run),
        1 | 2 => (1 + run, 0..0),
        3 => (2, 2..4),
        4 => (3, 3..5),
        _ => return None,
    };
    let hours: i32 = text.get(1..hour_end)?.parse().ok()?;
    let len = minutes.end.max(hour_end);
    let minutes: i32 = if minutes.is_empty() { 0 } else { text.get(minutes)?.parse().ok()? };
    (hours < 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), len))
}

fn nearest(name: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_' | '-' | ' ');
    if name.len() > LONGEST_NAME || name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let wanted = name.to_ascii_lowercase().replace(' ', "_");
    let city = |zone: &str| zone.rfind('/').map_or(0, |slash| slash + 1);
    let score = |zone: &str| {
        strsim::jaro_winkler(&wanted, zone).max(strsim::jaro_winkler(&wanted, &zone[city(zone)..]))
    };
    NAMES
        .iter()
        .map(|(lower, name)| (score(lower), name))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset_at_epoch(name: &str) -> i32 {
        find(name).unwrap().to_offset(jiff::Timestamp::UNIX_EPOCH).seconds()
    }

    #[test]
    fn zones_are_found_by_name_offset_and_abbreviation() {
        assert_eq!(offset_at_epoch("Asia/Kolkata"), 19_800);
        assert_eq!(offset_at_epoch("asia/kolkata"), 19_800);
        assert_eq!(offset_at_epoch("IST"), 19_800);
        assert_eq!(offset_at_epoch("GMT+5:30"), 19_800);
        assert_eq!(offset_at_epoch("-0800"), -28_800);
        assert_eq!(offset_at_epoch("PST"), -28_800);
        assert_eq!(offset_at_epoch("UTC"), 0);
    }

    #[test]
    fn an_unknown_zone_is_refused_with_the_nearest_name() {
        let fault = find("Amsterdam").unwrap_err();
        assert_eq!(fault.code, codes::BAD_ARGUMENT);
        assert_eq!(fault.help.as_deref(), Some("did you mean `Europe/Amsterdam`?"));
        assert!(find("Middle-earth/Shire").is_err());
        assert!(find("+99:00").is_err());
        assert!(find(&"x".repeat(1 << 20)).unwrap_err().message.len() < 100);
    }

    #[test]
    fn offsets_are_read_in_all_their_forms() {
        for (text, expected) in [
            ("Z", (0, 1)),
            ("+5", (18_000, 2)),
            ("+05:30 x", (19_800, 6)),
            ("-0130", (-5_400, 5)),
            ("+5:30", (19_800, 5)),
        ] {
            assert_eq!(read_offset(text), Some(expected), "{text}");
        }
        for text in ["", "5", "+", "+12345", "+25", "+05:3"] {
            let whole = read_offset(text).is_some_and(|(_, len)| len == text.len());
            assert!(!whole, "{text}");
        }
    }
}
