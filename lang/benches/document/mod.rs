//! The document of `g_json`: a megabyte of contacts, the same in every run.

/// About a megabyte of contacts as compact JSON. Numbers are such that Lua's `cjson` prints them as
/// they were written.
pub fn contacts() -> String {
    let mut dice = Dice(7);
    let contacts: Vec<String> = (0..2_300_i64).map(|n| contact(n, &mut dice)).collect();
    format!(r#"{{"contacts":[{}]}}"#, contacts.join(","))
}

fn contact(n: i64, dice: &mut Dice) -> String {
    const FIRST: [&str; 8] = ["Ada", "Bo", "Dee", "Eli", "Gus", "Hal", "Mia", "Quin"];
    const LAST: [&str; 6] = ["Archer", "Baker", "Draper", "Hunter", "Potter", "Turner"];
    const CITIES: [&str; 5] = ["Springfield", "Riverton", "Lakeside", "Fairview", "Ashland"];
    let (first, last) = (dice.pick(&FIRST), dice.pick(&LAST));
    format!(
        r#"{{"id":{},"first_name":"{first}","last_name":"{last}","email":"{first}.{last}{n}@Example.com","active":{},"score":{},"balance":{}.25,"company":{{"name":"Company {}","industry":"{}","employees":{}}},"address":{{"street":"{} Main Street","city":"{}","zip":"{}","country":"{}"}},"phones":[{{"kind":"work","number":"+1-555-{}"}},{{"kind":"home","number":"+1-556-{}"}}],"tags":["{}","newsletter"],"notes":"Called \"twice\" and left a message.\nFollow up next week.","owner":null}}"#,
        100_000 + n,
        dice.below(5) > 0,
        dice.below(1000),
        dice.below(100_000),
        dice.below(200),
        dice.pick(&["Retail", "Software", "Energy"]),
        dice.below(5000),
        1 + dice.below(900),
        dice.pick(&CITIES),
        10_000 + dice.below(89_999),
        dice.pick(&["DE", "US", "IN", "FR", "XX"]),
        1000 + dice.below(8999),
        1000 + dice.below(8999),
        dice.pick(&["vip", "lead", "trial", "partner"]),
    )
}

/// A generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}
