//! Connected components (8 neighbours) by runs and union-find, and their boxes.

use crate::ink::Mask;
use crate::raster::Rect;

/// A connected piece of ink.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    pub rect: Rect,
    /// Pixels of ink.
    pub area: usize,
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}

/// A stretch of ink in a row.
struct Run {
    y: usize,
    from: usize,
    to: usize,
}

/// Components of a mask, and for each pixel the number of its component from 1 on, 0 for paper.
pub fn label(mask: &Mask) -> (Vec<Component>, Vec<u32>) {
    let mut labels = vec![0u32; mask.data.len()];
    let components = runs(mask, |run, number| labels[run.y * mask.width + run.from..run.y * mask.width + run.to].fill(number));
    (components, labels)
}

/// Components of a mask.
pub fn find(mask: &Mask) -> Vec<Component> {
    runs(mask, |_, _| {})
}

/// The first pixel from `x` on that is ink (or, with `ink` 0, paper).
pub fn next(row: &[u8], mut x: usize, ink: u8) -> usize {
    // Most of a page is paper: eight pixels at a time.
    if ink != 0 {
        while x + 8 <= row.len() && row[x..x + 8] == [0; 8] {
            x += 8;
        }
    }
    while x < row.len() && (row[x] != 0) != (ink != 0) {
        x += 1;
    }
    x
}

/// Components of a mask; `each` is called for every run with its component's number.
fn runs(mask: &Mask, mut each: impl FnMut(&Run, u32)) -> Vec<Component> {
    let mut runs: Vec<Run> = Vec::new();
    let mut parent: Vec<u32> = Vec::new();
    let mut above = 0..0;
    for (y, row) in mask.data.chunks_exact(mask.width.max(1)).enumerate() {
        let first = runs.len();
        let mut x = 0;
        let mut up = above.start;
        loop {
            let from = next(row, x, 1);
            if from == row.len() {
                break;
            }
            x = next(row, from, 0);
            let id = runs.len() as u32;
            parent.push(id);
            // Runs above that touch this one, corners included.
            while up < above.end && runs[up].to < from {
                up += 1;
            }
            let mut k = up;
            while k < above.end && runs[k].from <= x {
                let (a, b) = (root(&mut parent, k as u32), root(&mut parent, id));
                parent[a.max(b) as usize] = a.min(b);
                k += 1;
            }
            runs.push(Run { y, from, to: x });
        }
        above = first..runs.len();
    }
    let mut number = vec![0u32; runs.len()];
    let mut components: Vec<Component> = Vec::new();
    for i in 0..runs.len() {
        let r = root(&mut parent, i as u32) as usize;
        let run = &runs[i];
        let rect = Rect { left: run.from, top: run.y, right: run.to, bottom: run.y + 1 };
        if number[r] == 0 {
            components.push(Component { rect, area: 0 });
            number[r] = components.len() as u32;
        }
        let c = &mut components[number[r] as usize - 1];
        c.rect = c.rect.union(&rect);
        c.area += run.to - run.from;
        each(run, number[r]);
    }
    components
}
