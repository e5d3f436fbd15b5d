//! Rows of numbers, most of which are 0.

/// Compressed rows: only what is not 0 is kept.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    /// Where each row begins; the last one is the end.
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
    pub width: usize,
}

impl Matrix {
    pub fn new(width: usize) -> Self {
        Self {
            starts: vec![0],
            entries: Vec::new(),
            width,
        }
    }

    pub fn push_row(&mut self, entries: impl IntoIterator<Item = (u32, f64)>) {
        self.entries.extend(entries);
        self.starts.push(self.entries.len());
    }

    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn row(&self, index: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[index]..self.starts[index + 1]]
    }

    pub fn rows(&self) -> impl Iterator<Item = &[(u32, f64)]> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The mean of each column.
    pub fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.width];
        for (column, value) in &self.entries {
            means[*column as usize] += value;
        }
        let rows = super::numbers::real(self.len().max(1));
        for mean in &mut means {
            *mean /= rows;
        }
        means
    }
}
