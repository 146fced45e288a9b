//! What the parser understands: tables of script and tree.

use sluis_lang::syntax::{dump, parse};

#[track_caller]
fn reads(cases: &[(&str, &str)]) {
    for (text, tree) in cases {
        let (program, diagnostics) = parse(text);
        let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{text}\n{errors:#?}");
        assert_eq!(dump::program(&program), *tree, "{text}");
    }
}

#[test]
fn operators_bind_by_precedence() {
    reads(&[
        ("x = a + b * 2 - c;", "(= x (- (+ a (* b 2)) c))"),
        ("x = a || b && c == d + 1;", "(= x (|| a (&& b (== c (+ d 1)))))"),
        ("x = (a || b) && c;", "(= x (&& (|| a b) c))"),
        ("x = !a.isEmpty() && -b < 3;", "(= x (&& (! a.isEmpty()) (< (- b) 3)))"),
        ("x = a - b - c;", "(= x (- (- a b) c))"),
        ("x = a / b % c * d;", "(= x (* (% (/ a b) c) d))"),
        ("x = !!a;", "(= x (! (! a)))"),
        ("x = a - -1;", "(= x (- a (- 1)))"),
        ("x = a--1;", "(= x (- a (- 1)))"),
        ("x = a in {1,2} && b not in c;", "(= x (&& (in a [1 2]) (not-in b c)))"),
        ("x = a is null || b is not null;", "(= x (|| (is-null a) (is-not-null b)))"),
        ("x = a + 1 is null;", "(= x (is-null (+ a 1)))"),
        ("x = a contains \"b\" && c like \"d%\";", "(= x (&& (contains a \"b\") (like c \"d%\")))"),
        ("x += a + 1; x -= 1; x *= 2; x /= 3; x %= 4;", "(+= x (+ a 1)) (-= x 1) (*= x 2) (/= x 3) (%= x 4)"),
    ]);
}

#[test]
fn literals_are_read() {
    reads(&[
        ("x = 9223372036854775807;", "(= x 9223372036854775807)"),
        ("x = -9223372036854775808;", "(= x -9223372036854775808)"),
        ("x = 4.50; y = .45; z = 123.;", "(= x 4.50d) (= y 0.45d) (= z 123d)"),
        ("x = 5.toString(); y = 4.556.round(2);", "(= x 5.toString()) (= y 4.556d.round(2))"),
        ("x = TRUE; y = False; z = NULL;", "(= x true) (= y false) (= z null)"),
        ("x = \"a\\\"b\\n\"; y = '01-Jan-2024';", "(= x \"a\\\"b\\n\") (= y '01-Jan-2024')"),
        ("x = \"one\ntwo\";", "(= x \"one\\ntwo\")"),
        ("x = {}; y = []; z = {1,2,}; w = [1,2];", "(= x {}) (= y []) (= z [1 2]) (= w [1 2])"),
        ("x = {\"a\":1,\"b\":{\"c\":{}},};", "(= x {\"a\":1 \"b\":{\"c\":{}}})"),
        ("x = {\"trigger\":{\"workflow\"}};", "(= x {\"trigger\":[\"workflow\"]})"),
        ("x = List:String({\"a\"}); y = list:Int();", "(= x List:String([\"a\"])) (= y List:Int())"),
        ("x = Collection(\"a\":1, \"b\":2);", "(= x Collection(\"a\":1 \"b\":2))"),
    ]);
}

#[test]
fn calls_members_and_indexes_hang_onto_operands() {
    reads(&[
        ("x = a.get(\"b\").get(0).c;", "(= x a.get(\"b\").get(0).c)"),
        ("x = zoho.crm.invokeConnector(\"a.b\", m);", "(= x zoho.crm.invokeConnector(\"a.b\" m))"),
        ("x = a[0][i + 1].b[\"k\"];", "(= x a[0][(+ i 1)].b[\"k\"])"),
        ("x = if(a == 1, \"b\", if(c, d, e));", "(= x if((== a 1) \"b\" if(c d e)))"),
        ("x = IF(a,b,c) + IfNull(d, 0);", "(= x (+ IF(a b c) IfNull(d 0)))"),
        ("if(a, b, c).show();", "if(a b c).show()"),
        ("x = \"a\".trim() + (b + c).toString();", "(= x (+ \"a\".trim() (+ b c).toString()))"),
        ("a.b.c = 1; a[0] = 2; m.get(\"x\").y = 3;", "(= a.b.c 1) (= a[0] 2) (= m.get(\"x\").y 3)"),
        ("x = {\"a\":1}.get(\"a\");", "(= x {\"a\":1}.get(\"a\"))"),
        ("{1,2}.size();", "[1 2].size()"),
    ]);
}

#[test]
fn statements_are_read() {
    reads(&[
        ("if(a){b();}", "(if a {b()})"),
        ("IF (a) { } Else If (b) { } else { c(); };", "(if a {} b {} else {c()}) ;"),
        ("for each x in a.keys() { info x; }", "(each x a.keys() {(info x)})"),
        ("for each index i in {1,2,3} { break; continue; }", "(index i [1 2 3] {break continue})"),
        ("for each index in list { }", "(each index list {})"),
        ("while(i < 3) { i = i + 1; }", "(while (< i 3) {(= i (+ i 1))})"),
        ("Try { a(); } Catch (e) { info e; }", "(try {a()} e {(info e)})"),
        ("try { a(); } catch { b(); } try { } catch () { }", "(try {a()} _ {b()}) (try {} _ {})"),
        ("return; return a + 1;", "(return) (return (+ a 1))"),
        ("throw \"a\" + b; throw {\"message\":m};", "(throw (+ \"a\" b)) (throw {\"message\":m})"),
        (
            "info \"a\"; info(\"a\" + b); info(a).b; info {1};",
            "(info \"a\") (info (+ \"a\" b)) (info a.b) (info [1])",
        ),
        ("info -1; info !a; info [1];", "(info (- 1)) (info (! a)) (info [1])"),
        (";;", "; ;"),
    ]);
}

#[test]
fn keywords_are_names_where_they_stand_as_names() {
    reads(&[
        ("map = {\"a\":1}; info = 3; info info;", "(= map {\"a\":1}) (= info 3) (info info)"),
        ("thRow = 1; throw = 2; throw thRow;", "(= thRow 1) (= throw 2) (throw thRow)"),
        ("info.put(\"a\", 1); throw.b(); info[0] = 1;", "info.put(\"a\" 1) throw.b() (= info[0] 1)"),
        (
            "index = 1; each = 2; url = 3; type = 4; input = 5;",
            "(= index 1) (= each 2) (= url 3) (= type 4) (= input 5)",
        ),
        ("for each each in index { }", "(each each index {})"),
        ("for each index index in each { }", "(index index each {})"),
        ("x = contains + like; list = list(); try = 1;", "(= x (+ contains like)) (= list list()) (= try 1)"),
        ("alert = 1; show = 2; insert = show + alert;", "(= alert 1) (= show 2) (= insert (+ show alert))"),
        (
            "data.contains(\"x\"); match = 1; do = 2; new = 3; print = 4;",
            "data.contains(\"x\") (= match 1) (= do 2) (= new 3) (= print 4)",
        ),
    ]);
}

#[test]
fn one_equals_sign_inside_an_expression_compares_and_warns() {
    for (text, tree) in [
        ("if(a == 1 || b = 2) { }", "(if (|| (== a 1) (== b 2)) {})"),
        ("x = if(a = \"\", b, c);", "(= x if((== a \"\") b c))"),
        ("if(!a.get(\"x\") = \"\") { }", "(if (== (! a.get(\"x\")) \"\") {})"),
    ] {
        let (program, diagnostics) = parse(text);
        assert_eq!(dump::program(&program), tree);
        assert_eq!(diagnostics.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["W0301"], "{text}");
    }
}

#[test]
fn task_blocks_are_read_as_values_and_as_statements() {
    reads(&[
        (
            "r = invokeurl\n[\n\turl :\"https://a\"\n\ttype :GET\n\tparameters:m.toString()\n\theaders:{\"A\":\"b\"}\n\tconnection:\"c\"\n];",
            "(= r (invokeurl url:\"https://a\" type:\"GET\" parameters:m.toString() headers:{\"A\":\"b\"} connection:\"c\"))",
        ),
        (
            "r = invokeUrl [url:a + \"/b\" type:post, body:if(c,d,e) detailed:true]\nx = 1;",
            "(= r (invokeUrl url:(+ a \"/b\") type:\"POST\" body:if(c d e) detailed:true)) (= x 1)",
        ),
        (
            "invokeurl [url:u // where\n /* how */ content-type:\"x\" response-format:TEXT]",
            "(invokeurl url:u content-type:\"x\" response-format:\"TEXT\")",
        ),
        ("x = invokeurl[url:u].get(\"a\");", "(= x (invokeurl url:u).get(\"a\"))"),
        (
            "if(a) { sendmail [ from :zoho.adminuserid to :b reply to:c subject:\"s\" message:\"m\" Attachments :file:f ] }",
            "(if a {(sendmail from:zoho.adminuserid to:b reply to:c subject:\"s\" message:\"m\" Attachments:[f])})",
        ),
        ("x = launch [ speed: 1 ];", "(= x (launch speed:1))"),
        (
            "type = \"x\"; y = invokeurl [ url: type type: DELETE files: f ];",
            "(= type \"x\") (= y (invokeurl url:type type:\"DELETE\" files:f))",
        ),
    ]);
}

#[test]
fn functions_and_statements_share_a_file() {
    reads(&[
        ("void automation.sync(String id) { return; }", "(fn void automation.sync(String:id) {(return)})"),
        ("string f() { return \"a\"; } info f();", "(fn string f() {(return \"a\")}) (info f())"),
        ("f(a, b) { } x = f(1,2);", "(fn f(a b) {}) (= x f(1 2))"),
        (
            "info g(1);\nmap Ns.g(Int a, Nuevo_Empleado rec)\n{\n}",
            "(fn map Ns.g(Int:a Nuevo_Empleado:rec) {}) (info g(1))",
        ),
        ("key-value standalone.f(key-value m) { }", "(fn key-value standalone.f(key-value:m) {})"),
        ("a.b(c) { }", "(fn a.b(c) {})"),
    ]);
}

#[test]
fn marks_of_other_programs_and_comments_are_skipped() {
    reads(&[
        ("\u{feff}x = 1;\u{200b}\n// a\n/* b; */ y = 2; // c", "(= x 1) (= y 2)"),
        ("x /* a */ = /* b */ 1 /* c */ ;", "(= x 1)"),
        ("", ""),
        ("// nothing", ""),
        ("info .45;", "(info 0.45d)"),
        ("info contains(a, b);", "(info contains(a b))"),
    ]);
}

#[test]
fn spans_cover_the_bytes_they_name() {
    let text = "é = 1;";
    let (_, diagnostics) = parse(text);
    assert_eq!(&text[diagnostics[0].span.range()], "é");
    let text = "x = \"é\" + f(1) ; y = 2;";
    let (program, _) = parse(text);
    let spans: Vec<_> = program.body.iter().map(|stmt| &text[stmt.span.range()]).collect();
    assert_eq!(spans, ["x = \"é\" + f(1)", "y = 2"]);
    let text = "if(a) { b(); }  while(c) { }";
    let (program, _) = parse(text);
    let spans: Vec<_> = program.body.iter().map(|stmt| &text[stmt.span.range()]).collect();
    assert_eq!(spans, ["if(a) { b(); }", "while(c) { }"]);
}
