//! The body of an answer as a value: JSON, XML, CSV, NDJSON, a form, text, a file.

use sluis_lang::value::data::Data;
use sluis_lang::value::file::{File, ending_of_type, file_name};
use sluis_model::answer::AnswerForm;

/// An answer to look at, secrets starred.
#[derive(Debug, Clone, Copy)]
pub struct AnswerView<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: &'a [(String, String)],
    /// The body as it came.
    pub body: &'a [u8],
    /// The body as text.
    pub text: &'a str,
    /// Where it was asked for.
    pub url: &'a str,
}

impl<'a> AnswerView<'a> {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Its media type in lower case, without parameters.
    fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// Reads the body. An empty one is null, but for a text and a file.
///
/// # Errors
/// What it is not, and where: `no JSON: …`.
pub fn decode(answer: &AnswerView<'_>, form: AnswerForm) -> Result<Data, String> {
    let form = match form {
        AnswerForm::Auto => form_of(answer),
        other => other,
    };
    let is_empty = answer.text.trim().is_empty();
    match form {
        AnswerForm::Text => Ok(Data::Text(answer.text.to_owned())),
        AnswerForm::File => Ok(file(answer.headers, answer.url, answer.body)),
        _ if is_empty => Ok(Data::Null),
        AnswerForm::Json => json(answer.text),
        AnswerForm::Xml => Data::from_xml(answer.text).map_err(|fault| fault.message.clone()),
        AnswerForm::Csv => csv(answer.text),
        AnswerForm::Ndjson => ndjson(answer.text),
        AnswerForm::Form => Ok(form_fields(answer.text)),
        // What it looks like; a lone number or word stays the text it is.
        AnswerForm::Auto => Ok(match Data::from_json(answer.text) {
            Ok(value @ (Data::Map(_) | Data::List(_))) => value,
            _ => Data::Text(answer.text.to_owned()),
        }),
    }
}

/// What its content type says; `Auto` if that says nothing.
fn form_of(answer: &AnswerView<'_>) -> AnswerForm {
    let media_type = answer.media_type();
    let structured = media_type.rsplit_once('+').map_or("", |(_, suffix)| suffix);
    match (media_type.as_str(), structured) {
        ("application/x-ndjson" | "application/jsonl" | "application/x-jsonlines", _) => AnswerForm::Ndjson,
        ("application/json" | "text/json", _) | (_, "json") => AnswerForm::Json,
        ("application/xml" | "text/xml", _) | (_, "xml") => AnswerForm::Xml,
        ("text/csv", _) => AnswerForm::Csv,
        ("application/x-www-form-urlencoded", _) => AnswerForm::Form,
        _ if is_binary(answer.headers, answer.body) => AnswerForm::File,
        _ => AnswerForm::Auto,
    }
}

fn json(text: &str) -> Result<Data, String> {
    Data::from_json(text.trim_start_matches('\u{feff}'))
        .map_err(|fault| format!("this is not JSON: {}", fault.message))
}

/// One JSON text for each line; empty lines count for nothing.
fn ndjson(text: &str) -> Result<Data, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let values = lines.map(|(at, line)| json(line).map_err(|why| format!("line {}: {why}", at + 1)));
    values.collect::<Result<Vec<_>, _>>().map(Data::List)
}

/// Each line below the first as a map by the names in that; a value without a name stands under its
/// number.
fn csv(text: &str) -> Result<Data, String> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let names = reader.headers().map_err(|error| format!("this is not CSV: {error}"))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| format!("this is not CSV: {error}"))?;
        let fields = record.iter().enumerate().map(|(at, field)| {
            let name = names
                .get(at)
                .filter(|name| !name.is_empty())
                .map_or_else(|| (at + 1).to_string(), str::to_owned);
            (name, Data::from(field))
        });
        rows.push(Data::map(fields));
    }
    Ok(Data::List(rows))
}

/// Fields by name; of one name several times, a list.
fn form_fields(text: &str) -> Data {
    let mut fields: Vec<(Data, Data)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(text.trim().as_bytes()) {
        let value = Data::Text(value.into_owned());
        match fields.iter_mut().find(|(known, _)| known.as_str() == Some(&*name)) {
            None => fields.push((Data::Text(name.into_owned()), value)),
            Some((_, Data::List(all))) => all.push(value),
            Some((_, one)) => *one = Data::List(vec![std::mem::take(one), value]),
        }
    }
    Data::Map(fields)
}

/// An answer as a file. Its name is what the answer says, else the end of the address.
pub fn file(headers: &[(String, String)], url: &str, body: &[u8]) -> Data {
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

    fn decoded(content_type: &str, text: &str, form: AnswerForm) -> Result<String, String> {
        let headers = [("content-type".to_owned(), content_type.to_owned())];
        let view = AnswerView {
            status: 200,
            headers: &headers,
            body: text.as_bytes(),
            text,
            url: "https://x/a.bin",
        };
        decode(&view, form).map(|value| value.to_json())
    }

    #[test]
    fn a_body_is_read_as_its_type_says() {
        let auto = |content_type: &str, text: &str| decoded(content_type, text, AnswerForm::Auto).unwrap();
        assert_eq!(auto("application/problem+json; charset=utf-8", "12"), "12");
        assert_eq!(auto("text/plain", "12"), "\"12\"");
        assert_eq!(auto("text/plain", " [12]"), "[12]");
        assert_eq!(auto("application/atom+xml", "<a><b>1</b></a>"), r#"{"a":{"b":"1"}}"#);
        assert_eq!(auto("application/x-ndjson", "{\"a\":1}\n\n[2]\n"), r#"[{"a":1},[2]]"#);
        assert_eq!(
            auto("application/x-www-form-urlencoded", "a=1+2&b=%C3%A4&a=3"),
            r#"{"a":["1 2","3"],"b":"ä"}"#
        );
        assert_eq!(
            auto("text/csv", "id,name\r\n1,\"A, B\"\r\n2,C,more\r\n"),
            r#"[{"id":"1","name":"A, B"},{"id":"2","name":"C","3":"more"}]"#
        );
        assert_eq!(auto("image/png", "x"), r#"{"name":"a.bin","type":"image/png","size":1}"#);
        assert_eq!(auto("application/json", " "), "null");
    }

    #[test]
    fn what_is_declared_counts_more_than_the_type_and_may_be_wrong() {
        assert_eq!(decoded("text/html", "{\"a\":1}", AnswerForm::Json).unwrap(), r#"{"a":1}"#);
        assert_eq!(decoded("application/json", "[1]", AnswerForm::Text).unwrap(), "\"[1]\"");
        assert!(decoded("", "<html>", AnswerForm::Json).unwrap_err().contains("not JSON"));
        assert!(decoded("", "{}\n{", AnswerForm::Ndjson).unwrap_err().contains("line 2"));
        assert!(decoded("", "{}", AnswerForm::Xml).unwrap_err().contains("not XML"));
    }
}
