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

/// Components of a mask, and for each pixel the number of its component from 1 on, 0 for paper.
pub fn label(mask: &Mask) -> (Vec<Component>, Vec<u32>) {
    struct Run {
        y: usize,
        from: usize,
        to: usize,
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut parent: Vec<u32> = Vec::new();
    let mut above = 0..0;
    for (y, row) in mask.data.chunks_exact(mask.width.max(1)).enumerate() {
        let first = runs.len();
        let mut x = 0;
        let mut up = above.start;
        while x < row.len() {
            if row[x] == 0 {
                x += 1;
                continue;
            }
            let from = x;
            while x < row.len() && row[x] != 0 {
                x += 1;
            }
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
    let mut labels = vec![0u32; mask.data.len()];
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
        labels[run.y * mask.width + run.from..run.y * mask.width + run.to].fill(number[r]);
    }
    (components, labels)
}
