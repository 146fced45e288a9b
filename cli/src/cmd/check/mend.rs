//! Mending scripts by their safe fixes, and showing what that would change.

use similar::TextDiff;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::fixes::apply_safe;
use sluis_lang::render::masked;

/// Most rounds of fixes; each may make way for others.
const ROUNDS: usize = 50;

/// A script after its safe fixes.
pub(super) struct Mended {
    pub source: String,
    /// What is left to say of it.
    pub diagnostics: Vec<Diagnostic>,
    /// How many fixes were made.
    pub fixes: usize,
}

/// Makes safe fixes until there are none. A round after which there are more errors than before is
/// taken back: such a fix was not safe.
pub(super) fn mend(
    source: &str,
    diagnostics: Vec<Diagnostic>,
    check: &dyn Fn(&str) -> Vec<Diagnostic>,
) -> Mended {
    let mut mended = Mended { source: source.to_owned(), diagnostics, fixes: 0 };
    for _ in 0..ROUNDS {
        let next = apply_safe(&mended.source, &mended.diagnostics);
        if next.fixes == 0 || next.text == mended.source {
            break;
        }
        let left = check(&next.text);
        if errors(&left) > errors(&mended.diagnostics) {
            break;
        }
        mended = Mended { source: next.text, diagnostics: left, fixes: mended.fixes + next.fixes };
    }
    mended
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|found| found.is_error()).count()
}

/// What mending changes, as a unified diff; empty if nothing. Secrets are not shown.
pub(super) fn diff(name: &str, source: &str, before: &[Diagnostic], mended: &Mended) -> String {
    let (old, new) = (masked(source, before), masked(&mended.source, &mended.diagnostics));
    TextDiff::from_lines(&old, &new).unified_diff().header(name, &format!("{name} (mended)")).to_string()
}
