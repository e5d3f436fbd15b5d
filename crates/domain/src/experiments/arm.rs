//! One variant of a running test.

/// How many people a variant was sent to, and how many of them did what is counted (opened, clicked, bought), each once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm {
    /// Its share of the people, relative to the other arms' weights; greater than 0.
    pub weight: f64,
    pub sent: u64,
    pub converted: u64,
}

impl Arm {
    pub fn new(sent: u64, converted: u64) -> Self {
        Self {
            weight: 1.0,
            sent,
            converted,
        }
    }
}
