//! Values that use a small part of their range (12 bits in 16, a faint scan), stretched to all of it. Which end is paper is not asked.

/// One in so many values may lie outside of what counts as used: hot and dead pixels. The only word of a page has more ink.
const OUTLIERS: usize = 100_000;
/// At most one in so many parts of the range is used by what is stretched.
const PARTS: usize = 4;
/// Values so far from each other are compared: what a camera and JPEG make of noise is like its neighbours.
const APART: usize = 8;
/// Values that differ by more than one in so many parts of what is used are rough: noise, whose ends are eight deviations apart, mostly is.
const ROUGH: usize = 16;
/// Pages are stretched whose values use at least so much: less is grain, or the back of the sheet. Sixteen greys use 15.
const LEAST_OF_8: usize = 12;
/// The same of 16 bits, where what is finer than a grey can be writing: ten bits use 1023.
const LEAST_OF_16: usize = 768;

/// The least and the greatest value used, where they are a small part of `levels` and more than noise.
fn part<T: Copy + Into<usize>>(values: &[T], levels: usize, least: usize, channels: usize) -> Option<(usize, usize)> {
    let mut counts = vec![0usize; levels];
    values.iter().for_each(|&v| counts[v.into()] += 1);
    let mut outside = 0;
    let low = counts.iter().position(|n| reaches(&mut outside, *n, values.len()))?;
    outside = 0;
    let high = counts.iter().rposition(|n| reaches(&mut outside, *n, values.len()))?;
    let span = high - low;
    if span < least || span >= levels / PARTS {
        return None;
    }
    let pairs = values.iter().zip(values.iter().skip(APART * channels));
    let is_rough = |(&a, &b): &(&T, &T)| a.into().abs_diff(b.into()) * ROUGH > span;
    let rough = pairs.clone().filter(is_rough).count();
    (rough * 2 <= pairs.len()).then_some((low, high))
}

/// Adds `n` to those that were passed. Whether they are more than may lie outside.
fn reaches(passed: &mut usize, n: usize, of: usize) -> bool {
    *passed += n;
    *passed > of / OUTLIERS
}

/// Stretches greys that use a small part of their range.
pub fn stretch(gray: &mut [u8]) {
    if let Some((low, high)) = part(gray, 1 << 8, LEAST_OF_8, 1) {
        gray.iter_mut().for_each(|v| *v = ((usize::from(*v).clamp(low, high) - low) * 255 / (high - low)) as u8);
    }
}

/// 16 bits to 8. Values that use less than a quarter of their range are stretched to what they use, all channels alike.
pub fn narrow(values: Vec<u16>, channels: usize) -> Vec<u8> {
    if let Some((low, high)) = part(&values, 1 << 16, LEAST_OF_16, channels) {
        let to_byte = |v: u16| (usize::from(v).clamp(low, high) - low) * 255 / (high - low);
        return values.into_iter().map(|v| to_byte(v) as u8).collect();
    }
    // Of few bits that stand at the dark end all are used, be they grain.
    let top = values.iter().copied().max().unwrap_or(0);
    if top == 0 || top >= 1 << 14 {
        return values.into_iter().map(|v| (v >> 8) as u8).collect();
    }
    values.into_iter().map(|v| (v as u32 * 255 / top as u32) as u8).collect()
}

/// Values of any range to 8 bits, from the least to the greatest; what is no number is the least.
pub fn normalise(values: impl Iterator<Item = f64> + Clone) -> Vec<u8> {
    let finite = values.clone().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
    let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
    values.map(|v| if v.is_finite() { ((v - low) * scale + 0.5) as u8 } else { 0 }).collect()
}
