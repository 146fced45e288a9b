//! What the parser says about scripts that are wrong, and that it still reads the rest.

use sluis_lang::syntax::{ParseOptions, dump, parse, parse_with};

fn codes(text: &str) -> Vec<&'static str> {
    parse(text).1.iter().map(|d| d.code.0).collect()
}

fn lines(text: &str) -> Vec<(usize, &'static str)> {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    parse(text).1.iter().map(|d| (line(d.span.start), d.code.0)).collect()
}

#[test]
fn five_syntax_errors_give_five_diagnostics() {
    let text = "\
x = 1 +;
y = (2 * 3;
if(x > 1) {
    info \"unclosed;
    z = {\"a\": 1, , \"b\": 2};
}
for x in y { info x; }
info \"fine\";
";
    let expected = [(1, "E0101"), (2, "E0105"), (4, "E0103"), (5, "E0101"), (7, "E0112")];
    assert_eq!(lines(text), expected, "{:#?}", parse(text).1);
}

#[test]
fn a_slip_is_reported_once_and_the_rest_is_read() {
    for (text, expected, tree) in [
        ("x = 1\ny = 2;", "E0102", "(= x 1) (= y 2)"),
        ("x = 1", "E0102", "(= x 1)"),
        ("if(a) { x = 1 }", "E0102", "(if a {(= x 1)})"),
        ("x = 1 +\ny = 2;", "E0101", "? (= y 2)"),
        ("x = ;\ny = 2;", "E0101", "? (= y 2)"),
        ("x =\ny = 2;", "E0101", "? (= y 2)"),
        ("f(1;\ny = 2;", "E0105", "f(1) (= y 2)"),
        ("f(1, ;\ny = 2;", "E0105", "? (= y 2)"),
        ("x = f(a b);\ny = 2;", "E0101", "(= x ?) (= y 2)"),
        ("x = [1, 2;\ny = 2;", "E0105", "(= x [1 2]) (= y 2)"),
        ("x = {1, 2;\ny = 2;", "E0105", "(= x [1 2]) (= y 2)"),
        ("if(a {\n x = 1;\n}\ny = 2;", "E0105", "(if a {(= x 1)}) (= y 2)"),
        ("if(f(a) {\n x = 1;\n}\ny = 2;", "E0105", "(if f(a) {(= x 1)}) (= y 2)"),
        ("if a {\n x = 1;\n}\ny = 2;", "E0101", "(if a {(= x 1)}) (= y 2)"),
        ("if(a) x = 1;\ny = 2;", "E0110", "(if a {(= x 1)}) (= y 2)"),
        ("if(a)\n x = 1;\nelse y = 2;", "E0110 E0110", "(if a {(= x 1)} else {(= y 2)})"),
        ("if(a) && (b) { x = 1; }\ny = 2;", "E0101", "(if (&& a b) {(= x 1)}) (= y 2)"),
        ("x = 1); y = 2;", "E0106", "(= x 1) (= y 2)"),
        ("}\ny = 2;", "E0106", "(= y 2)"),
        ("} } }\ny = 2;", "E0106", "(= y 2)"),
        ("if(a) {\n x = 1;", "E0105", "(if a {(= x 1)})"),
        ("while(a) { if(b) {", "E0105", "(while a {(if b {})})"),
        ("x = 99999999999999999999;\ny = 2;", "E0108", "(= x ?) (= y 2)"),
        ("x = €;\ny = 2;", "E0107", "(= x ?) (= y 2)"),
        ("x = 3 4;\ny = 2;", "E0101", "(= x 3) (= y 2)"),
        ("x.get(\"a\") = 3;\ny = 2;", "E0101", "? (= y 2)"),
        ("try { a(); }\ny = 2;", "E0101", "(try {a()} _ {}) (= y 2)"),
        ("else { a(); }\ny = 2;", "E0101", "? (= y 2)"),
        ("for each in list { a(); }\ny = 2;", "E0101", "? (= y 2)"),
        ("for each x list { a(); }\ny = 2;", "E0101", "? (= y 2)"),
        ("r = invokeurl [ url: \"a\" type: GET\ny = 2;", "E0105", ""),
        ("r = invokeurl [ url \"a\" type: GET ];\ny = 2;", "E0101", "(= r (invokeurl type:\"GET\")) (= y 2)"),
        ("r = invokeurl [ url: type: GET ];\ny = 2;", "E0101", ""),
        ("x = {\"a\":1, \"b\"};\ny = 2;", "E0101", "(= x ?) (= y 2)"),
        ("x.;\ny = 2;", "E0101", "? (= y 2)"),
        ("info;\ny = 2;", "E0101", "? (= y 2)"),
        ("/* open\ny = 2;", "E0104", ""),
        ("x = \"open\ny = 2;", "E0103", "(= x \"open\") (= y 2)"),
        ("void f() {\n if(a) {\n}\nvoid g() {\n}", "E0105", "(fn void f() {(if a {})}) (fn void g() {})"),
        ("if(a) { void f() { } }\ny = 2;", "E0101", "(fn void f() {}) (if a {}) (= y 2)"),
        ("x = true = false = ;\ny = 2;", "W0301 W0301 E0101", "? (= y 2)"),
    ] {
        assert_eq!(codes(text).join(" "), expected, "{text}\n{:#?}", parse(text).1);
        if !tree.is_empty() {
            assert_eq!(dump::program(&parse(text).0), tree, "{text}");
        }
    }
}

#[test]
fn constructs_of_other_languages_are_explained_once() {
    for (text, help) in [
        ("x = a > 1 ? b : c;", "if(a > 1, b, c)"),
        ("i++;", "i = i + 1"),
        ("--i;", "i = i - 1"),
        ("x = i++ + 1;", "i = i + 1"),
        ("x = y => y + 1;", "for each"),
        ("x = (a, b) -> { c(); };", "for each"),
        ("l.forEach(x => { info x; });", "for each"),
        ("l.map(function(x) { return x; });", "for each"),
        ("for (i = 0; i < 3; i++) { info i; }", "for each"),
        ("for (i = 0; i < 3; i++)\n{ info i; }", "for each"),
        ("for x in l { info x; }", "for each x in list"),
        ("for each (x in l) { info x; }", "for each x in list"),
        ("for each i in 1 to 5 { info i; }", "while"),
        ("foreach x in l { info x; }", "for each x in list"),
        ("foreach (x in l) { info x; }", "for each x in list"),
        ("function f(a) { return a; }", "void f"),
        ("void function f(a) { return; }", "void f"),
        ("let x = 3;", "x = "),
        ("const x = 3;", "x = "),
        ("String x = \"a\";", "x = "),
        ("switch (x) { case 1: a(); break; default: b(); }", "else if"),
        ("if(a) { } elif(b) { } else { }", "else if"),
        ("if(a) { } elseif(b) { }", "else if"),
        ("x = a === b;", "=="),
        ("x = a !== b;", "!="),
        ("x = a <> b;", "!="),
        ("x = null ?? y;", "ifnull"),
        ("x = a?.b;", "ifnull"),
        ("x = a ** 2;", "power"),
        ("x = a & b;", "&&"),
        ("x = a | b;", "||"),
        ("if(a and b) { }", "&&"),
        ("if(a or b) { }", "||"),
        ("if(not a) { }", "!"),
        ("x = ${a};", "+"),
        ("x = `a ${b}`;", "+"),
        ("x = new Map();", "Map()"),
        ("x = await f();", "wait"),
        ("do { a(); } while(b);", "while"),
        ("print x;", "info"),
        ("info(a, b);", "info a"),
        ("x := 3;", "="),
        ("try { a(); } catch (e) { } finally { b(); }", "after the `catch`"),
        ("try { a(); } catch (Exception e) { }", "catch (e)"),
        ("# note\nx = 1;", "//"),
        ("class A { b = 1; }", "map"),
    ] {
        let text = format!("{text}\nlast = 1;");
        let (program, diagnostics) = parse(&text);
        let found: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
        assert_eq!(found.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["E0112"], "{text}\n{found:#?}");
        let said = found[0].help.clone().unwrap_or_default();
        assert!(said.contains(help), "{text}: {said}");
        assert!(dump::program(&program).ends_with("(= last 1)"), "{text}");
    }
}

#[test]
fn creator_statements_are_refused_one_by_one() {
    for text in [
        "alert \"x\";",
        "alert(\"x\");",
        "cancel submit;",
        "id = insert into Form [ Name = \"a\" Age = 3 Added_User = zoho.loginuser ];",
        "insert into Form\n[\n Name = \"a\";\n Age = 3;\n]",
        "delete from Form[ID == 3];",
        "r = Form[ID == 5];",
        "rs = Form[x > 2 && y == \"a\"] sort by f desc range from 0 to 9;",
        "for each r in Form[ID != 0] { info r; }",
        "c = Form[Name is null].count();",
        "show Field;",
        "hide Field;",
        "disable Field;",
        "enable Form.Field;",
        "reload Field;",
        "set Field = \"a\";",
        "append \"a\" to Field;",
        "select \"a\" from Field;",
        "alert \"a\" + b.c(1, {\"k\":2});",
        "delete from Form[ID == input.ID && Name != \"a]b\"];",
        "delete from Form[ (a == 1) || (b.contains(\"x\")) ];",
        "id = insert into Form\n[\n  // who\n  Name = x.get(\"a\")\n  Total = (1 + 2) * 3\n];",
        "insert into Form [ Name = \"a\", Age = 3 ];",
        "rs = Form[ID != 0 && (x in y || z == 'a')];",
        "rs = Form[ID > 5] sort by a, b desc;",
        "rs = Form[ID > 5] range from 1 to n + 2;",
        "for each r in Form[ID != 0] sort by x { info r.y; }",
        "n = Form[Status == \"new\"].count();",
        "s = Form[ID != 0].sum(Total);",
        "l = Form[ID != 0].Name.getAll();",
    ] {
        let text = format!("{text}\nlast = 1;");
        assert_eq!(codes(&text), ["E0111"], "{text}\n{:#?}", parse(&text).1);
        assert!(dump::program(&parse(&text).0).ends_with("(= last 1)"), "{text}");
    }
}

#[test]
fn creator_statements_inside_blocks_and_functions_leave_the_rest_readable() {
    for text in [
        "if(a == 1)\n{\n  alert \"x\";\n  b = 2;\n}\nelse\n{\n  cancel submit;\n}\nlast = 1;",
        "for each x in {1,2}\n{\n  if(x == 1)\n  {\n    hide Field;\n  }\n  id = insert into F [ A = x ];\n}\nlast = 1;",
        "try\n{\n  delete from F[ID == 1];\n}\ncatch (e)\n{\n  alert e;\n}\nlast = 1;",
        "f()\n{\n  show Field;\n  rs = F[ID != 0];\n  return;\n}\nlast = 1;",
    ] {
        let found = codes(text);
        assert!(found.iter().all(|code| *code == "E0111"), "{text}\n{:#?}", parse(text).1);
        let wanted = ["alert", "cancel", "hide", "insert", "delete", "show", "F[ID != 0]"];
        assert_eq!(found.len(), wanted.iter().filter(|word| text.contains(**word)).count(), "{text}");
        assert!(dump::program(&parse(text).0).ends_with("(= last 1)"), "{text}");
    }
}

#[test]
fn creator_statements_that_are_cut_off_are_refused_without_a_cascade() {
    for text in [
        "alert",
        "alert \"x\"",
        "cancel submit",
        "insert into",
        "insert into F",
        "insert into F [",
        "id = insert into F [ Name = \"a\"",
        "insert into F [ Name = \"a\";",
        "delete from",
        "delete from F",
        "delete from F[ID ==",
        "show Field",
        "rs = F[ID == 1] sort by",
        "rs = F[ID == 1] range from",
        "if(a) { alert \"x\"",
    ] {
        let found = codes(text);
        let own = found.iter().filter(|code| **code == "E0111").count();
        assert!(own <= 1 && found.len() <= 2, "{text}\n{:#?}", parse(text).1);
    }
}

#[test]
fn a_page_template_is_refused_once() {
    for text in [
        "<%{\n  x = 1;\n%>\n<div class='a'>it's <%=x%></div>\n<%}%>",
        "  <div>don't</div>\n<% for each r in Form[ID != 0] { %><b><%=r.Name%></b><% } %>",
        "htmlpage view(a, b)\ndisplayname = \"V\"\ncontent\n<%{%>\n<p>it's</p>\n<%}%>",
    ] {
        let (program, found) = parse(text);
        assert_eq!(found.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["E0111"], "{text}\n{found:#?}");
        assert!(found[0].help.as_ref().unwrap().contains("HTML"));
        assert_eq!(&text[found[0].span.range()], "<%");
        assert!(program.body.is_empty());
    }
    assert_eq!(codes("html = \"<%= x %>\"; // <% no\nx = a < b;"), Vec::<&str>::new());
}

#[test]
fn at_a_prompt_the_last_semicolon_may_be_missing() {
    let options = ParseOptions { last_semicolon_optional: true };
    for (text, tree) in [
        ("x = 1", "(= x 1)"),
        ("info x", "(info x)"),
        ("x = 1; x", "(= x 1) x"),
        ("break", "break"),
        ("return", "(return)"),
    ] {
        let (program, diagnostics) = parse_with(text, options);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(dump::program(&program), tree);
    }
    let codes: Vec<_> = parse_with("if(a) { x = 1 }", options).1.iter().map(|d| d.code.0).collect();
    assert_eq!(codes, ["E0102"]);
}

#[test]
fn an_unclosed_bracket_names_where_it_was_opened() {
    let text = "x = f(1,\n  2;\n";
    let found = &parse(text).1[0];
    assert_eq!(&text[found.labels[0].span.range()], "(");
    assert_eq!(found.span.start as usize, text.find("2;").unwrap() + 1);
}

/// Runs in a thread with a small stack, as on a server.
fn with_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

#[test]
fn depth_bombs_are_refused_without_overflowing_the_stack() {
    const N: usize = 1_000_000;
    const M: usize = N / 20;
    let bombs: Vec<(String, &str)> = vec![
        ("(".repeat(N), "open"),
        (format!("x = {}1{};", "(".repeat(N), ")".repeat(N)), "closed"),
        (format!("x = {}1{};", "[".repeat(M), "]".repeat(M)), "closed"),
        (format!("x = {}1{};", "{".repeat(M), "}".repeat(M)), "closed"),
        ("{".repeat(N), "open"),
        (format!("x = {}1;", "!".repeat(N)), "closed"),
        (format!("x = {}1;", "- ".repeat(M)), "closed"),
        (format!("x = a{};", ".b()".repeat(M)), "closed"),
        (format!("x = a{};", "[0]".repeat(M)), "closed"),
        ("[".repeat(N), "open"),
        (format!("x = {}1{};", "f(".repeat(M), ")".repeat(M)), "closed"),
        (format!("x = {}1{};", "{\"a\":".repeat(M), "}".repeat(M)), "closed"),
        (format!("x = a{};", " + a".repeat(100_000)), "closed"),
        (format!("x = a{};", " ? a : b".repeat(100_000)), "open"),
        (format!("x = {}1;", "a ? ".repeat(M)), "open"),
        (format!("x = {}1;", "a => ".repeat(M)), "open"),
        (format!("x = {}1;", "new ".repeat(M)), "open"),
        ("if(a) {".repeat(M), "open"),
        (format!("{}{}", "if(a) {".repeat(M), "}".repeat(M)), "closed"),
        ("if(a) ".repeat(M), "open"),
        ("else ".repeat(M), "open"),
        ("if(a) { } else ".repeat(M), "open"),
        ("while(a) ".repeat(M), "open"),
        ("for each x in y ".repeat(M), "open"),
        ("try {".repeat(M), "open"),
        ("void f() {".repeat(M), "open"),
        ("\nvoid f() {".repeat(M), "open"),
        (format!("x = {};", "invokeurl [ url: ".repeat(M)), "open"),
        ("}".repeat(M), "open"),
        ("$".repeat(M), "open"),
        ("${".repeat(M), "open"),
        ("\"\n".repeat(M), "open"),
        (format!("\"{}", ")".repeat(M)), "open"),
        ("/*".repeat(M), "open"),
        ("a ".repeat(M), "open"),
        (format!("{}{}", "(".repeat(M), "]".repeat(M)), "open"),
        ("+ a.\na.\n".repeat(M), "open"),
        ("foreach\nif\n".repeat(M), "open"),
        ("insert into f [\n".repeat(M / 5), "open"),
        ("a.".repeat(M), "open"),
    ];
    for (bomb, kind) in bombs {
        let shown: String = bomb.chars().take(40).collect();
        let begun = std::time::Instant::now();
        with_small_stack(move || {
            let (program, diagnostics) = parse(&bomb);
            assert!(!diagnostics.is_empty(), "{shown}");
            if kind == "closed" {
                let codes: Vec<_> = diagnostics.iter().map(|d| d.code.0).collect();
                assert_eq!(codes, ["E0109"], "{shown}");
            }
            drop(program);
            assert!(begun.elapsed().as_secs() < 30, "{shown} took {:?}", begun.elapsed());
        });
    }
}

#[test]
fn real_depths_are_fine() {
    let chain = format!("x = a{};", " + \"<td>\" + a".repeat(450));
    let nested = format!("x = {}1{};", "if(a, b, ".repeat(60), ")".repeat(60));
    let arms = format!("if(a) {{ }}{}", " else if(b) { }".repeat(5000));
    let list = format!("x = {{{}}};", "1,".repeat(100_000));
    for text in [chain, nested, arms, list] {
        with_small_stack(move || assert_eq!(codes(&text), Vec::<&str>::new()));
    }
}
