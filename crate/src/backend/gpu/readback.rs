//! Reading elements back. It takes until the device has got there: a future in browsers, which must not wait.

use super::Gpu;
use super::buffer::{Block, size_class};
use super::lower::complaint;
use crate::error::{Error, Result};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Some words of a buffer.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The buffer
    pub block: &'a Block,
    /// The first word
    pub start: usize,
    /// How many
    pub len: usize,
}

/// What kernels complain in comes along with every reading.
const TROUBLE: usize = 4;

#[derive(Default)]
struct Arrival {
    done: Option<Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

/// Words on their way to the host.
pub struct Reading {
    gpu: std::rc::Rc<Gpu>,
    buffer: wgpu::Buffer,
    words: usize,
    arrival: Arc<Mutex<Arrival>>,
}

impl Gpu {
    /// Starts to read parts of buffers, one after the other, as they are after all that was given before.
    pub fn read(self: &std::rc::Rc<Gpu>, parts: &[Part<'_>]) -> Reading {
        let words: usize = parts.iter().map(|part| part.len).sum();
        let size = size_class(words + TROUBLE);
        let kept = {
            let mut staging = self.staging.borrow_mut();
            let at = staging.iter().position(|buffer| buffer.size() == size);
            at.map(|at| staging.swap_remove(at))
        };
        let buffer = kept.unwrap_or_else(|| {
            let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
            let label = Some("staging");
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label,
                size,
                usage,
                mapped_at_creation: false,
            })
        });
        self.with_encoder(|encoder| {
            let mut at = 0;
            for part in parts.iter().filter(|part| part.len > 0) {
                let (start, len) = (part.start as u64 * 4, part.len as u64 * 4);
                encoder.copy_buffer_to_buffer(part.block.buffer(), start, &buffer, at, len);
                at += len;
            }
            encoder.copy_buffer_to_buffer(&self.trouble, 0, &buffer, at, TROUBLE as u64 * 4);
            encoder.clear_buffer(&self.trouble, 0, None);
        });
        self.flush();
        let arrival = Arc::new(Mutex::new(Arrival::default()));
        let told = arrival.clone();
        buffer.map_async(wgpu::MapMode::Read, 0..(words + TROUBLE) as u64 * 4, move |result| {
            let mut arrival = told.lock().unwrap_or_else(|e| e.into_inner());
            arrival.done = Some(result);
            if let Some(waker) = arrival.waker.take() {
                waker.wake();
            }
        });
        Reading { gpu: self.clone(), buffer, words, arrival }
    }
}

impl Reading {
    /// The words.
    ///
    /// # Errors
    /// When the device is lost or has refused something, and what kernels complained about since the last
    /// reading.
    pub async fn wait(self) -> Result<Vec<u32>> {
        // In browsers this does nothing, and the wait below is a real one.
        let _ = self.gpu.device.poll(wgpu::PollType::wait_indefinitely());
        let arrived = poll_fn(|context| {
            let mut arrival = self.arrival.lock().unwrap_or_else(|e| e.into_inner());
            match arrival.done.take() {
                Some(result) => Poll::Ready(result),
                None => {
                    arrival.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        });
        let arrived = arrived.await;
        self.gpu.check()?;
        arrived.map_err(|error| Error::Device(format!("WebGPU: {error}")))?;
        let bytes = (self.words + TROUBLE) as u64 * 4;
        let words: Vec<u32> = {
            let mapped = self.buffer.slice(0..bytes).get_mapped_range();
            let mapped = mapped.map_err(|error| Error::Device(format!("WebGPU: {error}")))?;
            bytemuck::pod_collect_to_vec(&mapped)
        };
        self.buffer.unmap();
        self.gpu.staging.borrow_mut().push(self.buffer.clone());
        let (words, trouble) = words.split_at(self.words);
        match trouble.try_into().ok().and_then(complaint) {
            Some(error) => Err(error),
            None => Ok(words.to_vec()),
        }
    }
}
