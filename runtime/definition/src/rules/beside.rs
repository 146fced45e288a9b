//! Files that a connector file names: they lie beside it.

/// Relative, downwards, of plain segments.
pub(super) fn is_beside(file: &str) -> bool {
    !file.is_empty()
        && !file.contains(['\\', ':'])
        && !file.chars().any(char::is_control)
        && file.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_beside_the_connector_file() {
        assert!(is_beside("on_authorize.dg") && is_beside("hooks/on_authorize.dg"));
        for outside in ["", "/etc/passwd", "../x.dg", "a/../../x", "C:\\x", "c:x", "a//b", "./a", "a\0"] {
            assert!(!is_beside(outside), "{outside}");
        }
    }
}
