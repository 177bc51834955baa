//! Cores that stand in one row with no gap between them are one unit: where the net saw neither a core nor a link between two digits, it
//! may still be sure that no fields part there. The line net, which then sees both at once, sets the spaces.

use crate::heads::*;
use crate::labels::Labels;
use crate::units::Reach;

/// Where a core ends: column, row, and the height of its text, in pixels of the labels.
#[derive(Clone, Copy)]
struct End {
    x: f32,
    y: f32,
    height: f32,
}

struct Ends {
    left: End,
    right: End,
    hand: bool,
}

/// Cores joined where nothing keeps them apart; `walls` tells where one stands, `height` how high a core's text is.
pub fn join(
    labels: &Labels,
    walls: &[bool],
    cores: Vec<Vec<usize>>,
    height: impl Fn(&[usize]) -> f32,
    r: &Reach,
) -> Vec<Vec<usize>> {
    let ends: Vec<Ends> = cores.iter().map(|core| ends(labels, core, height(core))).collect();
    let mut from_left: Vec<usize> = (0..cores.len()).collect();
    from_left.sort_by(|&i, &k| ends[i].left.x.total_cmp(&ends[k].left.x));
    let mut of: Vec<usize> = (0..cores.len()).collect();
    for (i, a) in ends.iter().enumerate() {
        // The nearest that follows in its row.
        let behind = from_left.partition_point(|&k| ends[k].left.x <= a.right.x);
        let near = from_left[behind..].iter().take_while(|&&k| ends[k].left.x - a.right.x < r.air * a.right.height);
        let next = near.copied().find(|&k| a.hand == ends[k].hand && is_next(&a.right, &ends[k].left, r));
        if let Some(k) = next.filter(|&k| !is_parted(labels, walls, &a.right, &ends[k].left, r)) {
            let (first, second) = (root(&of, i), root(&of, k));
            of[first.max(second)] = first.min(second);
        }
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); cores.len()];
    cores.into_iter().enumerate().for_each(|(i, core)| out[root(&of, i)].extend(core));
    out.retain(|core| !core.is_empty());
    out
}

fn root(of: &[usize], mut i: usize) -> usize {
    while of[i] != i {
        i = of[i];
    }
    i
}

fn ends(labels: &Labels, core: &[usize], height: f32) -> Ends {
    let w = labels.width;
    let (left, right) = core.iter().fold((w, 0), |(a, b), i| (a.min(i % w), b.max(i % w)));
    let row = |column: usize| {
        let rows = || core.iter().filter(|&&i| i % w == column).map(|&i| (i / w) as f32);
        rows().sum::<f32>() / rows().count().max(1) as f32
    };
    let hand = core.iter().map(|&i| labels.at(i)[CORE_HAND] - labels.at(i)[CORE_PRINT]).sum::<f32>() > 0.0;
    let end = |x: usize| End { x: x as f32, y: row(x), height };
    Ends { left: end(left), right: end(right), hand }
}

/// Whether a core that begins at `b`, right of `a`, may go on what ends there.
fn is_next(a: &End, b: &End, r: &Reach) -> bool {
    let height = a.height.min(b.height);
    b.x - a.x < r.air * height && (b.y - a.y).abs() < r.row * height && a.height.max(b.height) < r.alike * height
}

/// Whether the net saw a gap or an upright rule on the way, or a wall goes through.
fn is_parted(labels: &Labels, walls: &[bool], a: &End, b: &End, r: &Reach) -> bool {
    (a.x as usize..=b.x as usize).any(|x| {
        let y = a.y + (b.y - a.y) * (x as f32 - a.x) / (b.x - a.x);
        let i = (y.round() as usize).min(labels.height - 1) * labels.width + x;
        walls[i] || labels.at(i)[GAP].max(labels.at(i)[UPRIGHT]) > r.parted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::REACH;

    const W: usize = 40;

    /// Cores of 8 columns from 2 and from 14 on, in rows 4 and 5 and `lower` rows further down, with what stands between them.
    fn joined(between: &[usize], lower: usize, makers: [usize; 2]) -> usize {
        let mut data = vec![0.0; W * 20 * HEADS];
        let mut cores = vec![Vec::new(), Vec::new()];
        for (k, (left, top)) in [(2, 4), (14, 4 + lower)].into_iter().enumerate() {
            for (x, y) in (left..left + 8).flat_map(|x| [(x, top), (x, top + 1)]) {
                data[(y * W + x) * HEADS + makers[k]] = 1.0;
                cores[k].push(y * W + x);
            }
        }
        for (head, y) in between.iter().flat_map(|&h| (0..20).map(move |y| (h, y))) {
            data[(y * W + 11) * HEADS + head] = 0.9;
        }
        let labels = Labels { width: W, height: 20, data };
        join(&labels, &[false; W * 20], cores, |_| 10.0, &REACH).len()
    }

    #[test]
    fn digits_with_no_gap_between_them_are_one_number() {
        assert_eq!(joined(&[], 0, [CORE_HAND; 2]), 1);
        assert_eq!(joined(&[], 1, [CORE_HAND; 2]), 1);
        assert_eq!(joined(&[LINK], 0, [CORE_HAND; 2]), 1);
    }

    #[test]
    fn gaps_walls_rows_and_makers_keep_cores_apart() {
        assert_eq!(joined(&[GAP], 0, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[UPRIGHT], 0, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[], 8, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[], 0, [CORE_HAND, CORE_PRINT]), 2);
    }

    #[test]
    fn a_row_of_cores_is_one_unit_whatever_their_order() {
        let mut data = vec![0.0; W * 8 * HEADS];
        let core = |left: usize| -> Vec<usize> { (left..left + 4).map(|x| 4 * W + x).collect() };
        let cores = [20, 2, 11].map(core).to_vec();
        cores.iter().flatten().for_each(|i| data[i * HEADS + CORE_HAND] = 1.0);
        let labels = Labels { width: W, height: 8, data };
        let joined = join(&labels, &[false; W * 8], cores, |_| 8.0, &REACH);
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].len(), 12);
    }
}
