//! Pipelines, made once for each key, and what a dispatch binds.

use super::Gpu;
use super::buffer::Block;
use super::kernel::{Kernel, Key, WORDS};
use std::collections::HashMap;
use std::rc::Rc;

/// Pipelines by key, and layouts by the numbers of buffers that are read and written.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    by_key: HashMap<Key, Rc<wgpu::ComputePipeline>>,
    layouts: HashMap<(usize, usize), Rc<wgpu::BindGroupLayout>>,
}

impl Pipelines {
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn knows(&self, key: &Key) -> bool {
        self.by_key.contains_key(key)
    }

    fn layout(
        &mut self,
        device: &wgpu::Device,
        (reads, writes): (usize, usize),
    ) -> Rc<wgpu::BindGroupLayout> {
        let make = || {
            let entry = |binding: usize, ty| wgpu::BindGroupLayoutEntry {
                binding: binding as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
                count: None,
            };
            let storage = |binding: usize| {
                entry(binding, wgpu::BufferBindingType::Storage { read_only: binding <= reads })
            };
            let mut entries = vec![entry(0, wgpu::BufferBindingType::Uniform)];
            entries.extend((1..=reads + writes).map(storage));
            let descriptor = wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries };
            Rc::new(device.create_bind_group_layout(&descriptor))
        };
        self.layouts.entry((reads, writes)).or_insert_with(make).clone()
    }

    fn make(
        &self,
        device: &wgpu::Device,
        label: &str,
        source: &str,
        group: &wgpu::BindGroupLayout,
    ) -> Rc<wgpu::ComputePipeline> {
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(group)],
            immediate_size: 0,
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        Rc::new(device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: Some(&layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        }))
    }

    fn pipeline(
        &mut self,
        device: &wgpu::Device,
        key: &Key,
        buffers: (usize, usize),
    ) -> Rc<wgpu::ComputePipeline> {
        if let Some(known) = self.by_key.get(key) {
            return known.clone();
        }
        let group = self.layout(device, buffers);
        let pipeline = self.make(device, &format!("{:?}", key.file), &key.source(), &group);
        self.by_key.insert(key.clone(), pipeline.clone());
        pipeline
    }
}

/// Kernels that run again and again, with their numbers.
#[derive(Debug)]
pub struct Prepared {
    /// In order
    pub kernels: Vec<Bound>,
    /// Kept: their buffers must not go back to the pool
    _blocks: Vec<Rc<Block>>,
}

/// A kernel with all that a dispatch needs.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(super) pipeline: Rc<wgpu::ComputePipeline>,
    pub(super) group: Rc<wgpu::BindGroup>,
    pub(super) groups: [u32; 3],
}

impl Gpu {
    /// Kernels with pipelines, numbers and buffers in place, to be repeated.
    pub fn prepare(&self, kernels: &[Kernel<Rc<Block>>]) -> Prepared {
        let uniforms = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("numbers of a step"),
            size: (kernels.len().max(1) * WORDS * 4) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let words: Vec<u32> = kernels.iter().flat_map(|kernel| kernel.words).collect();
        self.queue.write_buffer(&uniforms, 0, bytemuck::cast_slice(&words));
        let bind = |(i, kernel)| self.bind(kernel, &uniforms, (i * WORDS * 4) as u64);
        let blocks = kernels.iter().flat_map(|kernel| kernel.reads.iter().chain(&kernel.writes)).cloned();
        Prepared { kernels: kernels.iter().enumerate().map(bind).collect(), _blocks: blocks.collect() }
    }

    /// One kernel with a source and numbers of its own.
    pub fn prepare_source(
        &self,
        source: &str,
        words: &[u32],
        reads: &[Rc<Block>],
        writes: &[Rc<Block>],
    ) -> Prepared {
        let uniforms = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("numbers of many kernels"),
            size: (words.len() * 4) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&uniforms, 0, bytemuck::cast_slice(words));
        let buffers = (reads.len(), writes.len() + 1);
        let mut pipelines = self.pipelines.borrow_mut();
        let group = pipelines.layout(&self.device, buffers);
        let pipeline = pipelines.make(&self.device, "many kernels", source, &group);
        let storages = reads.iter().chain(writes).map(|block| block.buffer()).chain([&self.trouble]);
        let entries: Vec<wgpu::BindGroupEntry<'_>> = [&uniforms]
            .into_iter()
            .chain(storages)
            .enumerate()
            .map(|(i, buffer)| wgpu::BindGroupEntry {
                binding: i as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &group, entries: &entries };
        let group = Rc::new(self.device.create_bind_group(&descriptor));
        let blocks = reads.iter().chain(writes).cloned().collect();
        Prepared { kernels: vec![Bound { pipeline, group, groups: [1, 1, 1] }], _blocks: blocks }
    }

    /// A kernel whose numbers are in a uniform buffer, from byte `offset` on.
    pub(super) fn bind(&self, kernel: &Kernel<Rc<Block>>, uniforms: &wgpu::Buffer, offset: u64) -> Bound {
        let buffers = (kernel.reads.len(), kernel.writes.len() + usize::from(kernel.complains));
        let mut pipelines = self.pipelines.borrow_mut();
        let pipeline = pipelines.pipeline(&self.device, &kernel.key, buffers);
        let layout = pipelines.layout(&self.device, buffers);
        let numbers =
            wgpu::BufferBinding { buffer: uniforms, offset, size: wgpu::BufferSize::new(WORDS as u64 * 4) };
        let storages = kernel.reads.iter().chain(&kernel.writes).map(|block| block.buffer());
        let storages = storages.chain(kernel.complains.then_some(&self.trouble));
        let mut entries =
            vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(numbers) }];
        entries.extend(storages.enumerate().map(|(i, buffer)| wgpu::BindGroupEntry {
            binding: i as u32 + 1,
            resource: buffer.as_entire_binding(),
        }));
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &layout,
            entries: &entries,
        });
        Bound { pipeline, group: Rc::new(group), groups: kernel.groups }
    }
}
