//! Logistic regression.

/// What something is known by, how far it is what is asked for (0..1), and how much it counts.
pub struct Point<const N: usize> {
    pub x: [f64; N],
    pub is: f64,
    pub weight: f64,
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Weights by Newton's method, held a little towards zero by `ridge`.
pub fn fit<const N: usize>(points: &[&Point<N>], ridge: f64) -> [f64; N] {
    let mut b = [0.0; N];
    for _ in 0..60 {
        let mut gradient = b.map(|v| ridge * v);
        let mut hessian = [[0.0; N]; N];
        (0..N).for_each(|k| hessian[k][k] = ridge);
        for Point { x, is, weight } in points {
            let p = 1.0 / (1.0 + (-dot(&b, x)).exp());
            for i in 0..N {
                gradient[i] += weight * (p - is) * x[i];
                for j in 0..N {
                    hessian[i][j] += weight * p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        let step = solve(hessian, gradient);
        (0..N).for_each(|k| b[k] -= step[k]);
    }
    b
}

/// Mean logarithm of what the truth was given, each point by its weight.
pub fn loss<const N: usize>(points: &[&Point<N>], b: &[f64; N]) -> f64 {
    let lost = |p: &&Point<N>| {
        let x = dot(b, &p.x);
        p.is * (1.0 + (-x).exp()).ln() + (1.0 - p.is) * (1.0 + x.exp()).ln()
    };
    points.iter().map(|p| p.weight * lost(p)).sum::<f64>() / points.iter().map(|p| p.weight).sum::<f64>()
}

/// Gauss's elimination; the matrix is positive definite.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut y: [f64; N]) -> [f64; N] {
    for i in 0..N {
        for k in i + 1..N {
            let share = a[k][i] / a[i][i];
            (i..N).for_each(|j| a[k][j] -= share * a[i][j]);
            y[k] -= share * y[i];
        }
    }
    for i in (0..N).rev() {
        let rest: f64 = (i + 1..N).map(|j| a[i][j] * y[j]).sum();
        y[i] = (y[i] - rest) / a[i][i];
    }
    y
}
