//! Runs the pages of `spec/connector`: a `yaml` fence is a file, the fence after it is what reading
//! it gives. `UPDATE_EXPECT=1` rewrites the expectations.

use sluis_definition::read;
use std::fmt::Write;
use std::path::Path;

fn outcome(yaml: &str) -> (&'static str, String) {
    let hooks = |name: &str| match name {
        "hooks/on_authorize.dg" => Ok("return true;".to_owned()),
        "empty.dg" => Ok(" \n".to_owned()),
        _ => Err("there is no such file".to_owned()),
    };
    match read("connector.yaml", yaml, &hooks) {
        Ok(_) => ("ok", String::new()),
        Err(problems) => {
            let mut text = String::new();
            problems.iter().for_each(|problem| writeln!(text, "{problem}").unwrap());
            ("problems", text)
        }
    }
}

#[test]
fn every_case_of_the_specification_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/connector");
    let mut pages: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let (mut cases, mut wrong) = (0, Vec::new());
    for path in pages {
        cases += run_page(&path, &mut wrong);
    }
    assert!(cases > 40, "only {cases} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs the cases of a page and says how many there were.
fn run_page(path: &Path, wrong: &mut Vec<String>) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let mut written = String::new();
    let (mut heading, mut yaml, mut cases) = (String::new(), None, 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ").or(line.strip_prefix("### ")) {
            assert!(yaml.is_none(), "the case before `{title}` has no outcome");
            heading = title.to_owned();
        }
        let Some(fence) = line.strip_prefix("```") else {
            writeln!(written, "{line}").unwrap();
            continue;
        };
        let body: String = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .fold(String::new(), |body, line| body + line + "\n");
        match (fence, yaml.take()) {
            ("yaml", None) => {
                writeln!(written, "```yaml\n{body}```").unwrap();
                yaml = Some(body);
            }
            ("ok" | "problems", Some(yaml)) => {
                cases += 1;
                let (kind, got) = outcome(&yaml);
                if (fence, &body) != (kind, &got) {
                    wrong.push(format!("{heading}: expected {fence}\n{body}got {kind}\n{got}"));
                }
                writeln!(written, "```{kind}\n{got}```").unwrap();
            }
            (other, _) => panic!("`{heading}`: the fence `{other}` is not expected here"),
        }
    }
    assert!(yaml.is_none(), "the last case has no outcome");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, written).unwrap();
        wrong.clear();
    }
    cases
}
