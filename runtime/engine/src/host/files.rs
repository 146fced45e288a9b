//! Files that a script hands to a host call, and files that an answer becomes.

use bytes::Bytes;
use sluis_invoke::FilePart;
use sluis_lang::value::data::{Data, kind};
use sluis_lang::value::file::{File, ending_of_type, file_name};
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

/// An answer as a file. Its name is what the answer says, else the end of the address.
pub fn of_answer(headers: &[(String, String)], url: &str, body: &[u8]) -> Data {
    let header =
        |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let content_type = header("content-type").unwrap_or_default();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let told = header("content-disposition").and_then(told_name).unwrap_or_else(|| last.to_owned());
    let mut name = file_name(&told);
    if !name.contains('.')
        && let Some(ending) = ending_of_type(content_type)
    {
        name = format!("{name}.{ending}");
    }
    let mut file = File::new(name, body);
    if !content_type.is_empty() {
        content_type.split(';').next().unwrap_or_default().trim().clone_into(&mut file.content_type);
    }
    Data::File(Box::new(file))
}

/// The name in `attachment; filename="a.pdf"` (RFC 6266); `filename*` comes first.
fn told_name(disposition: &str) -> Option<String> {
    let parameters = || disposition.split(';').filter_map(|part| part.split_once('='));
    let find = |wanted: &str| {
        parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let extended = find("filename*")
        .and_then(|value| value.rsplit_once("''"))
        .map(|(_, encoded)| percent_decoded(encoded));
    extended.or_else(|| find("filename").map(|value| value.trim_matches('"').to_owned()))
}

fn percent_decoded(text: &str) -> String {
    // The rules are those of a form but for the plus sign.
    let escaped = text.replace('+', "%2B");
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// Whether a body is no text: by its type where that tells, else by its bytes.
pub fn is_binary(headers: &[(String, String)], body: &[u8]) -> bool {
    let header = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let bare = header.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual = ["json", "xml", "javascript", "urlencoded", "yaml", "csv", "graphql", "html"];
    if bare.starts_with("text/") || textual.iter().any(|word| bare.contains(word)) {
        return false;
    }
    match bare.as_str() {
        "" | "application/octet-stream" => body.contains(&0) || std::str::from_utf8(body).is_err(),
        _ => !body.is_empty(),
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
