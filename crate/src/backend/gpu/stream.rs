//! Work on its way: one encoder with one open pass, submitted when something is read or written by the host, or
//! when there is much of it.

use super::Gpu;
use super::buffer::Block;
use super::kernel::{Kernel, WORDS};
use super::pipeline::Bound;
use std::rc::Rc;

/// Kernels of eager operations in one submission: as many as their numbers fit the uniform buffer.
const MOST: usize = 256;
const SLOT: usize = WORDS * 4;

/// What was given and not yet submitted.
#[derive(Debug)]
pub(super) struct Stream {
    encoder: Option<wgpu::CommandEncoder>,
    pass: Option<wgpu::ComputePass<'static>>,
    /// The numbers of eager operations
    uniforms: wgpu::Buffer,
    words: Vec<u32>,
    /// Since the beginning
    pub(super) dispatches: u64,
    pub(super) submissions: u64,
}

impl Stream {
    pub(super) fn new(device: &wgpu::Device) -> Stream {
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("numbers"),
            size: (MOST * SLOT) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Stream { encoder: None, pass: None, uniforms, words: Vec::new(), dispatches: 0, submissions: 0 }
    }

    fn encoder(&mut self, device: &wgpu::Device) -> &mut wgpu::CommandEncoder {
        self.encoder
            .get_or_insert_with(|| device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default()))
    }

    fn pass(&mut self, device: &wgpu::Device) -> &mut wgpu::ComputePass<'static> {
        if self.pass.is_none() {
            let pass = self.encoder(device).begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.pass = Some(pass.forget_lifetime());
        }
        self.pass.as_mut().expect("just made")
    }

    fn run(&mut self, device: &wgpu::Device, bound: &Bound) {
        self.dispatches += 1;
        let pass = self.pass(device);
        pass.set_pipeline(&bound.pipeline);
        pass.set_bind_group(0, &*bound.group, &[]);
        let [x, y, z] = bound.groups;
        pass.dispatch_workgroups(x, y, z);
    }
}

impl Gpu {
    /// Runs a kernel after all that were given before.
    pub fn dispatch(&self, kernel: &Kernel<Rc<Block>>) {
        if self.stream.borrow().words.len() >= MOST * WORDS {
            self.flush();
        }
        let (uniforms, offset) = {
            let mut stream = self.stream.borrow_mut();
            let offset = stream.words.len() as u64 * 4;
            stream.words.extend_from_slice(&kernel.words);
            (stream.uniforms.clone(), offset)
        };
        let bound = self.bind(kernel, &uniforms, offset);
        self.stream.borrow_mut().run(&self.device, &bound);
    }

    /// Runs a kernel that was bound before.
    pub fn repeat(&self, bound: &Bound) {
        self.stream.borrow_mut().run(&self.device, bound);
    }

    /// Copies words between buffers, after all that was given before.
    pub fn copy(&self, from: &Block, to: &Block, words: usize) {
        self.with_encoder(|encoder| {
            encoder.copy_buffer_to_buffer(from.buffer(), 0, to.buffer(), 0, words as u64 * 4);
        });
    }

    /// Calls `f` with the encoder, outside of a pass.
    pub(super) fn with_encoder(&self, f: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut stream = self.stream.borrow_mut();
        stream.pass = None;
        f(stream.encoder(&self.device));
    }

    /// Gives the device all there is.
    pub fn flush(&self) {
        let mut stream = self.stream.borrow_mut();
        stream.pass = None;
        let Some(encoder) = stream.encoder.take() else { return };
        if !stream.words.is_empty() {
            self.queue.write_buffer(&stream.uniforms, 0, bytemuck::cast_slice(&stream.words));
            stream.words.clear();
        }
        stream.submissions += 1;
        self.queue.submit([encoder.finish()]);
    }

    /// Kernels and submissions so far.
    pub fn counts(&self) -> (u64, u64) {
        let stream = self.stream.borrow();
        (stream.dispatches, stream.submissions)
    }
}
