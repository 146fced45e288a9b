//! A tar (POSIX ustar) with fixed metadata under gzip. The same files make the same bytes; what is read is
//! bounded before it is unpacked, and only plain files under plain names come out.

use crate::error::PackageError;
use crate::manifest::FILES_AT_MOST;
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use std::collections::BTreeMap;
use std::io::{Read, Write as _};
use tar::{Archive, Builder, EntryType, Header};

/// Longest package, in bytes.
pub(crate) const PACKED_AT_MOST: u64 = 16 << 20;
/// Longest content when unpacked, in bytes.
const UNPACKED_AT_MOST: u64 = 64 << 20;
/// Longest file, in bytes.
const FILE_AT_MOST: u64 = 8 << 20;
/// What tar adds to a file at most, in bytes: its header and what fills the last block.
const OVERHEAD: u64 = 1024;

/// Writes files in the order given.
pub(crate) fn write(files: &[(&str, &[u8])]) -> Result<Vec<u8>, PackageError> {
    let broken = |error: std::io::Error| PackageError::Archive { why: error.to_string() };
    let mut builder = Builder::new(Vec::new());
    for (path, bytes) in files {
        check_name(path)?;
        if bytes.len() as u64 > FILE_AT_MOST {
            return Err(PackageError::TooLarge { what: "a file", limit: FILE_AT_MOST });
        }
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, path, *bytes).map_err(broken)?;
    }
    let tar = builder.into_inner().map_err(broken)?;
    // No time and no name of a file, and the operating system that stands for none (RFC 1952 section 2.3.1).
    let mut packed = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    packed.write_all(&tar).map_err(broken)?;
    let packed = packed.finish().map_err(broken)?;
    match packed.len() as u64 > PACKED_AT_MOST {
        true => Err(PackageError::TooLarge { what: "it", limit: PACKED_AT_MOST }),
        false => Ok(packed),
    }
}

/// Reads all files by path.
pub(crate) fn read(packed: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
    if packed.len() as u64 > PACKED_AT_MOST {
        return Err(PackageError::TooLarge { what: "it", limit: PACKED_AT_MOST });
    }
    let broken = |error: std::io::Error| PackageError::Archive { why: error.to_string() };
    let limit = UNPACKED_AT_MOST + (FILES_AT_MOST as u64 + 4) * OVERHEAD;
    // Read as a whole within its limit first: what a tar says of sizes is then about bytes that are here.
    let mut tar = Vec::new();
    GzDecoder::new(packed).take(limit + 1).read_to_end(&mut tar).map_err(broken)?;
    if tar.len() as u64 > limit {
        return Err(PackageError::TooLarge { what: "its content", limit: UNPACKED_AT_MOST });
    }
    let mut files = BTreeMap::new();
    for entry in Archive::new(tar.as_slice()).entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refused = |why| PackageError::Entry { path: shown(&path), why };
        if entry.header().entry_type() != EntryType::Regular {
            return Err(refused("is no plain file"));
        }
        check_name(&path)?;
        if entry.size() > FILE_AT_MOST {
            return Err(PackageError::TooLarge { what: "a file", limit: FILE_AT_MOST });
        }
        if files.len() >= FILES_AT_MOST + 2 {
            return Err(refused("is one file too many"));
        }
        let mut bytes = Vec::new();
        (&mut entry).take(FILE_AT_MOST + 1).read_to_end(&mut bytes).map_err(broken)?;
        if files.insert(path.clone(), bytes).is_some() {
            return Err(refused("stands in it twice"));
        }
    }
    Ok(files)
}

/// A name that leads nowhere else on any system: `connectors/pets.json`.
fn check_name(path: &str) -> Result<(), PackageError> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    match path.len() <= 100 && path.split('/').all(is_plain) {
        true => Ok(()),
        false => Err(PackageError::Entry { path: shown(path), why: "is no name that a package may hold" }),
    }
}

fn shown(path: &str) -> String {
    path.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tar made without our care.
    fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (path, kind, bytes) in entries {
            let mut header = Header::new_ustar();
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            // `set_path` would refuse what an attacker writes.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        gzip(&builder.into_inner().unwrap())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn the_same_files_make_the_same_bytes_and_come_back() {
        let files: [(&str, &[u8]); 2] = [("b/c.json", b"1"), ("a", b"")];
        let packed = write(&files).unwrap();
        assert_eq!(packed, write(&files).unwrap());
        let back = read(&packed).unwrap();
        assert_eq!(back.len(), 2);
        assert_eq!(back["b/c.json"], b"1");
    }

    #[test]
    fn what_leads_out_or_is_no_plain_file_is_refused() {
        for path in ["../a", "/etc/passwd", "a/../../b", "a//b", ".ssh/x", "a\\b", "a b", "C:x", ""] {
            assert!(
                matches!(read(&tar(&[(path, EntryType::Regular, b"")])), Err(PackageError::Entry { .. })),
                "{path}"
            );
            assert!(write(&[(path, b"")]).is_err(), "{path}");
        }
        for kind in [
            EntryType::Symlink,
            EntryType::Link,
            EntryType::Directory,
            EntryType::Fifo,
            EntryType::XHeader,
            EntryType::GNULongName,
        ] {
            assert!(matches!(read(&tar(&[("a", kind, b"x")])), Err(PackageError::Entry { .. })), "{kind:?}");
        }
        let twice = tar(&[("a", EntryType::Regular, b"1"), ("a", EntryType::Regular, b"2")]);
        assert!(matches!(read(&twice), Err(PackageError::Entry { .. })));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = gzip(&vec![0; 80 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(read(&bomb), Err(PackageError::TooLarge { what: "its content", .. })));
        let large = tar(&[("a", EntryType::Regular, &vec![0; 9 << 20])]);
        assert!(matches!(read(&large), Err(PackageError::TooLarge { what: "a file", .. })));
        let many: Vec<String> = (0..1100).map(|n| format!("f{n}")).collect();
        let many: Vec<(&str, EntryType, &[u8])> =
            many.iter().map(|name| (name.as_str(), EntryType::Regular, &b""[..])).collect();
        assert!(matches!(read(&tar(&many)), Err(PackageError::Entry { .. })));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04", &gzip(b"hello"), &gzip(&[1; 2000])] {
            assert!(read(bytes).is_err() || read(bytes).unwrap().is_empty(), "{bytes:?}");
        }
        let whole = write(&[("a", &[7; 5000])]).unwrap();
        for cut in [1, whole.len() / 2, whole.len() - 1] {
            assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}
