//! What JPEG does to a picture: blocks of 8 x 8 go through the cosine transform, lose precision and come back.

/// Quantisation tables of ITU-T T.81, annex K, for quality 50.
const LUMA: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80,
    62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98,
    112, 100, 103, 99,
];
const CHROMA: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99,
];

type Block = [[f32; 8]; 8];

fn cosines() -> Block {
    core::array::from_fn(|k| {
        core::array::from_fn(|n| {
            let scale = if k == 0 { 0.125f32.sqrt() } else { 0.5 };
            scale * (core::f32::consts::PI * (n as f32 + 0.5) * k as f32 / 8.0).cos()
        })
    })
}

fn product(a: &Block, b: &Block) -> Block {
    let mut out = [[0.0; 8]; 8];
    for i in 0..8 {
        for k in 0..8 {
            for j in 0..8 {
                out[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    out
}

/// Coarsens a plane `[height][width]`, values -128..127.
fn coarsen(plane: &mut [f32], width: usize, height: usize, table: &[u8; 64], quality: f32) {
    let scale = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
    let steps: [f32; 64] = core::array::from_fn(|i| (table[i] as f32 * scale).clamp(1.0, 255.0));
    let forth = cosines();
    let back: Block = core::array::from_fn(|i| core::array::from_fn(|j| forth[j][i]));
    for y0 in (0..height).step_by(8) {
        for x0 in (0..width).step_by(8) {
            let at = |y: usize, x: usize| (y0 + y).min(height - 1) * width + (x0 + x).min(width - 1);
            let block: Block = core::array::from_fn(|y| core::array::from_fn(|x| plane[at(y, x)]));
            let first = block[0][0];
            if block.iter().flatten().all(|&v| v == first) {
                continue;
            }
            let mut spectrum = product(&product(&forth, &block), &back);
            for (v, s) in spectrum.iter_mut().flatten().zip(&steps) {
                *v = (*v / s).round() * s;
            }
            let made = product(&product(&back, &spectrum), &forth);
            for y in 0..8.min(height - y0) {
                for x in 0..8.min(width - x0) {
                    plane[(y0 + y) * width + x0 + x] = made[y][x];
                }
            }
        }
    }
}

/// A grey picture, values 0..255.
pub fn gray(plane: &mut [f32], width: usize, height: usize, quality: f32) {
    plane.iter_mut().for_each(|v| *v -= 128.0);
    coarsen(plane, width, height, &LUMA, quality);
    plane.iter_mut().for_each(|v| *v += 128.0);
}

/// A picture in colour, `[height][width][3]`, values 0..255; colours at half the resolution, as cameras store them.
pub fn colour(rgb: &mut [[f32; 3]], width: usize, height: usize, quality: f32) {
    let (hw, hh) = (width.div_ceil(2), height.div_ceil(2));
    let mut luma = vec![0.0; width * height];
    let mut chroma = [vec![0.0; hw * hh], vec![0.0; hw * hh]];
    for (i, p) in rgb.iter().enumerate() {
        let y = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
        luma[i] = y - 128.0;
        let to = (i / width / 2) * hw + i % width / 2;
        chroma[0][to] += 0.25 * 0.564 * (p[2] - y);
        chroma[1][to] += 0.25 * 0.713 * (p[0] - y);
    }
    coarsen(&mut luma, width, height, &LUMA, quality);
    for c in chroma.iter_mut() {
        coarsen(c, hw, hh, &CHROMA, quality);
    }
    for (i, p) in rgb.iter_mut().enumerate() {
        let from = (i / width / 2) * hw + i % width / 2;
        let (y, cb, cr) = (luma[i] + 128.0, chroma[0][from], chroma[1][from]);
        *p = [y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_quality_changes_little_and_low_quality_more() {
        let (w, h) = (40, 24);
        let picture: Vec<f32> =
            (0..w * h).map(|i| 128.0 + 90.0 * ((i % w) as f32 * 0.7).sin() * ((i / w) as f32 * 0.4).cos()).collect();
        let error = |q: f32| {
            let mut p = picture.clone();
            gray(&mut p, w, h, q);
            p.iter().zip(&picture).map(|(a, b)| (a - b).abs()).sum::<f32>() / (w * h) as f32
        };
        assert!(error(98.0) < 1.5, "{}", error(98.0));
        assert!(error(10.0) > 2.0 * error(98.0), "{} {}", error(10.0), error(98.0));
    }
}
