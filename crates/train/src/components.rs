//! Connected strokes of a crop.

/// A connected stroke: its box (left, top, right, bottom; exclusive), its pixels in all, and its number in [`Components::of`].
pub struct Component {
    pub bounds: (usize, usize, usize, usize),
    pub area: usize,
    pub number: u32,
}

pub struct Components {
    /// `[height][width]`: number of the component of each pixel, 0 for paper.
    pub of: Vec<u32>,
    /// In order of their first pixel by rows.
    pub all: Vec<Component>,
}

/// Components, joined over corners too, of what is darker than about a third of the way from `paper` to the darkest pixel.
pub fn components(gray: &[u8], width: usize, height: usize, paper: u8) -> Components {
    let pen = *gray.iter().min().unwrap_or(&0);
    let level = paper.saturating_sub(((paper.saturating_sub(pen)) as f32 * 0.35) as u8);
    let mut of = vec![0u32; gray.len()];
    let mut all = Vec::new();
    let mut stack = Vec::new();
    for start in 0..gray.len() {
        if of[start] != 0 || gray[start] >= level {
            continue;
        }
        let number = all.len() as u32 + 1;
        of[start] = number;
        stack.push(start);
        let (mut l, mut t, mut r, mut b) = (usize::MAX, usize::MAX, 0, 0);
        let mut area = 0;
        while let Some(i) = stack.pop() {
            let (x, y) = (i % width, i / width);
            (l, t, r, b) = (l.min(x), t.min(y), r.max(x + 1), b.max(y + 1));
            area += 1;
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let j = ny * width + nx;
                    if of[j] == 0 && gray[j] < level {
                        of[j] = number;
                        stack.push(j);
                    }
                }
            }
        }
        all.push(Component { bounds: (l, t, r, b), area, number });
    }
    Components { of, all }
}
