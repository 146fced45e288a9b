//! What has to change so that a script, or a part of it, has the one style.
//!
//! The changes are as small as they can be, so that cursors and marks of the editor stay where they
//! are: formatting keeps the tokens, so the two texts are walked through token by token and only what
//! stands between them is replaced.

use super::Document;
use crate::diagnostic::Edit;
use crate::fixes::edited;
use crate::format;
use crate::source::Span;
use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;

/// How many tokens formatting takes out or puts in at one place, at most.
const FARTHEST: usize = 8;

/// The changes that give a text the one style, in its order; with `within` only those inside. `None`
/// if the script cannot be read, which its diagnostics tell.
pub fn formatting(document: &Document, within: Option<Span>) -> Option<Vec<Edit>> {
    let old = document.text();
    let new = format::format(old).ok()?;
    let all = changes(old, &new);
    let Some(within) = within else { return Some(all) };
    let inside = |edit: &Edit| within.start <= edit.span.start && edit.span.end <= within.end;
    let some: Vec<Edit> = all.into_iter().filter(inside).collect();
    // Of two brackets that go together one may be outside.
    let sound = format::same_meaning(old, &edited(old, &some));
    Some(if sound { some } else { vec![] })
}

fn changes(old: &str, new: &str) -> Vec<Edit> {
    let found = between_pieces(old, new).unwrap_or_default();
    if edited(old, &found) == new {
        return found;
    }
    vec![Edit { span: Span::new(0, old.len() as u32), text: new.to_owned() }]
}

/// Tokens and comments in their order.
fn pieces(text: &str) -> Vec<Span> {
    let lexed = lex(text);
    let tokens = lexed.tokens.iter().filter(|token| token.kind != TokenKind::End).map(|token| token.span);
    let mut found: Vec<Span> = tokens.chain(lexed.comments).collect();
    found.sort_by_key(|span| span.start);
    found
}

/// Walks through both texts; `None` where they part for good.
fn between_pieces(old: &str, new: &str) -> Option<Vec<Edit>> {
    let (a, b) = (pieces(old), pieces(new));
    let same = |i: usize, j: usize| match (a.get(i), b.get(j)) {
        (Some(one), Some(other)) => old.get(one.range()) == new.get(other.range()),
        (one, other) => one.is_none() && other.is_none(),
    };
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    let (mut old_end, mut new_end) = (0, 0);
    loop {
        let (skipped_old, skipped_new) = (0..=FARTHEST)
            .flat_map(|sum| (0..=sum).map(move |left| (left, sum - left)))
            .find(|(x, y)| same(i + x, j + y))?;
        (i, j) = (i + skipped_old, j + skipped_new);
        let old_start = a.get(i).map_or(old.len(), |span| span.start as usize);
        let new_start = b.get(j).map_or(new.len(), |span| span.start as usize);
        let text = new.get(new_end..new_start)?;
        if old.get(old_end..old_start)? != text {
            found.push(Edit { span: Span::new(old_end as u32, old_start as u32), text: text.to_owned() });
        }
        let (Some(here), Some(there)) = (a.get(i), b.get(j)) else { return Some(found) };
        (old_end, new_end) = (here.end as usize, there.end as usize);
        (i, j) = (i + 1, j + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    #[test]
    fn only_what_stands_between_tokens_changes() {
        let text = "x=1; // ä\nIF(((x))){info   x;}\ny = {1,2,};\n";
        let edits = formatting(&document(text), None).unwrap();
        assert_eq!(edited(text, &edits), format::format(text).unwrap());
        assert!(edits.len() > 4 && edits.iter().all(|edit| edit.span.end - edit.span.start < 8), "{edits:?}");
        let done = format::format(text).unwrap();
        assert_eq!(formatting(&document(&done), None), Some(vec![]));
    }

    #[test]
    fn a_part_is_formatted_alone() {
        let text = "x=1;\ny=2;\nz=3;\n";
        let edits = formatting(&document(text), Some(Span::new(5, 9))).unwrap();
        assert_eq!(edited(text, &edits), "x=1;\ny = 2;\nz=3;\n");
    }

    #[test]
    fn half_a_pair_of_brackets_is_left_alone() {
        let text = "x = ((1) + 2) * 3;\nif(((x == 1)))\n{\n\tinfo x;\n}\n";
        for end in 0..text.len() as u32 {
            for start in 0..end {
                let edits = formatting(&document(text), Some(Span::new(start, end))).unwrap();
                assert!(format::same_meaning(text, &edited(text, &edits)), "{start}..{end}: {edits:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_formatted() {
        assert_eq!(formatting(&document("x = ;"), None), None);
    }
}
