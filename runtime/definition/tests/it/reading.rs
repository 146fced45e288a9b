//! Reading as a whole: limits, places, secrets.

use sluis_definition::{Problem, read};
use sluis_model::connector::Body;

const GOOD: &str = "\
sluis: 1
namespace: pets
service: { name: Pets }
auth: { scheme: none }
hosts: [pets.example.com]
apis:
  list: { method: GET, url: https://pets.example.com/pets }
";

fn problems(text: &str) -> Vec<Problem> {
    read("connector.yaml", text, &|name| Err(format!("no {name}"))).unwrap_err()
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n{problem:?}\n")).collect()
}

#[test]
fn scripts_take_the_place_of_their_names() {
    let text = format!("{GOOD}hooks: {{ on_authorize: \"file:a.dg\", on_revoke: \"info 1;\" }}\n");
    let definition = read("f", &text, &|name| Ok(format!("// {name}\nreturn true;"))).unwrap();
    assert_eq!(definition.hooks.on_authorize.as_deref(), Some("// a.dg\nreturn true;"));
    assert_eq!(definition.hooks.on_revoke.as_deref(), Some("info 1;"));
}

#[test]
fn all_problems_are_told_in_one_run_in_order() {
    let text = GOOD
        .replace("sluis: 1", "sluis: 2")
        .replace("namespace: pets", "namespace: my-pets")
        .replace("Pets }", "Pets, colour: red }")
        .replace("[pets", "[HTTP://pets")
        .replace("method: GET", "metod: GET");
    let lines: Vec<u32> = problems(&text).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [1, 2, 3, 5, 7, 7]);
}

#[test]
fn a_problem_points_at_its_place() {
    let text = GOOD.replace("https://pets", "https://dogs");
    let [problem] = &problems(&text)[..] else { panic!() };
    assert_eq!((problem.line, problem.column, problem.path.as_str()), (7, 29, "apis.list.url"));
    assert_eq!(problem.width as usize, "https://dogs.example.com/pets".len());
}

#[test]
fn carets_stand_right_behind_letters_of_many_bytes() {
    let text = GOOD.replace("{ name: Pets }", "{ name: Bücherei, naam: x }");
    let drawn = problems(&text)[0].to_string();
    let lines: Vec<&str> = drawn.lines().collect();
    let column = |line: &str, what: char| line.chars().position(|c| c == what).unwrap();
    assert_eq!(
        column(lines[2], '^'),
        lines[1]
            .chars()
            .collect::<String>()
            .find(" naam")
            .map(|at| lines[1][..at].chars().count() + 1)
            .unwrap()
    );
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown() {
    let auth = "auth:
  scheme: oauth2_authorization_code
  authorize_url: http://provider.example.com/authorize
  token_url: https://provider.example.com/token
  client: canary-client-id
  client_id: canary-id
  client_secret: canary-secret
  clientSecret: [canary-list]
  authorize_params: { client_secret: canary-param, prompt: consent }
";
    let text = GOOD.replace("auth: { scheme: none }\n", auth);
    let found = problems(&text);
    let shown = shown(&found);
    assert!(!shown.contains("canary-"), "{shown}");
    for path in ["auth.client", "auth.client_id", "auth.client_secret", "auth.authorize_params.client_secret"]
    {
        let problem =
            found.iter().find(|problem| problem.path == path).unwrap_or_else(|| panic!("{path}: {shown}"));
        assert!(problem.help.as_ref().unwrap().contains("vault:NAME"), "{shown}");
    }
}

#[test]
fn a_secret_is_not_shown_by_a_problem_of_yaml_either() {
    for text in [
        "auth:\n  client_secret: \"canary-secret\n",
        "a: [\nclient_secret: canary-secret }\n",
        "client_secret: canary-secret: x\n",
    ] {
        let shown = shown(&problems(text));
        assert!(!shown.contains("canary-"), "{shown}");
    }
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let text = GOOD.replace("https://pets.", "https://me:canary-password@pets.");
    let shown = shown(&problems(&text));
    assert!(!shown.contains("canary-") && shown.contains("credentials come from"), "{shown}");
}

#[test]
fn what_is_quoted_from_the_file_is_short_and_harmless() {
    let text = GOOD.replace("https://pets.example.com/pets", &format!("\"\\e[31m{}\"", "x".repeat(5_000)));
    let found = problems(&text);
    assert!(found.iter().all(|problem| problem.to_string().len() < 2_000), "{found:?}");
    assert!(!shown(&found).contains('\u{1b}'), "{found:?}");
}

#[test]
fn a_placeholder_called_client_id_is_a_matter_of_the_api() {
    let text =
        GOOD.replace("/pets }", "/pets, query: { client_id: '${client_id}' }, inputs: { client_id: {} } }");
    read("f", &text, &|_| panic!()).unwrap();
}

#[test]
fn a_file_that_grows_when_read_is_refused() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..9 {
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","));
    }
    let deep = format!("a: {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let wide = format!("a: [{}]", "1,".repeat(100_000));
    let big = "#".repeat(2_000_000);
    for (name, text) in [("bomb", bomb), ("deep", deep), ("wide", wide), ("big", big)] {
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{name}");
        assert!(found[0].to_string().lines().all(|line| line.chars().count() < 600), "{name}: {}", found[0]);
    }
}

#[test]
fn what_is_no_connector_gives_problems_and_no_panic() {
    for text in [
        "",
        " \n",
        "~",
        "1",
        "- a\n- b",
        "text",
        "{}",
        "a: b: c",
        "\t",
        "a: *nobody",
        "? [x]\n: y",
        "---\na: 1\n---\nb: 2\n",
        "a: 1\na: 2",
        "\u{feff}sluis: 1",
        "%YAML 9.9\n---\na",
        "!!binary x",
        "sluis: .inf",
        "sluis: 99999999999999999999999",
    ] {
        let found = problems(text);
        assert!(!found.is_empty(), "{text:?}");
        assert!(found.iter().all(|problem| problem.line >= 1 && problem.column >= 1), "{text:?}");
    }
}

#[test]
fn numbers_and_texts_of_a_body_stay_what_they_are() {
    let text = GOOD.replace(
        "{ method: GET, url: https://pets.example.com/pets }",
        "{ method: POST, url: https://pets.example.com/pets, body: { json: { a: 1, b: \"1\", c: yes, d: true, e: ~, f: 1.5, g: 010 } } }",
    );
    let definition = read("f", &text, &|_| panic!()).unwrap();
    let Some(Body::Json(json)) = &definition.apis["list"].body else { panic!() };
    assert_eq!(json.to_string(), r#"{"a":1,"b":"1","c":"yes","d":true,"e":null,"f":1.5,"g":"010"}"#);
}
