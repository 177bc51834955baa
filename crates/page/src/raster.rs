//! Grey rasters with their colour beside them, and the plain changes of them: from colour, smaller, turned.

/// A grey picture, row-major, 0 black to 255 white.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gray {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

/// The colour of a picture at a quarter of its width and height: means over blocks of 4 x 4 pixels, which are smaller at the right and
/// lower edges. Row-major, Cb and Cr of a block after one another (ITU-R BT.601, full range as in JFIF): 128 is neutral.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chroma {
    /// A quarter of the picture's, rounded up.
    pub width: usize,
    /// A quarter of the picture's, rounded up.
    pub height: usize,
    /// `[height][width][2]`.
    pub data: Vec<u8>,
}

impl Chroma {
    /// Pixels a side of a block.
    pub const BLOCK: usize = 4;

    /// Of interleaved red, green and blue, with 3 channels or with a fourth that is ignored. `None` where every block is neutral.
    pub fn from_rgb(pixels: &[u8], width: usize, height: usize, channels: usize) -> Option<Self> {
        Self::of_means(pixels, width, height, channels, |[r, g, b]| {
            [128.0 - 0.168736 * r - 0.331264 * g + 0.5 * b, 128.0 + 0.5 * r - 0.418688 * g - 0.081312 * b]
        })
    }

    /// Of interleaved Y, Cb and Cr. `None` where every block is neutral.
    pub fn from_ycbcr(pixels: &[u8], width: usize, height: usize) -> Option<Self> {
        Self::of_means(pixels, width, height, 3, |[_, cb, cr]| [cb, cr])
    }

    /// `of` makes Cb and Cr of a block's means.
    fn of_means(p: &[u8], width: usize, height: usize, channels: usize, of: impl Fn([f32; 3]) -> [f32; 2]) -> Option<Self> {
        let (w, h) = (width.div_ceil(Self::BLOCK), height.div_ceil(Self::BLOCK));
        let mut data = Vec::with_capacity(w * h * 2);
        let mut columns = vec![0u16; width * channels];
        for rows in p.chunks(width * channels * Self::BLOCK).take(h) {
            // Rows first: whole rows are added many values at a time.
            columns.fill(0);
            for row in rows.chunks_exact(width * channels) {
                columns.iter_mut().zip(row).for_each(|(sum, &v)| *sum += v as u16);
            }
            let high = rows.len() / (width * channels);
            for block in columns.chunks(Self::BLOCK * channels) {
                let mut sum = [0u16; 3];
                for pixel in block.chunks_exact(channels) {
                    (0..3).for_each(|c| sum[c] += pixel[c]);
                }
                let n = (high * (block.len() / channels)) as f32;
                data.extend(of(sum.map(|s| s as f32 / n)).map(|v| (v + 0.5) as u8));
            }
        }
        data.iter().any(|&v| v != 128).then_some(Self { width: w, height: h, data })
    }

    /// With `f` done to each of its planes, Cb and Cr.
    pub fn by_plane(&self, f: impl Fn(&Gray) -> Gray) -> Self {
        let plane = |k: usize| f(&Gray::new(self.width, self.height, self.data.iter().skip(k).step_by(2).copied().collect()));
        let (cb, cr) = (plane(0), plane(1));
        let data = cb.data.iter().zip(&cr.data).flat_map(|(&b, &r)| [b, r]).collect();
        Self { width: cb.width, height: cb.height, data }
    }
}

/// Values that lie closer together than this in the dark half are stretched: less contrast than any page has that was exposed.
const NARROW: usize = 64;
/// Grain alone, which nothing is made of.
const GRAIN: usize = 4;
/// One in so many pixels may lie outside of what counts as used: specks, dead pixels.
const OUTLIERS: usize = 1000;

/// Stretches a picture that uses a small and dark part of the range (12 bits in 16, CMYK taken for its negative) to all of it.
pub fn stretch(gray: &mut [u8]) {
    let mut counts = [0usize; 256];
    gray.iter().for_each(|&v| counts[v as usize] += 1);
    let reached = |from: usize| from * OUTLIERS > gray.len();
    let sums = |sum: &mut usize, n: &usize| {
        *sum += n;
        Some(*sum)
    };
    let low = counts.iter().scan(0, sums).position(reached).unwrap_or(0);
    let high = 255 - counts.iter().rev().scan(0, sums).position(reached).unwrap_or(0);
    if high >= 128 || high < low + GRAIN || high - low >= NARROW {
        return;
    }
    let table: Vec<u8> = (0..256).map(|v: usize| (v.clamp(low, high) - low) * 255 / (high - low)).map(|v| v as u8).collect();
    gray.iter_mut().for_each(|v| *v = table[*v as usize]);
}

/// A box in pixels; `right` and `bottom` are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

impl Rect {
    pub fn width(&self) -> usize {
        self.right - self.left
    }
    pub fn height(&self) -> usize {
        self.bottom - self.top
    }
    pub fn union(&self, o: &Rect) -> Rect {
        Rect {
            left: self.left.min(o.left),
            top: self.top.min(o.top),
            right: self.right.max(o.right),
            bottom: self.bottom.max(o.bottom),
        }
    }
    /// Rows that both boxes share.
    pub fn shared_rows(&self, o: &Rect) -> usize {
        self.bottom.min(o.bottom).saturating_sub(self.top.max(o.top))
    }
    /// Columns that both boxes share.
    pub fn shared_columns(&self, o: &Rect) -> usize {
        self.right.min(o.right).saturating_sub(self.left.max(o.left))
    }
    /// Empty columns between the boxes.
    pub fn gap(&self, o: &Rect) -> usize {
        self.left.max(o.left).saturating_sub(self.right.min(o.right))
    }
    pub fn middle(&self) -> f32 {
        (self.top + self.bottom) as f32 / 2.0
    }
}

impl Gray {
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Self {
        assert_eq!(data.len(), width * height, "a raster has one value a pixel");
        Self { width, height, data }
    }

    /// Luminance (Rec. 601) of interleaved pixels with 1, 3 or 4 channels; a fourth is ignored, as pages are opaque.
    pub fn from_pixels(pixels: &[u8], width: usize, height: usize, channels: usize) -> Self {
        let data = match channels {
            1 => pixels.to_vec(),
            _ => pixels
                .chunks_exact(channels)
                .map(|p| ((p[0] as u32 * 77 + p[1] as u32 * 150 + p[2] as u32 * 29) >> 8) as u8)
                .collect(),
        };
        Self::new(width, height, data)
    }

    /// Means of `by` x `by` pixels; what is left over at the edges is dropped.
    pub fn shrink(&self, by: usize) -> Self {
        if by <= 1 {
            return self.clone();
        }
        let (w, h) = ((self.width / by).max(1), (self.height / by).max(1));
        let (bx, by_) = (by.min(self.width), by.min(self.height));
        let mut data = Vec::with_capacity(w * h);
        let mut sums = vec![0u32; w];
        for y in 0..h {
            sums.fill(0);
            for row in self.data[y * by_ * self.width..].chunks_exact(self.width).take(by_) {
                for (s, p) in sums.iter_mut().zip(row.chunks_exact(bx)) {
                    *s += p.iter().map(|&v| v as u32).sum::<u32>();
                }
            }
            data.extend(sums.iter().map(|s| (s / (bx * by_) as u32) as u8));
        }
        Self::new(w, h, data)
    }

    /// In another size: means of the areas that become one pixel, and between pixels where it grows.
    pub fn resize(&self, width: usize, height: usize) -> Self {
        let values = crate::input::resize(&self.data, 1, self.width, self.height, width, height);
        Self::new(width, height, values.iter().map(|v| (v + 0.5) as u8).collect())
    }

    /// Turned clockwise by `quarters` times 90 degrees.
    pub fn turn(&self, quarters: usize) -> Self {
        let (w, h) = (self.width, self.height);
        match quarters % 4 {
            0 => self.clone(),
            2 => Self::new(w, h, self.data.iter().rev().copied().collect()),
            q => {
                let mut data = vec![0; w * h];
                // Blocks keep both sides in the cache.
                for by in (0..h).step_by(32) {
                    for bx in (0..w).step_by(32) {
                        for y in by..(by + 32).min(h) {
                            for x in bx..(bx + 32).min(w) {
                                let to = if q == 1 { x * h + h - 1 - y } else { (w - 1 - x) * h + y };
                                data[to] = self.data[y * w + x];
                            }
                        }
                    }
                }
                Self::new(h, w, data)
            }
        }
    }

    /// Sheared so that lines that fall by `slope` (rows a column, small) run level; `outside` comes in from outside.
    pub fn level(&self, slope: f32, outside: u8) -> Self {
        let (w, h) = (self.width as isize, self.height as isize);
        let mut data = vec![outside; self.data.len()];
        // A rotation by a small angle: rows move with the columns, and columns with the rows. Heights in parts of 65,536.
        let fall = (slope * 65536.0) as i64;
        for y in 0..h {
            let out = &mut data[(y * w) as usize..((y + 1) * w) as usize];
            let shift = (slope * (y as f32 - h as f32 / 2.0)).round() as isize;
            let (from, to) = (shift.clamp(0, w), (w + shift).clamp(0, w));
            let mut height = ((y as i64) << 16) + fall * (from as i64 - w as i64 / 2);
            for x in from..to {
                let (top, part) = ((height >> 16) as isize, (height >> 8 & 255) as u32);
                height += fall;
                if top >= 0 && top + 1 < h {
                    let at = (top * w + x - shift) as usize;
                    let (a, b) = (self.data[at] as u32, self.data[at + w as usize] as u32);
                    out[x as usize] = ((a * (256 - part) + b * part) >> 8) as u8;
                }
            }
        }
        Self::new(self.width, self.height, data)
    }
}
