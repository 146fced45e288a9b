//! `sluis repl` with a pipe.

use crate::home::{Ended, Home};

fn repl(input: &str) -> Ended {
    Home::new().pipe(&["repl"], input)
}

#[test]
fn variables_stay_from_line_to_line() {
    let ended = repl("x = 1\ninfo x + 1\nx + 41\n");
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "2\n42\n", ""));
}

#[test]
fn two_names_for_one_list_stay_two_names_for_one_list() {
    let ended = repl("a = {1, 2}\nb = a\nb.add(3)\na\n\"5\"\nnull\n");
    assert_eq!(ended.out, "[1,2,3]\n\"5\"\nnull\n", "{}", ended.err);
}

#[test]
fn an_input_goes_on_until_its_brackets_are_closed() {
    let ended = repl("for each n in {1, 2}\n{\ninfo n;\n}\n");
    assert_eq!(ended.out, "1\n2\n", "{}", ended.err);
}

#[test]
fn a_function_declared_at_the_prompt_is_called_later_and_faults_in_its_own_input() {
    let ended = repl("int half(int n) { return n / 0; }\nx = 5\nhalf(x)\nx\n");
    assert!(ended.err.contains("repl:1:1:") && ended.err.contains("E0408"), "{}", ended.err);
    assert_eq!(ended.out, "5\n");
}

#[test]
fn errors_name_the_input_and_the_prompt_goes_on() {
    let ended = repl("x = 1\ninfo unknown_thing(x)\ninfo x\n");
    assert!(ended.err.contains("repl:2:1:6"), "{}", ended.err);
    assert_eq!((ended.code, ended.out.as_str()), (0, "1\n"));
}

#[test]
fn help_of_a_built_in_shows_its_examples() {
    let ended = repl(":help trim\n:help invokeConnector\n:help trimm\n:atuhorize gcontacts\n");
    assert!(ended.out.contains("text.trim()") && ended.out.contains("→  a b"), "{}", ended.out);
    assert!(ended.out.contains("invokeConnector(api, [data], [options])"), "{}", ended.out);
    assert!(ended.err.contains("did you mean `trim`?"), "{}", ended.err);
    assert!(ended.err.contains("did you mean `:authorize`?"), "{}", ended.err);
}

#[test]
fn variables_are_listed_and_forgotten() {
    let ended = repl("x = {\"a\": 1}\n:vars\n:reset\n:vars\ninfo x\n");
    assert_eq!(ended.out, "x = {\"a\":1}\n", "{}", ended.err);
    assert!(ended.err.contains("E0204"), "{}", ended.err);
}

#[test]
fn a_file_is_loaded_with_its_functions() {
    let home = Home::new();
    let file = home.file("double.dg", "int double(int n) { return n * 2; }\nbase = 21;\n");
    let ended = home.pipe(&["repl"], &format!(":load {file}\ndouble(base)\n"));
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("42\n", ""));
}

#[test]
fn a_prompt_that_calls_nothing_makes_no_store() {
    let home = Home::new();
    home.pipe(&["repl"], "1 + 1\n:quit\ninfo \"never\"\n");
    assert!(!home.path(".local/share/sluis/sluis.redb").exists());
}
