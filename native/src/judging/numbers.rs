//! Arithmetic to the last bit as Python's: the same functions of the C library, in the same order.

use std::hint::black_box;

pub const CEILING: f64 = 100.0;

/// `2.0 ** x`. The compiler must not know the base: it would take `exp2`, of which the last bit differs.
pub fn two_to(x: f64) -> f64 {
    black_box(2.0_f64).powf(x)
}

/// `x ** (1 / 3)`. The C library's `cbrt` is out of reach: Rust brings one of its own, which rounds otherwise.
fn root(x: f64) -> f64 {
    x.powf(black_box(1.0_f64 / 3.0))
}

/// `from / to` of integers, each exact as a float, as Python divides them.
pub fn ratio(from: i64, to: i64) -> f64 {
    from as f64 / to as f64
}

/// `core/score/saturation.py`.
pub fn sat(s: f64, cap: f64) -> f64 {
    if s <= cap {
        let x = s / cap;
        return s / root(1.0 + x * x * x);
    }
    let x = cap / s;
    cap / root(1.0 + x * x * x)
}

/// `sat_and_slope` of the same.
pub fn sat_and_slope(s: f64, cap: f64) -> (f64, f64) {
    if s <= cap {
        let x = s / cap;
        let y = 1.0 + x * x * x;
        let root = root(y);
        return (s / root, 1.0 / (y * root));
    }
    let x = cap / s;
    let cube = x * x * x;
    let y = 1.0 + cube;
    let root = root(y);
    (cap / root, cube * x / (y * root))
}

/// Python's `sum`, which compensates from 3.12 on.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    total: f64,
    lost: f64,
    compensated: bool,
}

impl Sum {
    pub fn new(compensated: bool) -> Sum {
        Sum { total: 0.0, lost: 0.0, compensated }
    }

    pub fn add(&mut self, x: f64) {
        if !self.compensated {
            self.total += x;
            return;
        }
        let total = self.total + x;
        self.lost += if self.total.abs() >= x.abs() { (self.total - total) + x } else { (x - total) + self.total };
        self.total = total;
    }

    pub fn total(&self) -> f64 {
        if self.compensated && self.lost != 0.0 && self.lost.is_finite() { self.total + self.lost } else { self.total }
    }
}
