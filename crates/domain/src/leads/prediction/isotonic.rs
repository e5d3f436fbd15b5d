//! The rising step function that is nearest to what was observed.
//!
//! Pool adjacent violators: Ayer et al. 1955; Zadrozny and Elkan 2002, "Transforming classifier scores into accurate
//! multiclass probability estimates".

/// A point of the curve: score, and probability there.
pub(super) type Knot = (f64, f64);

#[derive(Clone, Copy)]
struct Block {
    weight: f64,
    /// Sum of weight × score.
    score: f64,
    /// Sum of weight × target.
    target: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.target / self.weight
    }
}

/// Fits (score, target) pairs. A knot stands in the middle of each step, so that between them the curve can be a line
/// and two leads with different scores seldom get the same probability. Rises strictly in score, and never falls.
pub(super) fn fit(mut points: Vec<(f64, f64)>) -> Vec<Knot> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut blocks: Vec<Block> = Vec::new();
    let mut previous = None;
    for (score, target) in points {
        // Equal scores are one step from the start: they can't have two probabilities.
        match blocks.last_mut() {
            Some(last) if previous == Some(score) => {
                last.weight += 1.0;
                last.score += score;
                last.target += target;
            }
            _ => blocks.push(Block {
                weight: 1.0,
                score,
                target,
            }),
        }
        previous = Some(score);
    }
    let mut pooled: Vec<Block> = Vec::new();
    for block in blocks {
        pooled.push(block);
        while let [.., before, last] = pooled.as_slice()
            && before.mean() >= last.mean()
        {
            let joined = Block {
                weight: before.weight + last.weight,
                score: before.score + last.score,
                target: before.target + last.target,
            };
            pooled.truncate(pooled.len() - 2);
            pooled.push(joined);
        }
    }
    let knots = pooled
        .iter()
        .map(|block| (block.score / block.weight, block.mean()));
    knots.collect()
}

/// The curve at `score`: a line between knots, level beyond them.
pub(super) fn at(knots: &[Knot], score: f64) -> f64 {
    let after = knots.partition_point(|(x, _)| *x <= score);
    match (
        after.checked_sub(1).and_then(|before| knots.get(before)),
        knots.get(after),
    ) {
        (Some((_, y)), None) | (None, Some((_, y))) => *y,
        (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (score - x0) / (x1 - x0),
        (None, None) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn violators_are_pooled() {
        let knots = fit(vec![(1.0, 0.0), (2.0, 1.0), (3.0, 0.0), (4.0, 1.0)]);
        assert_eq!(knots, vec![(1.0, 0.0), (2.5, 0.5), (4.0, 1.0)]);
        assert!((at(&knots, 1.75) - 0.25).abs() < 1e-12);
        assert!((at(&knots, 9.0) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn never_falls_and_keeps_the_mean(points in proptest::collection::vec((-5i32..5, any::<bool>()), 1..60)) {
            let points: Vec<_> = points.into_iter().map(|(x, y)| (f64::from(x), f64::from(u8::from(y)))).collect();
            let knots = fit(points.clone());
            prop_assert!(knots.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
            prop_assert!((-60..60).map(|x| at(&knots, f64::from(x) / 10.0)).is_sorted());
            let lowest = points.iter().map(|point| point.1).fold(1.0, f64::min);
            prop_assert!(knots.iter().all(|knot| knot.1 >= lowest && knot.1 <= 1.0));
        }
    }
}
