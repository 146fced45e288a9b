//! Numbers for people.

/// The middle one; of an even number the lower of the two.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle_one_is_taken() {
        assert_eq!([median([3.0, 1.0, 2.0]), median([1.0, 2.0])], [2.0, 1.0]);
        assert!(median([]).is_nan());
    }
}
