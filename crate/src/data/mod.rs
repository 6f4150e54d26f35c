//! Which rows are trained on, and in which order: `random_split` and the DataLoader's draws.

use crate::rng::Generator;

/// Training and validation rows, as `random_split(data, [n − n_val, n_val], Generator(seed))` with
/// n_val = ⌊n · validation⌋.
pub fn random_split(n: usize, validation: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let n_val = (n as f64 * validation).floor() as usize;
    let mut train = Generator::new(seed).randperm(n);
    let validation = train.split_off(n - n_val);
    (train, validation)
}

/// The order of one pass of a `DataLoader` over `n` rows, with the draws that it makes: one for its
/// base seed in any case, and one for a generator of its own when it shuffles.
pub fn loader_order(n: usize, shuffle: bool, generator: &mut Generator) -> Vec<usize> {
    generator.u64();
    if shuffle {
        let seed = generator.random_i64();
        Generator::new(seed as u64).randperm(n)
    } else {
        (0..n).collect()
    }
}
