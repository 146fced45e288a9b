//! The one register of diagnostic and fault codes. A code is never reused; each has a page in
//! `spec/errors` and a case that produces it.
//!
//! `E01xx` reading the text, `E02xx` checking names and calls, `W03xx` warnings,
//! `E04xx` faults while running (catchable), `E05xx` halts (never catchable).

use serde::{Serialize, Serializer};
use std::fmt;

/// A stable code such as `E0201`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

macro_rules! codes {
    ($($name:ident = $text:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($text);)*
        /// Every code with its title, in order.
        pub const CODES: &[(Code, &str)] = &[$(($name, $title)),*];
    };
}

codes! {
    UNEXPECTED = "E0101", "Something else was expected here";
    MISSING_SEMICOLON = "E0102", "A statement does not end with a semicolon";
    UNCLOSED_TEXT = "E0103", "A text is not closed";
    UNCLOSED_COMMENT = "E0104", "A comment is not closed";
    UNCLOSED_BRACKET = "E0105", "A bracket is not closed";
    STRAY_BRACKET = "E0106", "A closing bracket without an opening one";
    UNKNOWN_CHARACTER = "E0107", "A character that the language does not use";
    NUMBER_TOO_LARGE = "E0108", "A whole number that does not fit 64 bits";
    TOO_DEEP = "E0109", "The script is nested too deeply";
    BRACES_NEEDED = "E0110", "A body without braces";
    CREATOR_ONLY = "E0111", "Creator form statements have no meaning here";
    NOT_DELUGE = "E0112", "A construct of another language";

    UNKNOWN_FUNCTION = "E0201", "A function that does not exist";
    UNKNOWN_METHOD = "E0202", "A method that does not exist";
    WRONG_ARGUMENT_COUNT = "E0203", "A wrong number of arguments";
    UNDEFINED_VARIABLE = "E0204", "A variable that never has a value here";
    OUTSIDE_LOOP = "E0205", "`break` or `continue` outside a loop";
    RETURN_FROM_VOID = "E0206", "A value returned from a function declared `void`";
    DUPLICATE_FUNCTION = "E0207", "Two functions of one name";
    NOT_A_CONDITION = "E0208", "A condition that is not true or false";
    UNKNOWN_TASK = "E0209", "A task that does not exist";
    TASK_KEY = "E0210", "A wrong, missing or doubled key in a task";
    UNKNOWN_SYSTEM_VARIABLE = "E0211", "A system variable that does not exist";
    UNKNOWN_CONNECTOR = "E0212", "A connector or API that is not installed";
    NOT_YET = "E0213", "A part of the language that this version does not run yet";
    MISSING_INPUT = "E0214", "A variable that an API needs is missing";
    INPUT_KIND = "E0215", "A variable of a kind that an API does not take";
    CERTAIN_FAULT = "E0216", "An operation that always faults";
    NO_TASK_CONNECTOR = "E0221", "A task that no released connector offers";
    TASK_ARGUMENTS = "E0222", "An integration task called with the wrong number of values";
    NOT_OPENED = "E0223", "An address that is not opened";

    ASSIGNMENT_IN_CONDITION = "W0301", "`=` compares here";
    UNREACHABLE = "W0302", "Code that is never reached";
    LITERAL_PATTERN = "W0303", "A pattern that is not a regular expression is taken literally";
    WHILE_DIALECT = "W0304", "`while` is not known to every dialect";
    UNKNOWN_INPUT = "W0305", "A variable that an API does not take";
    NEVER_EQUAL = "W0306", "A comparison of values that are never equal";
    MAYBE_UNSET = "W0307", "A variable that has a value on some ways only";
    UNUSED = "W0308", "A variable that is never read";
    CONSTANT_CONDITION = "W0309", "A condition whose answer is always the same";
    ENDLESS_LOOP = "W0310", "A loop that never ends";
    ENDLESS_RECURSION = "W0311", "A function that always calls itself";
    LITERAL_SECRET = "W0312", "A secret written into the script";
    DATE_PATTERN = "W0313", "A date format that means something else";
    ROUGH_DATES = "W0314", "A count of time that is not that of the calendar";
    REGEX_MEANT_LITERALLY = "W0315", "A text used as a regular expression that looks literal";
    PARAMETER_KIND = "W0316", "An argument of another kind than declared";
    DIALECT = "W0317", "A construct that another dialect does not know";
    DEPRECATED_FORM = "W0330", "A form that is deprecated";

    NULL_RECEIVER = "E0401", "A method was called on null";
    WRONG_KIND = "E0402", "A value of another kind is needed";
    NO_SUCH_METHOD = "E0403", "This kind of value has no such method";
    INDEX_OUT_OF_RANGE = "E0404", "An index outside the list or text";
    NOT_A_NUMBER = "E0405", "A text that is not a number";
    NOT_A_DATE = "E0406", "A text that is not a date";
    NOT_JSON = "E0407", "A text that is not JSON";
    DIVISION_BY_ZERO = "E0408", "A division by zero";
    OVERFLOW = "E0409", "A number that does not fit";
    NO_VALUE = "E0410", "A variable that got no value";
    THROWN = "E0411", "A fault raised by `throw`";
    BAD_PATTERN = "E0412", "A regular expression or format that cannot be used";
    TOO_NESTED = "E0413", "A value nested too deeply, perhaps one that contains itself";
    NOT_BOOLEAN = "E0414", "A condition that is neither true nor false";
    HOST_FAILED = "E0415", "A host call failed";
    BAD_ARGUMENT = "E0416", "An argument that cannot be used";
    NOT_TEXT = "E0417", "A file that is not text";
    MIXED_COLLECTION = "E0418", "Values and keys in one collection";
    NOT_DECRYPTED = "E0419", "A text that cannot be decrypted";
    BAD_ARCHIVE = "E0420", "An archive that cannot be read";
    NOT_XML = "E0421", "A text that is not XML";
    BAD_XPATH = "E0422", "An XPath that cannot be used";
    PLATFORM_LIMIT = "E0425", "More than the platform allows that the run is measured against";

    OUT_OF_FUEL = "E0501", "The script used up its fuel";
    OUT_OF_MEMORY = "E0502", "The script used up its memory";
    CALLS_TOO_DEEP = "E0503", "Functions call each other too deeply";
    TEXT_TOO_LARGE = "E0504", "A text larger than allowed";
    CANCELLED = "E0505", "The run was cancelled";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_used_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, _) in CODES {
            assert!(seen.insert(code.0), "{code} stands twice");
        }
    }
}
