//! The statements, for those who look them up. The grammar stands in the parser.

/// One statement.
#[derive(Debug)]
pub struct Statement {
    /// The word under which it is looked up.
    pub name: &'static str,
    /// Other words that lead to it.
    pub also: &'static [&'static str],
    /// How it is written.
    pub form: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// A script.
    pub example: &'static str,
    /// What that prints.
    pub prints: &'static str,
}

/// All statements.
pub const STATEMENTS: &[Statement] = &[
    Statement {
        name: "assignment",
        also: &["=", "+="],
        form: "name = value;",
        doc: "Gives a variable a value; there are no declarations. A variable first set inside a block is \
              there after it. `+=`, `-=`, `*=`, `/=` and `%=` compute with the value it has. Lists and maps \
              are shared: after `b = a;` both names mean the same one.",
        example: "total = 2;\ntotal += 3;\ninfo total;",
        prints: "5",
    },
    Statement {
        name: "if",
        also: &["else", "else if"],
        form: "if(condition) { … } else if(condition) { … } else { … }",
        doc: "Runs the first block whose condition is true. A condition is `true` or `false`, nothing else \
              stands for it; the braces are needed. As an expression, `if(condition, a, b)` chooses one of \
              two values and works out only that one.",
        example: "status = 404;\nif(status < 400)\n{\n\tinfo \"fine\";\n}\nelse\n{\n\tinfo if(status == 404, \"missing\", \"failed\");\n}",
        prints: "missing",
    },
    Statement {
        name: "for each",
        also: &["for", "for each index", "each", "index"],
        form: "for each name in list { … }\nfor each index name in list { … }",
        doc: "Runs the block once for each element of a list, each key of a map, or each piece of a text \
              between commas; with `index`, for each position, counted from 0. There is no counting loop: \
              walk over a list, or use `while`.",
        example: "for each index i in {\"a\", \"b\"}\n{\n\tinfo i;\n}",
        prints: "0\n1",
    },
    Statement {
        name: "while",
        also: &[],
        form: "while(condition) { … }",
        doc: "Runs the block as long as the condition is true. The platform that scripts come from knows it \
              in few of its products; `sluis check --dialect crm` warns.",
        example: "i = 3;\nwhile(i > 0)\n{\n\ti -= 2;\n}\ninfo i;",
        prints: "-1",
    },
    Statement {
        name: "break",
        also: &[],
        form: "break;",
        doc: "Leaves the loop around it.",
        example: "for each x in {1, 2, 3}\n{\n\tif(x == 2)\n\t{\n\t\tbreak;\n\t}\n\tinfo x;\n}",
        prints: "1",
    },
    Statement {
        name: "continue",
        also: &[],
        form: "continue;",
        doc: "Goes on with the next turn of the loop around it.",
        example: "for each x in {1, 2}\n{\n\tif(x == 1)\n\t{\n\t\tcontinue;\n\t}\n\tinfo x;\n}",
        prints: "2",
    },
    Statement {
        name: "try",
        also: &["catch"],
        form: "try { … } catch (e) { … }",
        doc: "Runs the first block; where that faults, goes on in the second with the fault in the variable: \
              `e.message`, `e.lineNo`, `e.code`. A limit that is reached cannot be caught.",
        example: "try\n{\n\tinfo \"abc\".toLong();\n}\ncatch (e)\n{\n\tinfo \"line \" + e.lineNo;\n}",
        prints: "line 3",
    },
    Statement {
        name: "throw",
        also: &[],
        form: "throw value;",
        doc: "Faults. The value becomes the message; of a map, `message` and `code` are kept.",
        example: "try\n{\n\tthrow {\"message\": \"closed today\", \"code\": \"closed\"};\n}\ncatch (e)\n{\n\tinfo e.code + \": \" + e.message;\n}",
        prints: "closed: closed today",
    },
    Statement {
        name: "return",
        also: &[],
        form: "return value;\nreturn;",
        doc: "Ends the function, or the script at its top level, with a value or without one.",
        example: "int twice(int x)\n{\n\treturn x * 2;\n}\ninfo twice(4);",
        prints: "8",
    },
    Statement {
        name: "function",
        also: &["void", "string"],
        form: "type name(type parameter, …) { … }",
        doc: "Declares a function of this file; it may be called before it. The type says what it answers, \
              `void` if nothing. Its name may be dotted, `string standalone.label(…)`, and is called by the \
              whole of it or by its last part. A function sees its parameters and its own variables only.",
        example: "string label(string name, int count)\n{\n\treturn name + \" x\" + count;\n}\ninfo label(\"nail\", 3);",
        prints: "nail x3",
    },
    Statement {
        name: "comment",
        also: &["//", "/*"],
        form: "// to the end of the line\n/* over several lines */",
        doc: "Is not read. One comment cannot stand inside another.",
        example: "info 1; // the first\n/* info 2; */",
        prints: "1",
    },
];

#[cfg(test)]
mod tests {
    use super::STATEMENTS;
    use crate::build;
    use crate::check::Environment;
    use crate::format::format;
    use crate::value::data::Data;
    use crate::vm::{Entry, Limits, Settings, Step, Vm};

    fn printed(script: &str) -> String {
        let built = build(script, &Environment::default());
        assert!(built.diagnostics.is_empty(), "{script}\n{:?}", built.diagnostics);
        let mut vm =
            Vm::new(built.program.unwrap(), Entry::Body, vec![], Limits::local(), Settings::default())
                .unwrap();
        let mut lines = Vec::new();
        loop {
            match vm.step(u64::MAX) {
                Step::Host(call) => {
                    lines.push(call.text.unwrap());
                    vm.resume(Ok(Data::Null));
                }
                Step::Done(_) => return lines.join("\n"),
                _ => panic!("{script} does not end"),
            }
        }
    }

    #[test]
    fn the_example_of_every_statement_is_formatted_and_prints_what_it_says() {
        for statement in STATEMENTS {
            assert_eq!(printed(statement.example), statement.prints, "{}", statement.name);
            let formatted = format(statement.example).unwrap();
            assert_eq!(formatted.replace("\n\n", "\n").trim_end(), statement.example, "{}", statement.name);
        }
    }
}
