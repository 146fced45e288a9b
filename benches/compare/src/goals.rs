//! What we mean to reach, as ratios to PUC Lua 5.4, and beside whom we never stand back.

/// What is to be reached on one program.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// The program.
    pub program: &'static str,
    /// No release is slower.
    pub must: f64,
    /// The best that seems possible.
    pub heroic: f64,
}

const fn goal(program: &'static str, must: f64, heroic: f64) -> Goal {
    Goal { program, must, heroic }
}

/// By program.
pub const GOALS: &[Goal] = &[
    goal("a_fib", 1.5, 1.0),
    goal("b_loop", 1.5, 1.0),
    goal("c_nested", 0.85, 0.5),
    goal("d_map", 0.4, 0.2),
    goal("e_text", 0.45, 0.2),
    goal("f_records", 0.6, 0.35),
    goal("g_json", 1.0, 0.5),
    goal("h_dates", 0.4, 0.2),
    goal("i_try", 0.85, 0.5),
    goal("j_host", 1.0, 0.5),
];

/// For the geometric mean of the nine programs.
pub const MEAN: Goal = goal("mean a-i", 0.72, 0.41);

/// Languages of the same kind: we are slower than none of them on any program.
pub const NEVER_SLOWER_THAN: &[&str] = &["rhai", "koto", "rune", "boa"];

impl Goal {
    /// The goal of a program, if it has one.
    pub fn of(program: &str) -> Option<Self> {
        GOALS.iter().copied().find(|goal| goal.program == program)
    }

    /// What a ratio amounts to.
    pub fn verdict(self, ratio: f64) -> &'static str {
        if ratio <= self.heroic {
            "heroic"
        } else if ratio <= self.must {
            "must"
        } else {
            "MISSED"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_names_the_best_goal_that_is_met() {
        let goal = Goal::of("c_nested").expect("it has one");
        assert_eq!([0.5, 0.85, 0.86].map(|ratio| goal.verdict(ratio)), ["heroic", "must", "MISSED"]);
        assert!(Goal::of("j_base").is_none());
    }
}
