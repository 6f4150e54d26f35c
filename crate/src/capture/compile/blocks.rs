//! Parameters as compiled steps have them: matrices transposed, `[in][out]`, and every row filled up
//! with zeros to whole vectors.

use crate::tensor::Tensor;

/// The four elements of a vector, or as many more as fill one.
pub fn whole(elements: usize) -> usize {
    elements.next_multiple_of(4)
}

/// One parameter.
#[derive(Clone, Copy)]
pub struct Block {
    /// Where it starts among all parameters, row-major
    start: usize,
    /// Where it starts among all blocks
    pub at: usize,
    /// Outputs of a weight; elements of a bias
    pub rows: usize,
    /// Inputs of a weight; 1
    pub columns: usize,
    /// Whether it is a weight
    pub is_matrix: bool,
}

impl Block {
    /// The elements between the starts of two columns.
    pub fn stride(&self) -> usize {
        whole(self.rows)
    }
}

/// All parameters.
pub struct Blocks {
    /// In their order
    pub all: Vec<Block>,
    /// The elements of all
    pub len: usize,
}

impl Blocks {
    /// The blocks of these parameters; None when one has more than two dimensions.
    pub fn new(parameters: &[Tensor]) -> Option<Blocks> {
        let (mut start, mut len) = (0, 0);
        let mut all = Vec::with_capacity(parameters.len());
        for p in parameters {
            let (rows, columns) = match *p.dims() {
                [rows, columns] => (rows, columns),
                [rows] => (rows, 1),
                _ => return None,
            };
            let block = Block { start, at: len, rows, columns, is_matrix: p.ndim() == 2 };
            start += rows * columns;
            len += columns * block.stride();
            all.push(block);
        }
        Some(Blocks { all, len })
    }

    /// The elements of all parameters.
    pub fn elements(&self) -> usize {
        self.all.iter().map(|b| b.rows * b.columns).sum()
    }

    /// Calls `f` with every element's place among the parameters and among the blocks.
    fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        for block in &self.all {
            for row in 0..block.rows {
                for column in 0..block.columns {
                    f(block.start + row * block.columns + column, block.at + column * block.stride() + row);
                }
            }
        }
    }

    /// Copies parameters, or something of each of them, into blocks.
    pub fn pack(&self, parameters: &[f32], blocks: &mut [f32]) {
        self.for_each(|from, to| blocks[to] = parameters[from]);
    }

    /// The way back.
    pub fn unpack(&self, blocks: &[f32], parameters: &mut [f32]) {
        self.for_each(|to, from| parameters[to] = blocks[from]);
    }
}
