//! The style, case by case: what an author writes, and what comes out.

use sluis_lang::format::{LINE_WIDTH, TAB_WIDTH, format};

/// Asserts what comes out, and that it stays so.
fn becomes(text: &str, expected: &str) {
    let formatted = format(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"));
    assert_eq!(formatted, expected, "\n{formatted}");
    assert_eq!(format(&formatted).as_deref(), Ok(expected), "formatting again changed it");
}

/// What is written is already as it should be.
fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn blocks_have_their_braces_on_their_own_lines() {
    becomes(
        "IF (a){x();}else   if(b) {y();} Else {z();}",
        "if(a)\n{\n\tx();\n}\nelse if(b)\n{\n\ty();\n}\nelse\n{\n\tz();\n}\n",
    );
    becomes("for each  x in {1,2} { info x; }", "for each x in {1, 2}\n{\n\tinfo x;\n}\n");
    becomes("for each index i in l {}", "for each index i in l\n{\n}\n");
    becomes("while ((a<1)) { break; }", "while(a < 1)\n{\n\tbreak;\n}\n");
    becomes("try{a();}catch(e){info e;}", "try\n{\n\ta();\n}\ncatch (e)\n{\n\tinfo e;\n}\n");
}

#[test]
fn a_function_is_written_like_its_calls_and_stands_apart() {
    becomes(
        "x=1;\nstring  standalone.f( String a,Int b ){return a+b;}\nvoid g(){}\ny=2;",
        "x = 1;\n\nstring standalone.f(String a, Int b)\n{\n\treturn a + b;\n}\n\nvoid g()\n{\n}\n\ny = 2;\n",
    );
    becomes("key-value f(key-value m){return m;}", "key-value f(key-value m)\n{\n\treturn m;\n}\n");
}

#[test]
fn operators_and_commas_have_their_blanks() {
    becomes("x=a+b*-c;y = !a&&b||c;", "x = a + b * -c;\ny = !a && b || c;\n");
    becomes("x += - -1;m.put( \"a\",1 );", "x += - -1;\nm.put(\"a\", 1);\n");
    becomes("x = a  not   in {1}; y = b is  not null;", "x = a not in {1};\ny = b is not null;\n");
    becomes("c = Collection(\"a\":1,\"b\" :2);", "c = Collection(\"a\": 1, \"b\": 2);\n");
    becomes(
        "l = List : String( {1} ); m = {\"a\":{},\"b\":[ 1 ]};",
        "l = List:String({1});\nm = {\"a\": {}, \"b\": [1]};\n",
    );
    becomes("input . Name = l [ 0 ] ;", "input.Name = l[0];\n");
}

#[test]
fn literals_keep_the_spelling_of_the_author() {
    stays("x = 'it' + \"a\\qb\\\"\" + 1.50 + .5 + 5. + 00;\n");
    stays("f();\nx = \"two\r\nlines  \n\";\n");
    becomes("x = 5. .toString();", "x = 5. .toString();\n");
}

#[test]
fn brackets_stay_where_they_matter_and_around_parts() {
    becomes("x = ((a + b));", "x = a + b;\n");
    becomes("x = (a + b) * ((c));", "x = (a + b) * (c);\n");
    becomes("return ( x );", "return x;\n");
    stays("x = (a && b) || c;\n");
    stays("info (contains);\n");
}

#[test]
fn a_task_has_one_key_on_each_line() {
    becomes(
        "r = invokeurl [url :\"x\" type :GET response-format: FILE content  type : HTML]",
        "r = invokeurl\n[\n\turl: \"x\"\n\ttype: GET\n\tresponse-format: FILE\n\tcontent type: HTML\n];\n",
    );
    becomes(
        "sendmail [ from:zoho.adminuserid, to : a\n\n// c\nAttachments :file:x,file : y ]",
        "sendmail\n[\n\tfrom: zoho.adminuserid\n\tto: a\n\n\t// c\n\tAttachments: file:x, file:y\n];\n",
    );
}

#[test]
fn empty_statements_and_last_commas_go() {
    becomes("x();; ;if(a){};f(1,2,);", "x();\nif(a)\n{\n}\nf(1, 2);\n");
}

#[test]
fn one_empty_line_stays_and_none_at_the_edges_of_a_block() {
    becomes("\n\nx();\n\n\n\ny();\nif(a) {\n\nz();\n\n}\n\n\n", "x();\n\ny();\nif(a)\n{\n\tz();\n}\n");
}

#[test]
fn comments_stay_with_what_they_are_about() {
    stays("// head\n\n// about f\nvoid f()\n{\n\t// first\n\tx(); // behind\n\n\t// last\n}\n// end\n");
    stays("if(a)\n{\n\tx();\n} // done\n// otherwise\nelse\n{\n}\n");
    stays("try\n{\n}\n// when it fails\ncatch (e)\n{\n\t// nothing\n}\n");
    stays("m = {\n\t\"a\": 1, // one\n\t// two\n\t\"b\": 2\n\t// last\n};\n");
    stays("r = invokeurl\n[\n\t// where\n\turl: \"x\" // there\n\ttype: GET\n\t// end\n];\n");
    becomes("if(a) { // why\nx(); }", "if(a) // why\n{\n\tx();\n}\n");
    becomes("x = f(/* n */ 1); /* after */", "x = f(/* n */ 1); /* after */\n");
    becomes("x = 1 // one\n;", "x = 1; // one\n");
    becomes("sendmail [to:a] // sent\nx();", "sendmail\n[\n\tto: a\n]; // sent\nx();\n");
    becomes("f(1, // one\n2);", "f(\n\t1, // one\n\t2\n);\n");
    becomes("if(a){\n/* one\n   * two */\nx();}", "if(a)\n{\n\t/* one\n\t * two */\n\tx();\n}\n");
    stays("// only a comment\n");
}

#[test]
fn a_long_line_is_broken_where_it_binds_least() {
    let name = "a_rather_long_name_of_a_variable";
    becomes(
        &format!("if({name} == 1 && {name} != 2 || {name} > 3 && {name} < 4) {{ x(); }}"),
        &format!("if({name} == 1 && {name} != 2\n\t|| {name} > 3 && {name} < 4)\n{{\n\tx();\n}}\n"),
    );
    becomes(
        &format!("x = {0} + {0} + {0} + \"{0}\";", name),
        &format!("x = {0} + {0} + {0}\n\t+ \"{0}\";\n", name),
    );
    becomes(
        &format!("call({0}, {0}, {0}, {0});", name),
        &format!("call(\n\t{0},\n\t{0},\n\t{0},\n\t{0}\n);\n", name),
    );
    becomes(
        &format!(
            "x = {name}.trim().toLowerCase().replaceAll(\"aaaaaaaaaaaaaaaaaaa\",\"b\").getPrefix(\"cccccccccccccc\");"
        ),
        &format!(
            "x = {name}\n\t.trim()\n\t.toLowerCase()\n\t.replaceAll(\"aaaaaaaaaaaaaaaaaaa\", \"b\")\n\t.getPrefix(\"cccccccccccccc\");\n"
        ),
    );
}

#[test]
fn short_items_of_a_long_list_stand_side_by_side() {
    let numbers: Vec<String> = (100..160).map(|n| n.to_string()).collect();
    let formatted = format(&format!("x = {{{}}};", numbers.join(","))).expect("it parses");
    assert!(formatted.starts_with("x = {\n\t100, 101, 102"), "{formatted}");
    assert!(formatted.lines().count() < 8, "{formatted}");
}

#[test]
fn a_literal_that_ends_a_call_opens_on_its_line() {
    becomes(
        "l.add({\n\"a\":1,\"b\":2});\nm.put(\"k\",{\n1});",
        "l.add({\n\t\"a\": 1,\n\t\"b\": 2\n});\nm.put(\"k\", {\n\t1\n});\n",
    );
}

#[test]
fn lines_that_the_author_ended_at_a_plus_stay_ended() {
    becomes(
        "html = \"<ul>\" +\n\"<li>\" + x\n+ \"</ul>\";",
        "html = \"<ul>\"\n\t+ \"<li>\" + x\n\t+ \"</ul>\";\n",
    );
}

#[test]
fn no_line_is_wider_than_it_may_be_if_it_can_be_broken() {
    let text = "x = ".to_owned() + &vec!["f(a, \"bcd\", {1, 2})"; 40].join(" + ") + ";";
    for line in format(&text).expect("it parses").lines() {
        let width = line.chars().map(|c| if c == '\t' { TAB_WIDTH } else { 1 }).sum::<usize>();
        assert!(width <= LINE_WIDTH, "{width}: {line}");
    }
}

#[test]
fn line_endings_and_the_mark_are_kept() {
    becomes("\u{feff}x();\r\n// c\r\n\r\n\r\ny();", "\u{feff}x();\r\n// c\r\n\r\ny();\r\n");
    becomes("/* a\r\n * b */\r\nx();", "/* a\r\n * b */\r\nx();\r\n");
    becomes("x();   \n", "x();\n");
    becomes("", "");
    becomes("\n \n", "");
}

#[test]
fn what_cannot_be_read_is_refused_with_every_error() {
    let errors = format("x = ;\ny = (1;\nif(a = 1) { z(); }").expect_err("two errors");
    assert!(
        errors.len() >= 2 && errors.iter().all(sluis_lang::diagnostic::Diagnostic::is_error),
        "{errors:?}"
    );
    assert!(format("if(a = 1) { z(); }").is_ok(), "a warning stops nothing");
    assert!(format("alert \"x\";").is_err());
}
