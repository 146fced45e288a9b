//! Numbers in other forms: in English words, in hexadecimal digits.

use super::args::{self, NUMBERS};
use super::{Builtin, Ctx, example};
use crate::value::fault::Run;
use crate::value::{Kind, Value};
use rust_decimal::Decimal;

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "toWords",
        aliases: &[],
        on: NUMBERS,
        params: &[],
        returns: "text",
        doc: "The number in English words, small letters; digits after the point are read one by one.",
        examples: &[
            example("12.toWords()", "twelve"),
            example("1042.toWords()", "one thousand forty-two"),
            example("(0 - 21.50).toWords()", "minus twenty-one point five zero"),
            example("0.toWords()", "zero"),
            example("1000000.toWords()", "one million"),
        ],
        run: to_words,
    },
    Builtin {
        name: "toHex",
        aliases: &[],
        on: &[Kind::Number, Kind::Text],
        params: &[],
        returns: "text",
        doc: "A whole number in hexadecimal digits, small letters; a negative one as its 64 bits.",
        examples: &[
            example("100.toHex()", "64"),
            example("255.toHex()", "ff"),
            example("(0 - 1).toHex()", "ffffffffffffffff"),
            example(r#""ten".toHex()"#, "fault E0405"),
        ],
        run: |ctx, args| {
            let number = args::int(ctx, args, 0, "toHex")?;
            Ok(ctx.heap.text_owned(format!("{number:x}")))
        },
    },
];

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// Names of the groups of three digits; a decimal has at most ten of them.
const GROUPS: [&str; 10] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
];

fn to_words(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let number = args::decimal(ctx, args, 0, "toWords")?;
    let words = words(number);
    args::charge_text(ctx, words.len());
    Ok(ctx.heap.text_owned(words))
}

fn words(number: Decimal) -> String {
    let digits = number.abs().to_string();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut words = Vec::new();
    if number.is_sign_negative() && !number.is_zero() {
        words.push("minus".to_owned());
    }
    whole_words(whole.parse().unwrap_or_default(), &mut words);
    if !fraction.is_empty() {
        words.push("point".to_owned());
        words.extend(fraction.bytes().map(|digit| ONES[usize::from(digit - b'0') % 10].to_owned()));
    }
    words.join(" ")
}

fn whole_words(number: u128, words: &mut Vec<String>) {
    if number == 0 {
        return words.push(ONES[0].to_owned());
    }
    let group = |at: usize| (number / 1000_u128.pow(at as u32) % 1000) as usize;
    for (at, size) in GROUPS.iter().enumerate().rev().filter(|(at, _)| group(*at) > 0) {
        let (hundreds, rest) = (group(at) / 100, group(at) % 100);
        if hundreds > 0 {
            words.push(format!("{} hundred", ONES[hundreds]));
        }
        match (rest / 10, rest % 10) {
            (0, 0) => {}
            (0 | 1, _) => words.push(ONES[rest].to_owned()),
            (ten, 0) => words.push(TENS[ten].to_owned()),
            (ten, one) => words.push(format!("{}-{}", TENS[ten], ONES[one])),
        }
        if at > 0 {
            words.push((*size).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_of_number_has_words() {
        for (number, expected) in [
            ("19", "nineteen"),
            ("20", "twenty"),
            ("100", "one hundred"),
            ("115", "one hundred fifteen"),
            ("999999", "nine hundred ninety-nine thousand nine hundred ninety-nine"),
            ("1000001", "one million one"),
            ("0.05", "zero point zero five"),
            ("-0.0", "zero point zero"),
            (
                "9223372036854775807",
                "nine quintillion two hundred twenty-three quadrillion three hundred seventy-two trillion \
                 thirty-six billion eight hundred fifty-four million seven hundred seventy-five thousand \
                 eight hundred seven",
            ),
            ("79000000000000000000000000000", "seventy-nine octillion"),
        ] {
            assert_eq!(words(number.parse().unwrap()), expected, "{number}");
        }
    }
}
