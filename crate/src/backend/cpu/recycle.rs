//! Small blocks of elements that are used again: a small network's step makes as many tensors as a large
//! one's, and would spend more on memory than on numbers.

use super::CpuStorage;
use std::cell::RefCell;

/// Longer blocks are the allocator's: it takes little beside what is done with them.
const LONGEST: usize = 64;
/// No more are kept of each length: a step's, for networks of a few layers.
const MOST: usize = 16;

/// Free blocks of one length.
struct Shelf {
    blocks: Vec<Vec<f32>>,
    /// How often there was none: so many can be of use
    room: usize,
}

thread_local! {
    /// By their length
    static SHELVES: RefCell<[Shelf; LONGEST + 1]> =
        const { RefCell::new([const { Shelf { blocks: Vec::new(), room: 0 } }; LONGEST + 1]) };
}

/// A block of so many elements, which are to be overwritten: what is in it is left from before.
pub(super) fn take(n: usize) -> Vec<f32> {
    // Where the thread is ending there are no shelves any more.
    let found = SHELVES.try_with(|shelves| {
        let mut shelves = shelves.borrow_mut();
        let shelf = shelves.get_mut(n)?;
        let block = shelf.blocks.pop();
        if block.is_none() && shelf.room < MOST {
            shelf.room += 1;
        }
        block
    });
    found.ok().flatten().unwrap_or_else(|| vec![0.0; n])
}

/// Keeps the elements of a storage that nobody needs any more, where they can be of use.
pub fn give_back(storage: &mut CpuStorage) {
    let CpuStorage::F32(values) = storage else { return };
    if values.capacity() > LONGEST {
        return;
    }
    let _ = SHELVES.try_with(|shelves| {
        let shelf = &mut shelves.borrow_mut()[values.len()];
        if shelf.blocks.len() < shelf.room {
            shelf.blocks.push(std::mem::take(values));
        }
    });
}
