//! The tables of the spec whose cells are run: a row is a value of `x`, a column an expression in `x`,
//! and a cell what `info` prints of it, or the code of the fault. `UPDATE_EXPECT=1` rewrites the cells.

use crate::{rewrite, spec, suite};
use sluis_lang::check::Environment;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};
use std::path::Path;

/// What `info` prints of an expression in `x`, or the code of what is wrong with it.
fn cell(value: &str, expression: &str) -> String {
    // Taken out of a list, so that nothing is known of it before the script runs.
    let script = format!("x = {{null, {value}}}.get(1);\ninfo {expression};");
    let built = sluis_lang::build(&script, &Environment::default());
    let Some(program) = built.program else {
        let error = built.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        return error.map_or_else(String::new, |error| error.code.0.to_owned());
    };
    let mut vm = Vm::new(program, Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
    match vm.step(1_000_000) {
        Step::Host(call) => {
            let printed = call.text.unwrap_or_default();
            vm.resume(Ok(Data::Null));
            if printed.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{}`", printed.replace('|', "\\|"))
            }
        }
        Step::Fault(report) => report.code.0.to_owned(),
        Step::Done(_) | Step::OutOfFuel => panic!("{script} printed nothing"),
    }
}

/// The cells between the bars of a row of a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let guarded = inner.replace("\\|", "\u{0}");
    Some(guarded.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect())
}

fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// A page with its tables worked out, and how many cells they have. Tables that do not begin with the
/// column `x` are left alone.
fn worked_out(page: &str) -> (String, usize) {
    let (mut out, mut count) = (Vec::new(), 0);
    let mut columns: Option<Vec<String>> = None;
    for line in page.lines() {
        let Some(row) = cells(line) else {
            columns = None;
            out.push(line.to_owned());
            continue;
        };
        match &columns {
            None if row.first().is_some_and(|cell| cell == "`x`") => {
                columns = Some(row[1..].iter().map(|cell| code(cell).unwrap_or("x").to_owned()).collect());
                out.push(line.to_owned());
            }
            Some(expressions) if row[0].contains('`') => {
                let value = code(&row[0]).unwrap_or("null");
                let results: Vec<String> = expressions.iter().map(|e| cell(value, e)).collect();
                count += results.len();
                out.push(format!("| {} | {} |", row[0].replace('|', "\\|"), results.join(" | ")));
            }
            _ => out.push(line.to_owned()),
        }
    }
    (out.join("\n") + "\n", count)
}

#[test]
fn the_cells_of_the_tables_are_what_scripts_print() {
    let (mut stale, mut count) = (Vec::new(), 0);
    for path in suite::files(&spec("lang")) {
        let page = std::fs::read_to_string(&path).unwrap();
        let (worked, cells) = worked_out(&page);
        count += cells;
        if worked != page {
            if rewrite::wanted() {
                std::fs::write(&path, worked).unwrap();
            } else {
                let differing = page.lines().zip(worked.lines()).filter(|(a, b)| a != b);
                stale.extend(differing.map(|(a, b)| format!("{}\n  has {a}\n  not {b}", name(&path))));
            }
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
    assert!(count > 300, "only {count} cells were found");
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn the_list_of_faults_and_halts_is_the_register() {
    let path = spec("lang").join("faults.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let is_row = |line: &str| line.starts_with("| [E0");
    let known: Vec<String> = sluis_lang::codes::CODES
        .iter()
        .filter(|(code, _)| code.0.starts_with("E04") || code.0.starts_with("E05"))
        .map(|(code, title)| format!("| [{0}](../errors/{0}.md) | {title} |", code.0))
        .collect();
    let first = page.lines().position(is_row).expect("the page has the table");
    if rewrite::wanted() {
        let mut lines: Vec<&str> = page.lines().filter(|line| !is_row(line)).collect();
        lines.splice(first..first, known.iter().map(String::as_str));
        return std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    let listed: Vec<&str> = page.lines().filter(|line| is_row(line)).collect();
    assert_eq!(listed, known, "the register has changed: run this with UPDATE_EXPECT=1");
}
