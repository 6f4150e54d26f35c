//! Buffers that are used again. Work runs in the order in which it is given, so a buffer that nobody needs any
//! more can be written by what comes next, whether or not the device has got there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

/// The smallest buffer, in bytes.
const SMALLEST: u64 = 256;
/// Beyond so many bytes buffers are given back to the device.
const MOST_KEPT: u64 = 256 << 20;

/// A buffer from the pool, to which it goes back.
#[derive(Debug)]
pub struct Block {
    buffer: wgpu::Buffer,
    pool: Weak<Pool>,
}

impl Block {
    /// The buffer.
    pub(super) fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.put(self.buffer.clone());
        }
    }
}

/// Buffers by their size.
#[derive(Debug, Default)]
pub(super) struct Pool {
    free: RefCell<Free>,
}

#[derive(Debug, Default)]
struct Free {
    by_size: HashMap<u64, Vec<wgpu::Buffer>>,
    bytes: u64,
}

/// The size of a buffer for so many words: few different ones, so that they are used again.
pub(super) fn size_class(words: usize) -> u64 {
    let bytes = (words as u64 * 4).max(SMALLEST);
    // Up to a quarter more than asked for.
    let step = (bytes.next_power_of_two() / 4).max(SMALLEST);
    bytes.next_multiple_of(step)
}

impl Pool {
    /// A buffer for so many words: one from before, or a new one.
    pub(super) fn take(self: &Rc<Pool>, device: &wgpu::Device, words: usize) -> Rc<Block> {
        let size = size_class(words);
        let mut free = self.free.borrow_mut();
        let kept = free.by_size.get_mut(&size).and_then(Vec::pop);
        if kept.is_some() {
            free.bytes -= size;
        }
        let buffer = kept.unwrap_or_else(|| {
            let usage =
                wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        });
        Rc::new(Block { buffer, pool: Rc::downgrade(self) })
    }

    fn put(&self, buffer: wgpu::Buffer) {
        let mut free = self.free.borrow_mut();
        let size = buffer.size();
        if free.bytes + size <= MOST_KEPT {
            free.bytes += size;
            free.by_size.entry(size).or_default().push(buffer);
        }
    }
}
