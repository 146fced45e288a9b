//! Files into a zip archive and out of it. Nothing is inflated before it is known to fit, and no name
//! in an archive leads anywhere but into the archive.

use super::file::FILES;
use super::{Builtin, Ctx, args, collections, example, optional};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::file::{self, File};
use crate::value::{Kind, Value};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Files that an archive may hold.
const MOST_ENTRIES: usize = 10_000;

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "compress",
        aliases: &[],
        on: &[Kind::File, Kind::List, Kind::Collection],
        params: &[optional("name", "text")],
        returns: "file",
        doc: "A zip archive of the file, or of a list of files. Without a name it is called as the file, with `.zip`.",
        examples: &[
            example(r#""a".toFile("x.csv").compress()"#, "x.csv.zip"),
            example(r#""a".toFile("x.csv").compress("out").getFileType()"#, "application/zip"),
            example(r#"{"a".toFile("x"), "b".toFile("x")}.compress("all").extract().keys()"#, "x,x (2)"),
            example(r#"{"no file"}.compress()"#, "fault E0402"),
        ],
        run: compress,
    },
    Builtin {
        name: "extract",
        aliases: &[],
        on: FILES,
        params: &[],
        returns: "collection",
        doc: "The files in a zip archive, as a collection with their names in the archive as keys. A file that is no archive gives an empty collection, a broken archive faults.",
        examples: &[
            example(r#""a,b".toFile("x.csv").compress().extract().get("x.csv").getFileContent()"#, "a,b"),
            example(r#""a".toFile("x.csv").extract().size()"#, "0"),
        ],
        run: extract,
    },
];

fn broken(name: &str, why: &str) -> Box<Fault> {
    Fault::new(codes::BAD_ARCHIVE, format!("the archive `{name}` cannot be read: {why}"))
}

fn compress(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let files = match ctx.heap.kind(args[0]) {
        Kind::File => vec![args[0]],
        _ => args::items(ctx, args, 0, "compress")?,
    };
    let mut name = match args.get(1).filter(|name| !name.is_null()) {
        Some(_) => file::file_name(&args::text(ctx, args, 1, "compress")?),
        None => files.first().and_then(|f| ctx.heap.as_file(*f)).map_or("files", |f| &f.name).to_owned(),
    };
    if !name.to_ascii_lowercase().ends_with(".zip") {
        name.push_str(".zip");
    }
    let mut all = Vec::with_capacity(files.len());
    for value in &files {
        let Some(file) = ctx.heap.as_file(*value) else {
            return Err(args::wrong_kind(ctx, &[*value], 0, "compress", "a file"));
        };
        all.push(file.clone());
    }
    if all.len() > MOST_ENTRIES {
        return Err(Fault::new(
            codes::BAD_ARGUMENT,
            format!("an archive holds at most {MOST_ENTRIES} files"),
        ));
    }
    let bytes: usize = all.iter().map(|file| file.bytes.len()).sum();
    ctx.heap.reserve(bytes.saturating_mul(2))?;
    ctx.charge(8 * all.len() + bytes / 2);
    let archive = written(&all).ok_or_else(|| broken(&name, "it cannot be written"))?;
    Ok(ctx.heap.file(File::new(name, archive)))
}

fn written(files: &[File]) -> Option<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut taken = std::collections::HashSet::new();
    for file in files {
        let mut name = file.name.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = match file.name.rsplit_once('.') {
                Some((stem, ending)) => format!("{stem} ({count}).{ending}"),
                None => format!("{} ({count})", file.name),
            };
        }
        writer.start_file(name, options).ok()?;
        writer.write_all(&file.bytes).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// The name of an entry without anything that leads out of the archive.
fn inside(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|part| !matches!(part.trim(), "" | "." | ".."));
    let kept: Vec<String> = parts.map(file::file_name).collect();
    if kept.is_empty() { "file".to_owned() } else { kept.join("/") }
}

fn extract(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let Some(file) = ctx.heap.as_file(args[0]).cloned() else {
        return Err(args::wrong_kind(ctx, args, 0, "extract", "a file"));
    };
    if !file.bytes.starts_with(b"PK\x03\x04") && !file.bytes.starts_with(b"PK\x05\x06") {
        return Ok(collections::of_values(ctx, vec![]));
    }
    // The list of an archive's files is a fraction of the archive.
    ctx.heap.reserve(file.bytes.len().saturating_mul(8))?;
    ctx.charge(file.bytes.len() / 8);
    let mut archive = ZipArchive::new(Cursor::new(&file.bytes[..]))
        .map_err(|_| broken(&file.name, "its list of files is damaged"))?;
    if archive.len() > MOST_ENTRIES {
        return Err(broken(&file.name, &format!("it holds more than {MOST_ENTRIES} files")));
    }
    let mut entries = Vec::with_capacity(archive.len());
    let mut total = 0usize;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|error| broken(&file.name, &error.to_string()))?;
        if entry.is_dir() {
            continue;
        }
        // What it says of its size is checked before anything is inflated, and held to while it is.
        let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        total = total.saturating_add(size).saturating_add(size_of::<File>());
        ctx.heap.reserve(total)?;
        ctx.charge(8 + size / 4);
        let name = inside(&entry.name().map_err(|error| broken(&file.name, &error.to_string()))?);
        let mut bytes = Vec::new();
        let read = entry.take(size as u64 + 1).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() != size {
            return Err(broken(&file.name, &format!("`{name}` is damaged")));
        }
        entries.push((name.clone(), File::new(name, bytes)));
    }
    let entries =
        entries.into_iter().map(|(name, file)| (ctx.heap.text(&name), ctx.heap.file(file))).collect();
    Ok(collections::of_entries(ctx, entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::heap::{Heap, HeapLimits};
    use jiff::tz::TimeZone;

    fn extracted(bytes: Vec<u8>, memory: usize) -> Run<usize> {
        let mut heap = Heap::new(HeapLimits { memory, text: memory });
        let archive = heap.file(File::new("a.zip", bytes));
        let mut ctx = Ctx { heap: &mut heap, zone: &TimeZone::UTC, fuel: &mut 1_000_000_000 };
        let found = extract(&mut ctx, &[archive])?;
        Ok(heap.as_map(heap.opened(found)).map_or(0, <[_]>::len))
    }

    #[test]
    fn names_that_lead_out_stay_inside() {
        assert_eq!(inside("../../etc/passwd"), "etc/passwd");
        assert_eq!(inside("C:\\a\\..\\b.txt"), "C:/a/b.txt");
        assert_eq!(inside("/"), "file");
    }

    #[test]
    fn an_archive_that_grows_past_the_memory_is_not_inflated() {
        let bomb = written(&[File::new("zeros", vec![0; 64 << 20])]).unwrap();
        assert!(bomb.len() < 100_000);
        let fault = extracted(bomb, 8 << 20).unwrap_err();
        assert_eq!(fault.code, codes::OUT_OF_MEMORY);
    }

    #[test]
    fn an_archive_that_lies_about_its_sizes_is_refused() {
        let mut bytes = written(&[File::new("zeros", vec![0; 100_000])]).unwrap();
        let size = 100_000u32.to_le_bytes();
        let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == size).collect();
        assert!(!places.is_empty());
        for at in places {
            bytes[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
        }
        assert_eq!(extracted(bytes, 8 << 20).unwrap_err().code, codes::BAD_ARCHIVE);
    }

    #[test]
    fn damaged_archives_fault_and_never_panic() {
        let good = written(&[File::new("a.txt", b"some text, some text".as_slice())]).unwrap();
        assert_eq!(extracted(good.clone(), 8 << 20).unwrap(), 1);
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            let _ = extracted(bytes, 8 << 20);
            let _ = extracted(good[..at].to_vec(), 8 << 20);
        }
    }
}
