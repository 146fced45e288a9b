//! Files that a script hands to a host call, and files that an answer becomes.

use bytes::Bytes;
use sluis_invoke::FilePart;
pub use sluis_invoke::decode::{file as of_answer, is_binary};
use sluis_lang::value::data::{Data, kind};
use sluis_lang::value::file::File;
use sluis_model::error::{Failure, Reason};

/// The files of a value: one, or a list of them. `what` is named where it is something else.
pub fn of<'a>(data: &'a Data, what: &str) -> Result<Vec<&'a File>, Failure> {
    match data {
        Data::Null => Ok(Vec::new()),
        Data::File(file) => Ok(vec![file]),
        Data::List(items) => {
            let mut all = Vec::new();
            for item in items {
                all.extend(of(item, what)?);
            }
            Ok(all)
        }
        other => {
            Err(Failure::new(Reason::InvalidInput, format!("{what} takes files, not {}", kind(other).name()))
                .help("make one from a text: `text.toFile(\"report.csv\")`"))
        }
    }
}

/// The files of a value with the names of their parts: one, a list, or a map of them. A name set with
/// `setParamName` comes before a key of the map, and that before `file`.
pub fn parts(data: &Data, what: &str) -> Result<Vec<(String, FilePart)>, Failure> {
    let mut all = Vec::new();
    match data {
        Data::Map(entries) => {
            for (key, value) in entries {
                let files = of(value, what)?;
                all.extend(files.into_iter().map(|file| named(file, key.as_str().unwrap_or("file"))));
            }
        }
        other => all.extend(of(other, what)?.into_iter().map(|file| named(file, "file"))),
    }
    Ok(all)
}

fn named(file: &File, otherwise: &str) -> (String, FilePart) {
    (file.param_name.clone().unwrap_or_else(|| otherwise.to_owned()), part(file))
}

/// A file as it goes out; its bytes are shared.
pub fn part(file: &File) -> FilePart {
    FilePart {
        name: file.name.clone(),
        media_type: Some(file.content_type.clone()),
        content: Bytes::from_owner(file.bytes.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(disposition: &str, url: &str) -> String {
        let headers = [
            ("content-type".to_owned(), "application/pdf".to_owned()),
            ("content-disposition".to_owned(), disposition.to_owned()),
        ];
        of_answer(&headers, url, b"x").as_file().unwrap().name.clone()
    }

    #[test]
    fn a_file_is_called_as_the_answer_says_and_never_by_a_path() {
        assert_eq!(name("attachment; filename=\"a b.pdf\"", "https://x/y"), "a b.pdf");
        assert_eq!(name("attachment; filename=x; filename*=UTF-8''%C3%A4+1.pdf", "https://x/y"), "ä+1.pdf");
        assert_eq!(name("attachment; filename=\"../../etc/passwd\"", "https://x/y"), "passwd.pdf");
        assert_eq!(name("inline", "https://x/y/report?z=1"), "report.pdf");
        assert_eq!(name("", "https://x/"), "file.pdf");
    }

    #[test]
    fn what_is_no_text_is_told_by_its_type_and_then_by_its_bytes() {
        let binary = |content_type: &str, body: &[u8]| {
            is_binary(&[("content-type".to_owned(), content_type.to_owned())], body)
        };
        assert!(binary("application/pdf", b"x") && binary("image/png", b"x"));
        assert!(!binary("application/pdf", b"") && !binary("text/plain", b"\xff"));
        assert!(!binary("application/problem+json", b"{}") && !binary("image/svg+xml", b"<svg/>"));
        assert!(binary("application/octet-stream", b"a\0b") && !binary("application/octet-stream", b"ab"));
        assert!(is_binary(&[], b"\xff\xfe") && !is_binary(&[], b"ab"));
    }

    #[test]
    fn a_part_is_called_by_its_own_name_then_by_its_key() {
        let mut file = File::new("a.csv", b"1".as_slice());
        let plain = Data::File(Box::new(file.clone()));
        file.param_name = Some("content".into());
        let own = Data::File(Box::new(file));
        let names =
            |data: &Data| parts(data, "files").unwrap().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&Data::List(vec![plain.clone(), own.clone()])), ["file", "content"]);
        assert_eq!(names(&Data::map([("a", plain.clone()), ("b", own)])), ["a", "content"]);
        assert_eq!(names(&plain), ["file"]);
        assert!(parts(&Data::from("text"), "files").unwrap_err().help.unwrap().contains("toFile"));
    }
}
