//! Files: made of text, asked, named. Archives stand in `file_archive`.

use super::args::{self, SCALARS};
use super::{Builtin, Ctx, Param, example, file_text, param};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::file::{self, File};
use crate::value::{Kind, Value};

/// Files alone.
pub(super) const FILES: &[Kind] = &[Kind::File];
const NAME: &[Param] = &[param("name", "text")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "toFile",
        aliases: &[],
        on: SCALARS,
        params: NAME,
        returns: "file",
        doc: "A file of the text, in UTF-8. Its type follows from the ending of its name; a path before the name is left out.",
        examples: &[
            example(r#""a,b".toFile("x.csv").getFileType()"#, "text/csv"),
            example(r#""é".toFile("x.txt").getFileSize()"#, "2"),
            example(r#""".toFile("a/b.txt")"#, "b.txt"),
        ],
        run: to_file,
    },
    Builtin {
        name: "getFileName",
        aliases: &[],
        on: FILES,
        params: &[],
        returns: "text",
        doc: "The name of the file, without a path.",
        examples: &[
            example(r#""a".toFile("x.csv").getFileName()"#, "x.csv"),
            example(r#""a".toFile("").getFileName()"#, "file"),
        ],
        run: |ctx, args| get(ctx, args, |file| file.name.clone()),
    },
    Builtin {
        name: "setFileName",
        aliases: &[],
        on: FILES,
        params: NAME,
        returns: "nothing",
        doc: "Renames the file. Its type stays as it is; a path before the name is left out.",
        examples: &[
            example(r#""a".toFile("x.csv").setFileName("y.csv")"#, "null"),
            example(r#"setFileName("a".toFile("x"), "")"#, "null"),
        ],
        run: |ctx, args| set(ctx, args, "setFileName", |file, name| file.name = file::file_name(&name)),
    },
    Builtin {
        name: "getFileType",
        aliases: &[],
        on: FILES,
        params: &[],
        returns: "text",
        doc: "The media type of the file, such as `text/csv`; `application/octet-stream` if it is not known.",
        examples: &[
            example(r#""a".toFile("x.json").getFileType()"#, "application/json"),
            example(r#""a".toFile("x").getFileType()"#, "application/octet-stream"),
        ],
        run: |ctx, args| get(ctx, args, |file| file.content_type.clone()),
    },
    Builtin {
        name: "setFileType",
        aliases: &[],
        on: FILES,
        params: &[param("type", "text")],
        returns: "nothing",
        doc: "Sets the media type of the file. A word without `/` is taken as the ending of a name.",
        examples: &[
            example(r#""a".toFile("x").setFileType("text/plain")"#, "null"),
            example(r#"setFileType("a".toFile("x"), "pdf")"#, "null"),
            example(r#""a".toFile("x").setFileType("a b/c")"#, "fault E0416"),
        ],
        run: set_type,
    },
    Builtin {
        name: "getFileSize",
        aliases: &[],
        on: FILES,
        params: &[],
        returns: "number",
        doc: "How many bytes the file has.",
        examples: &[
            example(r#""abc".toFile("x.txt").getFileSize()"#, "3"),
            example(r#""".toFile("x.txt").getFileSize()"#, "0"),
        ],
        run: |ctx, args| match ctx.heap.as_file(args[0]) {
            Some(file) => Ok(Value::Int(file.bytes.len() as i64)),
            None => Err(args::wrong_kind(ctx, args, 0, "getFileSize", "a file")),
        },
    },
    Builtin {
        name: "getFileContent",
        aliases: &[],
        on: FILES,
        params: &[],
        returns: "text",
        doc: "The text in the file. A byte-order mark decides on the encoding, then `setCharset`, then UTF-8. Bytes that are no text fault.",
        examples: &[
            example(r#""a,b".toFile("x.csv").getFileContent()"#, "a,b"),
            example(r#""".toFile("x.csv").getFileContent().length()"#, "0"),
        ],
        run: get_content,
    },
    Builtin {
        name: "setCharset",
        aliases: &[],
        on: FILES,
        params: &[param("charset", "text")],
        returns: "nothing",
        doc: "Says in which encoding the text of the file is: `UTF-8`, `UTF-16` or `ISO-8859-1`. The bytes stay as they are.",
        examples: &[
            example(r#""a".toFile("x.txt").setCharset("UTF-8")"#, "null"),
            example(r#"setCharset("a".toFile("x.txt"), "ISO-8859-1")"#, "null"),
        ],
        run: |ctx, args| {
            set(ctx, args, "setCharset", |file, charset| {
                file.charset = Some(charset).filter(|c| !c.is_empty())
            })
        },
    },
    Builtin {
        name: "setParamName",
        aliases: &[],
        on: FILES,
        params: NAME,
        returns: "nothing",
        doc: "Names the part in which the file is uploaded.",
        examples: &[
            example(r#""a".toFile("x.txt").setParamName("content")"#, "null"),
            example(r#"setParamName("a".toFile("x.txt"), "")"#, "null"),
        ],
        run: |ctx, args| {
            set(ctx, args, "setParamName", |file, name| {
                file.param_name = Some(name).filter(|n| !n.is_empty())
            })
        },
    },
    Builtin {
        name: "isFile",
        aliases: &[],
        on: args::ANYTHING,
        params: &[],
        returns: "boolean",
        doc: "Whether it is a file.",
        examples: &[
            example(r#""a".toFile("x.txt").isFile()"#, "true"),
            example(r#"isFile("x.txt")"#, "false"),
            example("isFile(null)", "false"),
        ],
        run: |ctx, args| Ok(Value::Bool(ctx.heap.as_file(args[0]).is_some())),
    },
];

fn to_file(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let name = args::text(ctx, args, 1, "toFile")?.into_owned();
    let text = args::text(ctx, args, 0, "toFile")?;
    ctx.heap.reserve(text.len() + name.len())?;
    let file = File::new(name, text.as_bytes());
    drop(text);
    args::charge_text(ctx, file.bytes.len());
    Ok(ctx.heap.file(file))
}

fn get(ctx: &mut Ctx<'_>, args: &[Value], read: fn(&File) -> String) -> Run<Value> {
    match ctx.heap.as_file(args[0]).map(read) {
        Some(text) => Ok(ctx.heap.text_owned(text)),
        None => Err(args::wrong_kind(ctx, args, 0, "getFileName", "a file")),
    }
}

/// Longest name, type or charset of a file, in bytes.
const LONGEST: usize = 1000;

fn set(ctx: &mut Ctx<'_>, args: &[Value], name: &str, write: fn(&mut File, String)) -> Run<Value> {
    let text = args::text(ctx, args, 1, name)?.into_owned();
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{name}` needs one line of at most {LONGEST} bytes"),
        ));
    }
    match ctx.heap.edit_file(args[0], |file| write(file, text)) {
        Some(()) => Ok(Value::Null),
        None => Err(args::wrong_kind(ctx, args, 0, name, "a file")),
    }
}

/// `type/subtype`, with parameters or without (RFC 9110 section 8.3.1).
fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    let bare = text.split(';').next().unwrap_or_default().trim();
    bare.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

fn set_type(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let given = args::text(ctx, args, 1, "setFileType")?.into_owned();
    if given.contains('/') && !is_media_type(&given) {
        return Err(Fault::new(codes::BAD_ARGUMENT, "this is no media type")
            .with_help("write one such as `text/csv`"));
    }
    set(ctx, args, "setFileType", |file, given| {
        file.content_type =
            if given.contains('/') { given } else { file::type_of_name(&format!(".{given}")).to_owned() };
    })
}

fn get_content(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let Some(file) = ctx.heap.as_file(args[0]) else {
        return Err(args::wrong_kind(ctx, args, 0, "getFileContent", "a file"));
    };
    ctx.heap.reserve_text(file.bytes.len())?;
    let text = file_text::decode(file)?;
    ctx.heap.reserve_text(text.len())?;
    args::charge_text(ctx, text.len());
    Ok(ctx.heap.text_owned(text))
}
