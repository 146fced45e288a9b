//! *Did you mean*: the nearest of the names that exist. The runtime's own names have the same in
//! `sluis_model::suggest`; the two crates know nothing of each other.

/// The name that differs least, if it differs little: by a third of its letters at most. Of equals
/// the first. Names of one or two letters are all near each other, so these differ by case alone.
pub fn closest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = wrong.to_lowercase();
    let allowed = wrong.chars().count() / 3;
    names
        .filter(|name| name.len().abs_diff(wrong.len()) <= allowed)
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Help that names the nearest, or else lists what there is.
pub fn did_you_mean<'n>(found: Option<&str>, all: impl Iterator<Item = &'n str>) -> String {
    if let Some(name) = found {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<&str> = all.collect();
    match names.len() {
        0 => "there are none here".to_string(),
        count => {
            let more = if count > 8 { " …" } else { "" };
            format!("there are: {}{more}", names[..count.min(8)].join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let names = || ["toUpperCase", "toLowerCase", "trim", "size"].into_iter();
        assert_eq!(closest("toUperCase", names()), Some("toUpperCase"));
        assert_eq!(closest("tirm", names()), Some("trim"));
        assert_eq!(closest("SIZE", names()), Some("size"));
        assert_eq!(closest("explode", names()), None);
        assert_eq!(closest("s", ["e", "S"].into_iter()), Some("S"));
        assert_eq!(closest("y", ["e"].into_iter()), None);
        assert_eq!(did_you_mean(None, names()), "there are: toUpperCase, toLowerCase, trim, size");
    }
}
