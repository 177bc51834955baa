//! What the tests of this crate share.

/// Values that look random and are the same everywhere.
pub fn values(n: usize, seed: u32) -> Vec<f32> {
    let mut h = seed.wrapping_mul(0x9e37_79b9) | 1;
    (0..n)
        .map(|_| {
            h ^= h << 13;
            h ^= h >> 17;
            h ^= h << 5;
            (h >> 8) as f32 / (1 << 24) as f32 - 0.5
        })
        .collect()
}
