//! A second net of the same layers in one file with the first, as what its weights differ by: four bits a weight.
//!
//! Two nets that were trained apart err apart, and what looks by both agree on is read better than what one says (Hansen and Salamon
//! 1990). A net that was trained on from another differs from it by little, which few bits tell: with four of them a tenth of the
//! difference is lost, which is 3 % of the weights (delta compression as in Liu et al. 2024, "BitDelta").
//!
//! The bytes hold the tensors one after another, in the order of their names: of such as have several axes a scale (binary16) for each
//! index of the last one, then four bits a value, the lower half of a byte first: (bits - 8) times the scale of its index is the difference;
//! of others the differences as binary16.

use crate::model::{fail, from_half, ModelError, Tensors};

/// Name of the tensor of bytes that holds the differences.
pub(crate) const NAME: &str = "second";

/// The tensors of the second net, from those of the first and what they differ by.
pub(crate) fn unpack(first: &Tensors, packed: &[u8]) -> Result<Tensors, ModelError> {
    let mut names: Vec<&String> = first.keys().collect();
    names.sort();
    let mut left = packed;
    let mut take = |n: usize| -> Result<&[u8], ModelError> {
        if n > left.len() {
            return fail(format!("the second net is cut off: it has {} bytes", packed.len()));
        }
        let (taken, rest) = left.split_at(n);
        left = rest;
        Ok(taken)
    };
    let halves = |raw: &[u8]| -> Vec<f32> { raw.chunks_exact(2).map(|b| from_half(u16::from_le_bytes([b[0], b[1]]))).collect() };
    let mut out = Tensors::new();
    for name in names {
        let (shape, values) = &first[name];
        let sum = match shape[..] {
            [_, .., channels] => {
                let scales = halves(take(2 * channels)?);
                let bits = take(values.len().div_ceil(2))?;
                let steps = (0..values.len()).map(|i| f32::from(bits[i / 2] >> (4 * (i % 2)) & 15) - 8.0);
                values.iter().zip(steps).enumerate().map(|(i, (v, step))| v + step * scales[i % channels]).collect::<Vec<f32>>()
            }
            _ => values.iter().zip(halves(take(2 * values.len())?)).map(|(v, d)| v + d).collect(),
        };
        if sum.iter().any(|v| !v.is_finite()) {
            return fail(format!("tensor {name} of the second net holds what is no number"));
        }
        out.insert(name.clone(), (shape.clone(), sum));
    }
    if !left.is_empty() {
        return fail(format!("the second net has {} bytes too many", left.len()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_added_by_channel() {
        let first = Tensors::from([("b".into(), (vec![2], vec![1.0, 2.0])), ("a".into(), (vec![1, 3, 1], vec![0.0, 1.0, -1.0]))]);
        // A scale of 0.5 for the one channel of "a", steps 1, -8 and 7; then differences of 1 and -2 for "b".
        let packed = [0x00, 0x38, 0x09, 0x0f, 0x00, 0x3c, 0x00, 0xc0];
        let second = unpack(&first, &packed).expect("whole");
        assert_eq!(second["a"].1, [0.5, -3.0, 2.5]);
        assert_eq!(second["b"].1, [2.0, 0.0]);
        assert!(unpack(&first, &packed[..7]).is_err() && unpack(&first, &[&packed[..], &[0]].concat()).is_err());
        // Infinity is no weight.
        assert!(unpack(&first, &[0x00, 0x7c, 0x09, 0x0f, 0, 0, 0, 0]).is_err());
    }
}
