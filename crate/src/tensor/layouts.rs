//! The layouts of new tensors, shared: a step makes the same few shapes over and over.

use crate::dtype::DType;
use crate::error::Result;
use crate::shape::{Layout, MAX_BYTES, allocatable, same_dims};
use std::cell::RefCell;
use std::rc::Rc;

/// Places for shapes, one of each hash.
const PLACES: usize = 32;

type Known = [Option<Rc<Layout>>; PLACES];

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new([const { None }; PLACES]) };
}

/// Row-major from the start of a new storage.
///
/// # Errors
/// When the elements take more than [`MAX_BYTES`].
pub(super) fn of_new(dims: &[usize], dtype: DType) -> Result<Rc<Layout>> {
    let place = dims.iter().fold(dims.len(), |hash, &size| hash.wrapping_mul(7).wrapping_add(size)) % PLACES;
    let find = |known: &RefCell<Known>| {
        let known = known.borrow();
        known[place].as_ref().filter(|layout| same_dims(layout.dims(), dims)).cloned()
    };
    // Where the thread is ending nothing is known any more.
    if let Ok(Some(layout)) = KNOWN.try_with(find) {
        return Ok(layout);
    }
    allocatable(dims, dtype)?;
    let layout = Rc::new(Layout::contiguous(dims));
    // Only what is allowed for every dtype needs no other look.
    if layout.numel() <= MAX_BYTES / 8 {
        let _ = KNOWN.try_with(|known| known.borrow_mut()[place] = Some(layout.clone()));
    }
    Ok(layout)
}
