//! Fewer points than the data have, the same picture.

/// A point of a curve: step and value, in data units.
pub type Point = (f64, f64);

/// Calls `visit` for every point of a series in order: `None` for one that cannot be drawn.
///
/// Without `x` the points stand at 1, 2, 3, … A point cannot be drawn when its value is not finite
/// (or, with `positive`, not positive), or when its step is not finite, exceeds 1e15, or goes
/// backwards.
pub fn for_each_point(x: Option<&[f64]>, y: &[f32], positive: bool, mut visit: impl FnMut(Option<Point>)) {
    let drawable = |y: f32| y.is_finite() && (!positive || y > 0.0);
    match x {
        None => {
            for (i, &y) in y.iter().enumerate() {
                visit(drawable(y).then(|| ((i + 1) as f64, f64::from(y))));
            }
        }
        Some(x) => {
            let mut latest = -1e15;
            for (&x, &y) in x.iter().zip(y) {
                let good = drawable(y) && x >= latest && x <= 1e15;
                if good {
                    latest = x;
                }
                visit(good.then(|| (x, f64::from(y))));
            }
        }
    }
}

/// What has been seen of one pixel column, with the order in which it was seen.
struct Column {
    index: i64,
    first: Point,
    low: (usize, Point),
    high: (usize, Point),
    last: (usize, Point),
}

impl Column {
    fn new(index: i64, order: usize, point: Point) -> Self {
        Self { index, first: point, low: (order, point), high: (order, point), last: (order, point) }
    }

    fn add(&mut self, order: usize, point: Point) {
        if point.1 < self.low.1.1 {
            self.low = (order, point);
        }
        if point.1 > self.high.1.1 {
            self.high = (order, point);
        }
        self.last = (order, point);
    }

    fn flush(&self, into: &mut Vec<Point>) {
        into.push(self.first);
        let (a, b) = if self.low.0 <= self.high.0 { (self.low, self.high) } else { (self.high, self.low) };
        for (point, before) in [(a.1, self.first), (b.1, a.1), (self.last.1, b.1)] {
            if point != before {
                into.push(point);
            }
        }
    }
}

/// The runs of connected points to draw for a series in `columns` pixel columns over
/// `x_range` (inclusive).
///
/// Each column keeps its first, lowest, highest and last point, so no peak is lost and there are
/// at most four points per column. A run ends where points between two columns cannot be drawn; a
/// gap within one column is too narrow to be seen. Takes O(n).
pub fn decimate(
    x: Option<&[f64]>,
    y: &[f32],
    positive: bool,
    x_range: (f64, f64),
    columns: u32,
) -> Vec<Vec<Point>> {
    let per_x = f64::from(columns.max(1)) / (x_range.1 - x_range.0);
    let mut runs = Vec::new();
    let mut run = Vec::new();
    let mut column: Option<Column> = None;
    let (mut order, mut gap) = (0, false);
    for_each_point(x, y, positive, |point| {
        order += 1;
        let Some(point) = point else {
            gap = true;
            return;
        };
        let index = ((point.0 - x_range.0) * per_x) as i64;
        match &mut column {
            Some(column) if column.index == index => column.add(order, point),
            previous => {
                if let Some(previous) = previous {
                    previous.flush(&mut run);
                    if gap {
                        runs.push(std::mem::take(&mut run));
                    }
                }
                *previous = Some(Column::new(index, order, point));
            }
        }
        gap = false;
    });
    if let Some(column) = column {
        column.flush(&mut run);
        runs.push(run);
    }
    runs
}
