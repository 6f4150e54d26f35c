//! Columns brought to mean 0 and deviation 1.

/// What standardising takes from each column and divides it by: `x.mean(0)` and `x.std(0)` (with
/// PyTorch's correction, over n − 1) of the rows that train, in float64. Rows that validate and rows to
/// predict for are standardised by the same figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardize {
    columns: Vec<(f64, f64)>,
}

impl Standardize {
    /// The figures of row-major `values`, of the `rows` named. A column that is the same in all of them
    /// (or has one row only) has no deviation; it is divided by 1.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn new(values: &[f32], columns: usize, rows: &[usize]) -> Self {
        let n = rows.len() as f64;
        let of_column = |column: usize| {
            let of_rows = || rows.iter().map(move |row| f64::from(values[row * columns + column]));
            let mean = of_rows().sum::<f64>() / n;
            let squares: f64 = of_rows().map(|x| (x - mean) * (x - mean)).sum();
            let deviation = (squares / (n - 1.0)).sqrt();
            (mean, if deviation > 0.0 && deviation.is_finite() { deviation } else { 1.0 })
        };
        Standardize { columns: (0..columns).map(of_column).collect() }
    }

    /// Standardises row-major values in place.
    pub fn apply(&self, values: &mut [f32]) {
        for row in values.chunks_mut(self.columns.len().max(1)) {
            for (value, (mean, deviation)) in row.iter_mut().zip(&self.columns) {
                *value = ((f64::from(*value) - mean) / deviation) as f32;
            }
        }
    }
}
