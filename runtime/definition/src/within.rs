//! Where a part of a text stands in the file: a text may be bare, quoted or a block of lines.

use crate::source::Source;
use crate::tree::Place;
use sluis_lang::source::{LineIndex, Span};

/// The place of a part of the text `value`, which stands at `whole`; `whole` itself where the file
/// writes the text in another way than it reads.
pub(crate) fn place(source: &Source<'_>, whole: Place, value: &str, part: Span) -> Place {
    let lines = LineIndex::new(value);
    let (line, column) = lines.line_column(value, part.start);
    let width =
        value.get(part.range()).map_or(1, |text| text.lines().next().unwrap_or_default().chars().count());
    let width = u32::try_from(width.max(1)).unwrap_or(1);
    let wanted = value.lines().nth(line as usize - 1).unwrap_or_default();
    // The text begins where the value does, or on a line below it if that is a block.
    let first = whole.line.max(1) as usize - 1;
    let mut left = line;
    for (at, text) in source.text.lines().enumerate().skip(first) {
        let indent = if at == first { whole.column as usize - 1 } else { 0 };
        let rest: String = text.chars().skip(indent).collect();
        let opening = value.lines().nth((line - left) as usize).unwrap_or_default();
        let Some(start) = rest.find(opening.trim_end()).filter(|_| !opening.trim().is_empty()) else {
            if at > first {
                break;
            }
            // `|` or `>` of a block.
            if rest.starts_with(['|', '>']) {
                continue;
            }
            break;
        };
        left -= 1;
        if left == 0 && opening == wanted {
            let before = indent + rest.get(..start).map_or(0, |text| text.chars().count());
            let column = u32::try_from(before).unwrap_or(0) + column;
            return Place { line: u32::try_from(at + 1).unwrap_or(whole.line), column, width };
        }
        if left == 0 {
            break;
        }
    }
    whole
}
