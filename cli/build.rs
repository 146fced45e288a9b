//! Puts the pages of `spec/errors` into the binary: writes a table of codes and pages that
//! `src/cmd/explain.rs` includes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/errors");
    let mut pages: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        pages.push(entry?.path());
    }
    pages.sort();
    let mut table = String::from("/// Codes with their pages.\nconst PAGES: &[(&str, &str)] = &[\n");
    for page in pages {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_code = name.len() == 5 && name.starts_with(['E', 'W']);
        if is_code && page.extension().is_some_and(|extension| extension == "md") {
            let _ = writeln!(table, "    ({name:?}, include_str!({:?})),", page.display().to_string());
        }
    }
    table.push_str("];\n");
    // The folder as a whole: a page more or less changes it.
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    fs::write(Path::new(&out).join("pages.rs"), table)
}
