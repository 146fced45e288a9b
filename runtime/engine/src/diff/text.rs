//! Changes as a text.

use sluis_model::change::{Change, ChangeKind};
use std::fmt::Write as _;

/// The changes in groups, what an admin must look at first; empty where there is none.
pub fn told(changes: &[Change]) -> String {
    let mut text = String::new();
    type Belongs = fn(&Change) -> bool;
    let groups: [(&str, Belongs); 4] = [
        ("For an admin to look at", |c| c.admin),
        ("Scripts may fail", |c| !c.admin && c.breaking),
        ("Other changes", |c| !c.admin && !c.breaking && c.kind != ChangeKind::Described),
        ("Descriptions", |c| !c.admin && !c.breaking && c.kind == ChangeKind::Described),
    ];
    for (title, belongs) in groups {
        let mut of_group = changes.iter().filter(|change| belongs(change)).peekable();
        if of_group.peek().is_none() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{title}:");
        for change in of_group {
            let also = if change.admin && change.breaking { " (scripts may fail)" } else { "" };
            let _ = writeln!(text, "  {} {}{also}", sign(change.kind), change.what);
        }
    }
    text
}

fn sign(kind: ChangeKind) -> char {
    use ChangeKind::{
        ApiAdded, ApiRemoved, HostAdded, HostRemoved, InputAdded, InputRemoved, ScopeAdded, ScopeRemoved,
    };
    match kind {
        ApiAdded | HostAdded | InputAdded | ScopeAdded => '+',
        ApiRemoved | HostRemoved | InputRemoved | ScopeRemoved => '-',
        _ => '~',
    }
}
