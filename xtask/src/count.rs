//! Reads from a test runner's output how many tests passed and failed.

use std::ops::AddAssign;

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, ran out of time or could not be started.
    pub failed: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Whose output is read. Nextest shows the output of a failed test, which ends in a line of the
/// other kind, so one runner's lines must not be looked for in the other's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `cargo nextest run` ends with
    /// `Summary [ 7.7s] 17 tests run: 16 passed (1 slow), 1 failed, 0 skipped`.
    Nextest,
    /// `cargo test` ends each binary with `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    CargoTest,
}

impl Runner {
    /// What one line of output adds to the count.
    pub fn count(self, line: &str) -> Count {
        let line = line.trim_start();
        match self {
            Self::Nextest => {
                let counts = line.strip_prefix("Summary [").and_then(|rest| rest.split_once(" run: "));
                counts.map(|(_, counts)| sum(&without_brackets(counts), ',')).unwrap_or_default()
            }
            Self::CargoTest => {
                let counts = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
                counts.map(|(_, counts)| sum(counts, ';')).unwrap_or_default()
            }
        }
    }
}

fn sum(counts: &str, separator: char) -> Count {
    let mut count = Count::default();
    for (number, what) in counts.split(separator).filter_map(|part| part.trim().split_once(' ')) {
        let number: u64 = number.parse().unwrap_or_default();
        match what.trim() {
            "passed" => count.passed += number,
            "failed" | "timed out" | "exec failed" => count.failed += number,
            _ => {}
        }
    }
    count
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_sums_up_in_one_line() {
        let line = "     Summary [   7.733s] 17 tests run: 17 passed, 0 skipped";
        assert_eq!(Runner::Nextest.count(line), Count { passed: 17, failed: 0 });
        let line =
            "Summary [1s] 9/10 tests run: 6 passed (2 slow, 1 flaky), 1 failed, 1 exec failed, 1 timed out";
        assert_eq!(Runner::Nextest.count(line), Count { passed: 6, failed: 3 });
    }

    const OF_CARGO_TEST: &str =
        "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out";

    #[test]
    fn cargo_test_sums_up_per_binary() {
        assert_eq!(Runner::CargoTest.count(OF_CARGO_TEST), Count { passed: 3, failed: 2 });
    }

    #[test]
    fn the_output_of_a_failed_test_is_not_counted_again() {
        assert_eq!(Runner::Nextest.count(OF_CARGO_TEST), Count::default());
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "test a ... ok", "   PASS [ 0.1s] x", "I said: 3 passed; 2 failed", "test result: "]
        {
            assert_eq!(Runner::Nextest.count(line), Count::default(), "{line}");
            assert_eq!(Runner::CargoTest.count(line), Count::default(), "{line}");
        }
    }
}
