//! What texts mean and what is said of those that mean nothing.

use super::*;

fn names(template: &Template) -> Vec<(&str, Need)> {
    let mut names = Vec::new();
    template.visit_names(&mut |name, need| names.push((name, need)));
    names
}

#[test]
fn a_template_is_literals_and_slots() {
    let template = Template::parse("/v1/${id}/x-${First_Name}$").unwrap();
    assert_eq!(names(&template), [("id", Need::Must), ("First_Name", Need::Must)]);
    assert_eq!(template.segments().len(), 5);
    assert_eq!(Template::parse("${a}").unwrap().sole_name(), Some("a"));
    assert_eq!(Template::parse("a$b").unwrap().as_literal(), Some("a$b"));
    assert_eq!(Template::parse("$${a} ${b}").unwrap().segments()[0], Segment::Literal("${a} ".into()));
    assert_eq!(Template::parse("").unwrap().as_literal(), Some(""));
    assert_eq!(Template::parse("{a} {{").unwrap().as_literal(), Some("{a} {{"));
}

#[test]
fn in_a_url_braces_alone_are_placeholders_too_and_doubled_ones_are_text() {
    let template = Template::parse_with("/a/{id}/${b}/{{x}}/{c || 'me'}", Braces::Bare).unwrap();
    assert_eq!(names(&template), [("id", Need::Must), ("b", Need::Must), ("c", Need::May)]);
    assert_eq!(template.segments()[4], Segment::Literal("/{x}/".into()));
    assert_eq!(template.to_source(Braces::Bare), "/a/${id}/${b}/{{x}}/${c || 'me'}");
    assert_eq!(Template::parse_with("/a}b/$${id}", Braces::Bare).unwrap().as_literal(), Some("/a}b/${id}"));
}

#[test]
fn functions_take_names_texts_and_functions() {
    let text = "${hmac('sha256', key || 'k', lower(json_path(order, '$.id')))}";
    let template = Template::parse(text).unwrap();
    assert_eq!(template.to_string(), text);
    assert_eq!(names(&template), [("key", Need::May), ("order", Need::Must)]);
    let quoted = Template::parse("${ a||'it''s } here' }").unwrap();
    assert_eq!(
        quoted.sole_slot(),
        Some(&Expression::First(vec![Expression::Name("a".into()), Expression::Text("it's } here".into())]))
    );
    for fine in ["${now()}", "${now('unix')}", "${random(16)}", "${uuid( )}", "${hash('md5', a)}"] {
        assert!(Template::parse(fine).is_ok(), "{fine}");
    }
}

#[test]
fn what_is_no_placeholder_is_told_with_a_way_out() {
    let said = |text: &str| Template::parse(text).unwrap_err().to_string();
    assert_eq!(said("a ${b"), "`${b` is not a placeholder: its `}` is missing");
    assert_eq!(said("${}"), "`${}` is not a placeholder: it has no name");
    for bad in ["${ a}", "${a b}", "${1}", "${a${b}}", "${é}"] {
        assert!(said(bad).contains("a name "), "{bad}: {}", said(bad));
    }
    for (bad, why) in [
        ("${bas64(a)}", "there is no function `bas64`; did you mean `base64`?"),
        ("${eval(a)}", "functions here: base64, base64url"),
        ("${hash('sha265', a)}", "did you mean `sha256`?"),
        ("${hash(a, b)}", "name of a digest as 'text'; for example: ${hash('sha256', x)}"),
        ("${hmac('md5', a, b)}", "knows no digest 'md5'"),
        ("${base64()}", "takes 1 value, not 0"),
        ("${uuid(a)}", "takes no value, not 1"),
        ("${random(999)}", "1 to 64"),
        ("${json_path(a, 'b')}", "begins with `$`"),
        ("${a || \"b\"}", "single quotes"),
        ("${a || 'b}", "closing `'`"),
        ("${a || }", "a name, a 'text' or a function is wanted"),
        ("${a 'b'}", "`'b'` is not understood"),
        ("${base64(a}", "lacks its `)`"),
        ("${random(99999999999)}", "too large"),
    ] {
        assert!(said(bad).contains(why), "{bad}: {}", said(bad));
    }
    let nested = format!("${{{}a{}}}", "json(".repeat(40), ")".repeat(40));
    assert!(said(&nested).contains("nest deeper"));
}

#[test]
fn names_become_texts_where_they_have_one() {
    let template = Template::parse("${base64(user)}").unwrap();
    let with = template.sole_slot().unwrap().with(&|name| (name == "user").then(|| "o'x".to_owned()));
    assert_eq!(with.to_string(), "base64('o''x')");
    assert_eq!(Template::parse(&format!("${{{with}}}")).unwrap().sole_slot(), Some(&with));
}

#[test]
fn every_function_stands_in_the_table_once_and_its_example_is_one() {
    for known in FUNCTIONS {
        assert_eq!(known.function.name(), known.name);
        let template = Template::parse(&format!("${{{}}}", known.example)).unwrap();
        assert!(
            matches!(template.sole_slot(), Some(Expression::Call(function, _)) if *function == known.function)
        );
    }
}
