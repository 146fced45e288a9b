//! The reference of the built-ins as Markdown, made from the tables; kept in `spec/stdlib`.

use super::{Builtin, Example};
use super::{
    collection, conversion, datetime, datetime_between, datetime_business, datetime_shift, datetime_weekday,
    encode, json, list, list_numbers, logical, number, number_format, number_math, number_words, text,
    text_replace, text_search,
};
use crate::value::Kind;
use std::fmt::Write;

/// A page of the reference.
pub struct Topic {
    /// File name without ending.
    pub slug: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What it holds, in order.
    pub tables: &'static [&'static [Builtin]],
}

/// All pages.
pub const TOPICS: &[Topic] = &[
    Topic { slug: "logical", title: "Conditions and questions", tables: &[logical::TABLE] },
    Topic { slug: "conversion", title: "Conversion", tables: &[conversion::TABLE, json::TABLE] },
    Topic { slug: "text", title: "Text", tables: &[text::TABLE, text_search::TABLE, text_replace::TABLE] },
    Topic { slug: "encoding", title: "Encoding", tables: &[encode::TABLE] },
    Topic {
        slug: "number",
        title: "Numbers",
        tables: &[number::TABLE, number_format::TABLE, number_words::TABLE, number_math::TABLE],
    },
    Topic {
        slug: "date",
        title: "Dates",
        tables: &[
            datetime::TABLE,
            datetime_shift::TABLE,
            datetime_weekday::TABLE,
            datetime_business::TABLE,
            datetime_between::TABLE,
        ],
    },
    Topic {
        slug: "collection",
        title: "Lists and maps",
        tables: &[collection::TABLE, list::TABLE, list_numbers::TABLE, super::list_typed::TABLE],
    },
    Topic {
        slug: "collections",
        title: "Collections",
        tables: &[super::collections::TABLE, super::collections_read::TABLE],
    },
    Topic { slug: "file", title: "Files", tables: &[super::file::TABLE, super::file_archive::TABLE] },
    Topic { slug: "xml", title: "XML", tables: &[super::xml::TABLE] },
    Topic {
        slug: "encryption",
        title: "Encryption",
        tables: &[super::encryption::TABLE, super::encryption_aes::TABLE],
    },
];

/// The whole reference on one page.
pub fn reference_markdown() -> String {
    TOPICS.iter().map(Topic::markdown).collect::<Vec<_>>().join("\n")
}

impl Topic {
    /// This page.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for builtin in self.tables.iter().copied().flatten() {
            out.push('\n');
            out.push_str(&builtin.markdown());
        }
        out
    }
}

impl Builtin {
    /// How it is called: `text.substring(start: number, [end: number]) → text`.
    pub fn signature(&self) -> String {
        let params: Vec<String> = self
            .params
            .iter()
            .map(|param| {
                let plain = format!("{}: {}", param.name, param.ty);
                if param.optional { format!("[{plain}]") } else { plain }
            })
            .collect();
        let receiver = self.receiver().map(|name| format!("{name}.")).unwrap_or_default();
        format!("{receiver}{}({}) → {}", self.name, params.join(", "), self.returns)
    }

    /// The receiver in one word; `None` for functions without one.
    pub fn receiver(&self) -> Option<String> {
        let is = |kind: Kind| self.on.contains(&kind);
        match self.on {
            [] => None,
            on if on.len() >= 10 => Some("any".to_owned()),
            _ if is(Kind::Boolean) && is(Kind::Text) => Some("text".to_owned()),
            _ if is(Kind::Date) && !is(Kind::Number) => Some("date".to_owned()),
            _ if is(Kind::Decimal) && !is(Kind::Date) => Some("number".to_owned()),
            on => {
                let named = on.iter().filter(|kind| **kind != Kind::Empty);
                Some(named.map(|kind| kind.name()).collect::<Vec<_>>().join("/"))
            }
        }
    }

    /// Heading, signature, paragraph and examples.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n`{}`\n\n{}\n", self.name, self.signature(), self.doc);
        // Writing into a `String` cannot fail.
        if !self.aliases.is_empty() {
            let aliases: Vec<String> = self.aliases.iter().map(|alias| format!("`{alias}`")).collect();
            let _ = write!(out, "\nAlso: {}\n", aliases.join(", "));
        }
        if !self.examples.is_empty() {
            out.push_str("\n```text\n");
            for Example { source, prints } in self.examples {
                let _ = writeln!(out, "{source}  →  {prints}");
            }
            out.push_str("```\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdlib::TABLES;

    #[test]
    fn every_table_stands_on_one_page() {
        let on_pages: usize = TOPICS.iter().flat_map(|topic| topic.tables).map(|table| table.len()).sum();
        assert_eq!(on_pages, TABLES.iter().map(|table| table.len()).sum::<usize>());
    }

    #[test]
    fn every_built_in_has_a_doc_and_two_examples() {
        let all = || TABLES.iter().copied().flatten();
        let undocumented: Vec<&str> = all().filter(|b| !b.doc.ends_with('.')).map(|b| b.name).collect();
        assert_eq!(undocumented, Vec::<&str>::new(), "a doc is a sentence, or several");
        let short: Vec<&str> = all().filter(|b| b.examples.len() < 2).map(|b| b.name).collect();
        assert_eq!(short, Vec::<&str>::new(), "show the common case and an edge");
    }

    #[test]
    fn no_kind_of_receiver_has_two_functions_of_one_name() {
        let mut seen = std::collections::BTreeSet::new();
        for builtin in TABLES.iter().copied().flatten() {
            for name in std::iter::once(&builtin.name).chain(builtin.aliases) {
                let kinds = builtin.on.iter().map(|kind| kind.name());
                for kind in kinds.chain(if builtin.on.is_empty() { Some("nothing") } else { None }) {
                    assert!(seen.insert((name.to_lowercase(), kind)), "{name} stands twice for {kind}");
                }
            }
        }
    }

    #[test]
    fn a_signature_reads_like_a_call() {
        let find = |name| super::super::find(name).next().unwrap().signature();
        assert_eq!(find("SUBSTRING"), "text.substring(start: number, [end: number]) → text");
        assert_eq!(find("isnull"), "any.isNull() → boolean");
        assert_eq!(find("addDay"), "date.addDay(count: number) → date-time");
        assert_eq!(find("round"), "number.round([places: number]) → decimal");
        assert_eq!(find("ifNull"), "ifnull(value: any, default: any) → any");
        assert_eq!(find("put"), "map.put(key: any, value: any) → nothing");
    }
}
