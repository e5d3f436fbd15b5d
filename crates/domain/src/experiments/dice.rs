//! Random numbers that can be thrown again.

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). The seed comes from the port `Entropy`
/// or from an id, and is kept with what was decided: the same seed decides the same.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Greater than 0, less than 1.
    pub fn throw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        // 52 bits and a half: neither end can come.
        (super::real((mixed ^ (mixed >> 31)) >> 12) + 0.5) / 4_503_599_627_370_496.0
    }
}
