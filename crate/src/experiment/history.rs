//! The losses of a run, in bounded memory.
//!
//! A small network makes ten million steps a second: an hour of them leaves 144 GB of losses behind. Kept
//! are all of them at first, and then buckets of as many as a power of two, each with its lowest, its
//! highest and its last loss: no spike gets lost, and a chart of buckets looks like one of all losses.
//! What is kept follows from the losses alone, not from when or in what portions they came.

/// So many losses are kept one by one.
pub const WHOLE: usize = 1 << 14;
/// With more losses, there are at most so many buckets, and from the first merge on at least half as many.
pub const BUCKETS: usize = 1 << 12;

/// What is known of losses that follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The lowest finite loss and its number, the first of equals. Where no loss is finite, the first.
    pub low: (u64, f32),
    /// The highest finite loss and its number, likewise
    pub high: (u64, f32),
    /// The last loss, finite or not
    pub last: f32,
}

impl Bucket {
    fn of(number: u64, loss: f32) -> Bucket {
        Bucket { low: (number, loss), high: (number, loss), last: loss }
    }

    fn add(&mut self, number: u64, loss: f32) {
        if loss < self.low.1 || loss > self.high.1 || !self.low.1.is_finite() {
            self.join(Bucket::of(number, loss));
        }
        self.last = loss;
    }

    /// Takes in the bucket that follows.
    fn join(&mut self, next: Bucket) {
        self.last = next.last;
        if !next.low.1.is_finite() {
            return;
        }
        let alone = !self.low.1.is_finite();
        if alone || next.low.1 < self.low.1 {
            self.low = next.low;
        }
        if alone || next.high.1 > self.high.1 {
            self.high = next.high;
        }
    }
}

/// The losses of a run; those of its validation rows, epoch by epoch, are another one.
#[derive(Debug, Clone)]
pub struct History {
    length: u64,
    size: u64,
    buckets: Vec<Bucket>,
    changed: usize,
}

impl Default for History {
    fn default() -> Self {
        History { length: 0, size: 1, buckets: Vec::new(), changed: 0 }
    }
}

impl History {
    /// What [`History::buckets`] gave, to be gone on from. None where the parts do not fit each other.
    pub fn from_parts(length: u64, size: u64, buckets: Vec<Bucket>) -> Option<History> {
        let most = if size == 1 { WHOLE } else { BUCKETS };
        let fits =
            size.is_power_of_two() && buckets.len() <= most && buckets.len() as u64 == length.div_ceil(size);
        let mut before = 0;
        let numbered = buckets.iter().all(|bucket| {
            let (first, last) = (before + 1, (before + size).min(length));
            before = last;
            [bucket.low.0, bucket.high.0].iter().all(|number| (first..=last).contains(number))
        });
        (fits && numbered).then_some(History { length, size, buckets, changed: 0 })
    }

    /// How many losses there were.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many losses a bucket stands for; the last bucket can still have fewer.
    pub fn bucket_size(&self) -> u64 {
        self.size
    }

    /// The buckets, first to last: `length / bucket_size`, rounded up.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The last loss.
    pub fn last(&self) -> Option<f32> {
        self.buckets.last().map(|bucket| bucket.last)
    }

    /// Adds the losses that follow.
    pub fn extend(&mut self, mut losses: &[f32]) {
        while let Some(&first) = losses.first() {
            let filled = self.length % self.size;
            if filled == 0 {
                let most = if self.size == 1 { WHOLE } else { BUCKETS };
                if self.buckets.len() == most {
                    self.merge();
                }
                self.buckets.push(Bucket::of(self.length + 1, first));
            }
            let room = usize::try_from(self.size - filled).unwrap_or(usize::MAX);
            let (now, later) = losses.split_at(losses.len().min(room));
            if let Some(bucket) = self.buckets.last_mut() {
                for &loss in now {
                    self.length += 1;
                    bucket.add(self.length, loss);
                }
            }
            losses = later;
        }
    }

    /// Pairs become one, until there is room for twice as many.
    fn merge(&mut self) {
        while self.buckets.len() > BUCKETS / 2 {
            for pair in 0..self.buckets.len() / 2 {
                let mut first = self.buckets[2 * pair];
                first.join(self.buckets[2 * pair + 1]);
                self.buckets[pair] = first;
            }
            self.buckets.truncate(self.buckets.len() / 2);
            self.size *= 2;
        }
        self.changed = 0;
    }

    /// The buckets that have changed since the last call, to the last: the place of the first, and they. All
    /// of them when they have become larger.
    pub fn changes(&mut self) -> (usize, &[Bucket]) {
        let from = self.changed;
        let open = !self.length.is_multiple_of(self.size);
        self.changed = self.buckets.len() - usize::from(open);
        (from, &self.buckets[from..])
    }
}

/// The mean loss of every epoch, likewise: what a loop that adds up `loss.item()` and divides by the number of
/// batches prints.
#[derive(Debug, Clone, Default)]
pub struct EpochMeans {
    sum: f64,
    count: usize,
    history: History,
}

impl EpochMeans {
    /// Those of epochs that were one step each.
    pub fn of(losses: &History) -> EpochMeans {
        EpochMeans { history: losses.clone(), ..EpochMeans::default() }
    }

    /// What [`EpochMeans::unfinished`] and [`EpochMeans::history`] gave, to be gone on from.
    pub fn from_parts((sum, count): (f64, usize), history: History) -> EpochMeans {
        EpochMeans { sum, count, history }
    }

    /// The sum of the losses of the epoch that is not over, and how many they are.
    pub fn unfinished(&self) -> (f64, usize) {
        (self.sum, self.count)
    }

    /// Adds the losses that follow, of epochs of so many batches.
    pub fn extend(&mut self, losses: &[f32], batches: usize) {
        for &loss in losses {
            self.sum += f64::from(loss);
            self.count += 1;
            if self.count == batches {
                self.history.extend(&[(self.sum / batches as f64) as f32]);
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    /// The means of the epochs that are over.
    pub fn all(&self) -> &History {
        &self.history
    }

    /// The same, to be asked for what has changed.
    pub fn history(&mut self) -> &mut History {
        &mut self.history
    }
}
