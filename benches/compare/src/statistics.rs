//! Medians, quartiles, geometric means.

/// The value below which a share of the sorted values lies, between neighbours by line.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * part)
}

/// The middle value of sorted values.
pub fn median(sorted: &[f64]) -> Option<f64> {
    quantile(sorted, 0.5)
}

/// The geometric mean; none of no values.
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| (values.iter().map(|value| value.ln()).sum::<f64>() / count as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sorted = [1.0, 2.0, 3.0, 10.0];
        assert_eq!(
            (quantile(&sorted, 0.0), median(&sorted), quantile(&sorted, 1.0)),
            (Some(1.0), Some(2.5), Some(10.0))
        );
        assert_eq!((median(&[]), median(&[7.0])), (None, Some(7.0)));
    }

    #[test]
    fn the_geometric_mean_of_a_half_and_two_is_one() {
        let mean = geometric_mean(&[0.5, 2.0]).expect("two values");
        assert!((mean - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[]), None);
    }
}
