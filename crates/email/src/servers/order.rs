//! In which order servers are asked: the first by weight (smooth weighted round robin, as nginx does it: no server gets a run of mails),
//! the others behind it, heaviest first; those that could not be reached come last.

use std::sync::{Mutex, PoisonError};

pub(super) struct Order {
    weights: Vec<u32>,
    /// What each one is owed.
    owed: Mutex<Vec<i64>>,
}

impl Order {
    pub(super) fn new(weights: Vec<u32>) -> Self {
        Self {
            owed: Mutex::new(vec![0; weights.len()]),
            weights,
        }
    }

    /// The places of all servers, the best first. A weight of 0 stands by: it is asked when all others failed.
    pub(super) fn next(&self, avoided: impl Fn(usize) -> bool) -> Vec<usize> {
        let avoided: Vec<bool> = (0..self.weights.len()).map(avoided).collect();
        let first = self.draw(&avoided);
        let mut all: Vec<usize> = (0..self.weights.len()).collect();
        all.sort_by_key(|&place| {
            let weight = std::cmp::Reverse(self.weights[place]);
            (avoided[place], Some(place) != first, weight)
        });
        all
    }

    fn draw(&self, avoided: &[bool]) -> Option<usize> {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        let takes_part = |place: &usize| !avoided[*place] && self.weights[*place] > 0;
        let places: Vec<usize> = (0..self.weights.len()).filter(takes_part).collect();
        let total: i64 = places.iter().map(|&place| i64::from(self.weights[place])).sum();
        for &place in &places {
            owed[place] += i64::from(self.weights[place]);
        }
        // The first of equals.
        let first = places.into_iter().rev().max_by_key(|&place| owed[place])?;
        owed[first] -= total;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_first_as_often_as_its_weight_says_and_never_in_a_run() {
        let order = Order::new(vec![5, 1, 1]);
        let first: Vec<usize> = (0..14).map(|_| order.next(|_| false)[0]).collect();
        assert_eq!(first, [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn who_can_not_be_reached_or_stands_by_comes_last() {
        let order = Order::new(vec![3, 1, 0]);
        assert_eq!(order.next(|place| place == 0), [1, 2, 0]);
        assert_eq!(order.next(|_| false), [0, 1, 2]);
        assert_eq!(
            order.next(|_| true).len(),
            3,
            "all are asked when all are in trouble"
        );
        assert!(Order::new(vec![]).next(|_| false).is_empty());
    }
}
