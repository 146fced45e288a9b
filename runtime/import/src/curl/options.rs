//! What the options of a cURL line say of its request.

use crate::error::ImportError;
use sluis_model::suggest;

/// A request as a line writes it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) method: Option<String>,
    pub(super) url: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Vec<Data>,
    pub(super) parts: Vec<(String, String)>,
    /// `-u`.
    pub(super) has_user: bool,
    /// `--digest`.
    pub(super) digest: bool,
    /// `-b`.
    pub(super) has_cookie: bool,
    /// `-G`: the data stands in the query.
    pub(super) data_in_query: bool,
    /// `--json`.
    pub(super) json: bool,
    pub(super) notes: Vec<String>,
}

/// A piece of a body.
#[derive(Debug, PartialEq)]
pub(super) enum Data {
    /// As it is sent.
    Plain(String),
    /// Still to be encoded: `name=value`.
    ToEncode(String),
}

/// Long names, whether a value follows, and what they mean.
const OPTIONS: &[(&str, bool, Meaning)] = &[
    ("request", true, Meaning::Method),
    ("header", true, Meaning::Header),
    ("data", true, Meaning::Data),
    ("data-raw", true, Meaning::Data),
    ("data-ascii", true, Meaning::Data),
    ("data-binary", true, Meaning::Data),
    ("data-urlencode", true, Meaning::ToEncode),
    ("json", true, Meaning::Json),
    ("form", true, Meaning::Part),
    ("form-string", true, Meaning::Part),
    ("user", true, Meaning::User),
    ("digest", false, Meaning::Digest),
    ("basic", false, Meaning::Nothing),
    ("oauth2-bearer", true, Meaning::Bearer),
    ("cookie", true, Meaning::Cookie),
    ("get", false, Meaning::Get),
    ("head", false, Meaning::Head),
    ("url", true, Meaning::Url),
    ("insecure", false, Meaning::Insecure),
    ("user-agent", true, Meaning::Nothing),
    ("referer", true, Meaning::Nothing),
    ("location", false, Meaning::Nothing),
    ("silent", false, Meaning::Nothing),
    ("show-error", false, Meaning::Nothing),
    ("verbose", false, Meaning::Nothing),
    ("include", false, Meaning::Nothing),
    ("compressed", false, Meaning::Nothing),
    ("fail", false, Meaning::Nothing),
    ("fail-with-body", false, Meaning::Nothing),
    ("globoff", false, Meaning::Nothing),
    ("http1.1", false, Meaning::Nothing),
    ("http2", false, Meaning::Nothing),
    ("no-buffer", false, Meaning::Nothing),
    ("progress-bar", false, Meaning::Nothing),
    ("remote-name", false, Meaning::Nothing),
    ("ipv4", false, Meaning::Nothing),
    ("ipv6", false, Meaning::Nothing),
    ("output", true, Meaning::Nothing),
    ("write-out", true, Meaning::Nothing),
    ("max-time", true, Meaning::Nothing),
    ("connect-timeout", true, Meaning::Nothing),
    ("retry", true, Meaning::Nothing),
    ("max-redirs", true, Meaning::Nothing),
    ("cookie-jar", true, Meaning::Nothing),
    ("dump-header", true, Meaning::Nothing),
];

/// One letter for a long name.
const SHORT: &[(char, &str)] = &[
    ('X', "request"),
    ('H', "header"),
    ('d', "data"),
    ('F', "form"),
    ('u', "user"),
    ('b', "cookie"),
    ('G', "get"),
    ('I', "head"),
    ('k', "insecure"),
    ('A', "user-agent"),
    ('e', "referer"),
    ('L', "location"),
    ('s', "silent"),
    ('S', "show-error"),
    ('v', "verbose"),
    ('i', "include"),
    ('f', "fail"),
    ('g', "globoff"),
    ('N', "no-buffer"),
    ('#', "progress-bar"),
    ('O', "remote-name"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('o', "output"),
    ('w', "write-out"),
    ('m', "max-time"),
    ('c', "cookie-jar"),
    ('D', "dump-header"),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Method,
    Header,
    Data,
    ToEncode,
    Json,
    Part,
    User,
    Digest,
    Bearer,
    Cookie,
    Get,
    Head,
    Url,
    Insecure,
    Nothing,
}

/// Reads the words behind `curl`.
pub(super) fn read(words: Vec<String>) -> Result<Line, ImportError> {
    let mut line = Line::default();
    let mut words = words.into_iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        if word == "--" && !only_urls {
            only_urls = true;
        } else if let Some(long) = word.strip_prefix("--").filter(|_| !only_urls) {
            let (name, joined) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let (name, takes_value, meaning) = find(name, &word)?;
            let value = value_of(takes_value, joined, &mut words, name)?;
            line.apply(meaning, value);
        } else if word.len() > 1 && word.starts_with('-') && !only_urls {
            line.letters(&word, &mut words)?;
        } else {
            line.set_url(word);
        }
    }
    Ok(line)
}

fn find(name: &str, word: &str) -> Result<(&'static str, bool, Meaning), ImportError> {
    OPTIONS.iter().find(|(known, ..)| *known == name).copied().ok_or_else(|| ImportError::Command {
        why: format!("the option `{word}` is not one that says something of a request"),
        help: match suggest::nearest(name, OPTIONS.iter().map(|(known, ..)| *known)) {
            Some(near) => format!("did you mean `--{near}`? Otherwise leave it out"),
            None => "leave it out, with its value if it has one".to_owned(),
        },
    })
}

fn value_of(
    takes: bool,
    joined: Option<String>,
    words: &mut impl Iterator<Item = String>,
    name: &str,
) -> Result<String, ImportError> {
    if !takes {
        return Ok(String::new());
    }
    joined.or_else(|| words.next()).ok_or_else(|| ImportError::Command {
        why: format!("`--{name}` wants a value, and the line ends there"),
        help: "is the end of the line missing? A line that goes on ends with \\".to_owned(),
    })
}

impl Line {
    /// `-sSL`, `-XPOST`, `-d x`: letters up to the first that takes a value.
    fn letters(&mut self, word: &str, words: &mut impl Iterator<Item = String>) -> Result<(), ImportError> {
        let mut rest = word.chars().skip(1);
        while let Some(letter) = rest.next() {
            let long = SHORT.iter().find(|(known, _)| *known == letter).map(|(_, long)| *long);
            let (name, takes_value, meaning) = find(long.unwrap_or_default(), &format!("-{letter}"))?;
            if takes_value {
                let joined: String = rest.collect();
                let joined = Some(joined).filter(|joined| !joined.is_empty());
                let value = value_of(true, joined, words, name)?;
                self.apply(meaning, value);
                return Ok(());
            }
            self.apply(meaning, String::new());
        }
        Ok(())
    }

    fn set_url(&mut self, url: String) {
        match &self.url {
            None => self.url = Some(url),
            Some(_) => self.notes.push("the line names several addresses: the first is taken".to_owned()),
        }
    }

    fn apply(&mut self, meaning: Meaning, value: String) {
        match meaning {
            Meaning::Method => self.method = Some(value.to_ascii_uppercase()),
            Meaning::Header => {
                if let Some((name, value)) = value.split_once(':') {
                    self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
            Meaning::Data => self.data.push(Data::Plain(value)),
            Meaning::ToEncode => self.data.push(Data::ToEncode(value)),
            Meaning::Json => {
                self.json = true;
                self.data.push(Data::Plain(value));
            }
            Meaning::Part => {
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                self.parts.push((name.to_owned(), value.to_owned()));
            }
            Meaning::User => self.has_user = true,
            Meaning::Digest => self.digest = true,
            Meaning::Bearer => self.headers.push(("Authorization".to_owned(), format!("Bearer {value}"))),
            Meaning::Cookie => self.has_cookie = true,
            Meaning::Get => self.data_in_query = true,
            Meaning::Head => self.method = Some("HEAD".to_owned()),
            Meaning::Url => self.set_url(value),
            Meaning::Insecure => {
                self.notes.push(
                    "the line does without checking certificates (`-k`); a connector never does".to_owned(),
                );
            }
            Meaning::Nothing => {}
        }
    }
}
