//! `docs/CONNECTORS.md` does what it says: its files are written, its commands run, and each line below a
//! command stands in what the command says.

use crate::home::{Home, ended};
use std::process::Stdio;

/// The words of a command line as a shell would read this guide's.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[test]
fn the_guide_for_connector_developers_does_what_it_says() {
    let text = include_str!("../../../docs/CONNECTORS.md");
    let home = Home::new();
    let mut said = String::new();
    let mut commands = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((_, file)) = fence.split_once(' ') {
            home.file(file, &(body.join("\n") + "\n"));
            continue;
        }
        assert_eq!(fence, "console", "a fence that nobody runs");
        for line in body {
            match line.strip_prefix("$ sluis ") {
                Some(command) => {
                    let words = words(command);
                    let args: Vec<&str> = words.iter().map(String::as_str).collect();
                    let ended = ended(home.command(&args).stdin(Stdio::null()).output().unwrap());
                    said = format!("{}{}", ended.out, ended.err);
                    assert_eq!(ended.code, 0, "{command}\n{said}");
                    commands += 1;
                }
                None => assert!(said.contains(line), "`{line}` does not stand in\n{said}"),
            }
        }
    }
    assert!(commands > 10, "{commands}");
}
