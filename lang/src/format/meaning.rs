//! What formatting must keep: the tree without places and empty statements, and every comment.

use crate::syntax::ast::{Program, Stmt, StmtKind};
use crate::syntax::{dump, lexer, parse};

/// Whether two scripts have the same tree, apart from places and empty statements, and the same comments
/// apart from the white space inside. For tests of the formatter, here and elsewhere.
pub fn same_meaning(one: &str, other: &str) -> bool {
    tree(one) == tree(other) && comments(one) == comments(other)
}

fn tree(text: &str) -> String {
    let (mut program, _) = parse(text);
    without_empty(&mut program);
    dump::program(&program)
}

fn comments(text: &str) -> Vec<String> {
    let spans = lexer::lex(text).comments;
    spans.iter().map(|span| text[span.range()].split_whitespace().collect()).collect()
}

fn without_empty(program: &mut Program) {
    let mut blocks: Vec<&mut Vec<Stmt>> = vec![&mut program.body];
    blocks.extend(program.functions.iter_mut().map(|function| &mut function.body));
    while let Some(block) = blocks.pop() {
        block.retain(|stmt| stmt.kind != StmtKind::Empty);
        for stmt in block {
            match &mut stmt.kind {
                StmtKind::If { arms, otherwise } => {
                    blocks.extend(arms.iter_mut().map(|(_, body)| body));
                    blocks.extend(otherwise);
                }
                StmtKind::ForEach { body, .. } | StmtKind::While { body, .. } => blocks.push(body),
                StmtKind::Try { body, handler, .. } => blocks.extend([body, handler]),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::same_meaning;

    #[test]
    fn white_space_and_empty_statements_mean_nothing_and_everything_else_does() {
        assert!(same_meaning("x=1; // a", "\n\tx = (1);\n// a"));
        assert!(same_meaning("if(a){;x();};", "if(a)\n{\n\tx();\n}"));
        assert!(!same_meaning("x = 1;", "x = 2;"));
        assert!(!same_meaning("x = \"a\";", "x = 'a';"));
        assert!(!same_meaning("x = 1.50;", "x = 1.5;"));
        assert!(!same_meaning("x = 1; // a", "x = 1;"));
    }
}
