//! Generated scripts: every construct in every other.

use crate::corpus::check;
use proptest::prelude::*;
use sluis_lang::format::format;

/// White space and comments between two pieces.
fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => Just(String::new()),
        6 => Just(" ".to_owned()),
        3 => Just("\n".to_owned()),
        1 => Just("\n\n\n".to_owned()),
        1 => "[a-z]{1,4}".prop_map(|words| format!(" // {words}\n")),
        1 => "[a-z]{1,4}".prop_map(|words| format!("/* {words} */")),
        1 => "[a-z]{1,4}".prop_map(|words| format!("\n/* {words}\n\t* {words} */\n")),
    ]
}

/// Pieces with gaps between them; `~` stands for one.
fn spaced(pattern: &'static str, parts: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let gaps = pattern.matches('~').count();
    (parts, prop::collection::vec(gap(), gaps))
        .prop_map(move |(parts, gaps)| {
            let (mut parts, mut gaps) = (parts.into_iter(), gaps.into_iter());
            let mut out = String::new();
            for c in pattern.chars() {
                match c {
                    '@' => out.push_str(&parts.next().unwrap_or_default()),
                    '~' => out.push_str(&gaps.next().unwrap_or_default()),
                    c => out.push(c),
                }
            }
            out
        })
        .boxed()
}

fn leaf() -> BoxedStrategy<String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a", "total", "not_in", "inside", "null", "TRUE", "{}", "[]", "12", "1.50", ".5", "7.", "'x'",
            "\"\"", "\"a\\\"b\"", "'31-Jan-2024'", "zoho.currentdate", "-1", "!ok", "- -2", "Map()",
            "a_very_long_name_for_one_single_variable", "\"// no comment\"", "\"line\nbreak\"", "List:Int()",
        ]).prop_map(str::to_owned),
        1 => "[a-z<> ]{0,60}".prop_map(|text| format!("\"{text}\"")),
    ]
    .boxed()
}

fn operator() -> BoxedStrategy<String> {
    prop::sample::select(vec![
        " + ",
        " - ",
        " * ",
        " / ",
        " % ",
        " == ",
        " != ",
        " < ",
        " >= ",
        " && ",
        " || ",
        " in ",
        " not in ",
        " contains ",
        " = ",
        "+",
        "&&",
    ])
    .prop_map(str::to_owned)
    .boxed()
}

fn expression() -> BoxedStrategy<String> {
    leaf()
        .prop_recursive(3, 16, 3, |inner| {
            let e = || inner.clone().boxed();
            prop_oneof![
                3 => spaced("@~@~@", vec![e(), operator(), e()]),
                2 => spaced("(~@~)", vec![e()]),
                1 => spaced("(@~.~trim(~)~.put(@,~@~)).get(@)", vec![e(), e(), e(), e()]),
                1 => spaced("f(~@~,~@~)", vec![e(), e()]),
                1 => spaced("if(~@,~@,~@)", vec![e(), e(), e()]),
                1 => spaced("{~@~,~@~,@~,}", vec![e(), e(), e()]),
                1 => spaced("{~@~:~@~,~@:@}", vec![e(), e(), e(), e()]),
                1 => spaced("[~@~]", vec![e()]),
                1 => spaced("m[~@~]", vec![leaf()]),
                1 => spaced("(@~)~is~ not null", vec![e()]),
                1 => spaced("! ~(@)", vec![e()]),
                1 => spaced("invokeurl~[~url~:~@\ntype:POST\n~headers :@~]", vec![e(), e()]),
                1 => spaced("Collection(~@~:~@~)", vec![e(), e()]),
            ]
        })
        .boxed()
}

fn statement() -> BoxedStrategy<String> {
    let e = expression;
    let simple = prop_oneof![
        4 => spaced("~x = @~;~", vec![e()]),
        1 => spaced("~x.y += ~@~;", vec![e()]),
        1 => spaced("~x[@~] = @;", vec![e(), e()]),
        1 => spaced("~info ~@~;", vec![e()]),
        1 => spaced("~return~ @;", vec![e()]),
        1 => spaced("~throw (@);", vec![e()]),
        1 => spaced("~f(@)~;~;", vec![e()]),
        1 => spaced("~sendmail~[~to : @\n~Attachments :file:@,~file:@~]~", vec![e(), e(), e()]),
    ];
    simple
        .prop_recursive(3, 10, 3, |inner| {
            let s = || prop::collection::vec(inner.clone(), 0..3).prop_map(|all| all.concat()).boxed();
            let e = expression;
            prop_oneof![
                spaced("~if~(~@~)~{~@~}~", vec![e(), s()]),
                spaced("~if(@) {~@~}~else~ if(@){@}~else~{~@}", vec![e(), s(), e(), s(), s()]),
                spaced("~for each ~x in ~@~{~@~}", vec![e(), s()]),
                spaced("~while~(~@) {~@~break;~}", vec![e(), s()]),
                spaced("~try~{~@~}~catch~(~e)~{~@~}~;", vec![s(), s()]),
            ]
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 400, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_generated_script_keeps_its_meaning_and_is_formatted_once(
        functions in prop::collection::vec(prop::collection::vec(statement(), 0..2), 0..2),
        body in prop::collection::vec(statement(), 1..3),
    ) {
        let mut script = body.concat();
        for (number, function) in functions.iter().enumerate() {
            script = format!("{script}\nvoid ns.f{number}(String a, b) {{{}}}\n", function.concat());
        }
        prop_assume!(format(&script).is_ok());
        check("generated", &script);
    }
}
