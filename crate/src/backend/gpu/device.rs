//! Asking for a device, and how it is.

use super::buffer::{Block, Pool, size_class};
use super::kernel::Key;
use super::pipeline::Pipelines;
use super::stream::Stream;
use crate::error::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// What has become of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why it is gone, if it is: nothing that is on it can be read any more
    pub lost: Option<String>,
    /// The first thing that it refused to do
    pub error: Option<String>,
}

impl Health {
    /// Whether it can be worked with.
    pub fn is_well(&self) -> bool {
        self.lost.is_none() && self.error.is_none()
    }
}

/// A device with its queue, its buffers and its pipelines.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    name: String,
    limits: wgpu::Limits,
    narrow: bool,
    health: Arc<Mutex<Health>>,
    pool: Rc<Pool>,
    pub(super) pipelines: RefCell<Pipelines>,
    pub(super) stream: RefCell<Stream>,
    /// Where kernels complain
    pub(super) trouble: wgpu::Buffer,
    /// Buffers that the host reads, for the next time
    pub(super) staging: RefCell<Vec<wgpu::Buffer>>,
}

impl Gpu {
    /// The fastest device there is. In a browser, ask `navigator.gpu` for an adapter first: where there is none
    /// this can fail in ways that cannot be caught.
    ///
    /// # Errors
    /// When there is none, or it has less than every WebGPU device has.
    pub async fn request() -> Result<Rc<Gpu>> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = |force_fallback_adapter| wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            force_fallback_adapter,
            ..Default::default()
        };
        let adapter = match instance.request_adapter(&options(false)).await {
            Ok(adapter) => adapter,
            Err(_) => instance.request_adapter(&options(true)).await.map_err(|e| none(&e.to_string()))?,
        };
        // What is wanted beyond what every device has, as far as this one has it.
        let has = adapter.limits();
        let mut limits = wgpu::Limits::default().or_worse_values_from(&has);
        const WANTED: u64 = 1 << 30;
        limits.max_buffer_size = has.max_buffer_size.min(WANTED);
        limits.max_storage_buffer_binding_size = has.max_storage_buffer_binding_size.min(WANTED);
        let descriptor = wgpu::DeviceDescriptor { required_limits: limits.clone(), ..Default::default() };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|e| none(&e.to_string()))?;
        let info = adapter.get_info();
        // Eight lanes are a vector of a processor's; graphics processors have 16 or more, or choose.
        let narrow = (1..=8).contains(&info.subgroup_max_size);
        let name = if info.name.is_empty() { info.driver } else { info.name };
        let health = Arc::new(Mutex::new(Health::default()));
        let (lost, refused) = (health.clone(), health.clone());
        device.set_device_lost_callback(move |reason, message| {
            let why = if message.is_empty() { format!("{reason:?}") } else { message };
            lost.lock().unwrap_or_else(|e| e.into_inner()).lost.get_or_insert(why);
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let mut health = refused.lock().unwrap_or_else(|e| e.into_inner());
            health.error.get_or_insert_with(|| error.to_string());
        }));
        let trouble = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("trouble"),
            size: 16,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Ok(Rc::new(Gpu {
            stream: RefCell::new(Stream::new(&device)),
            device,
            queue,
            name,
            limits,
            narrow,
            health,
            pool: Rc::default(),
            pipelines: RefCell::default(),
            trouble,
            staging: RefCell::default(),
        }))
    }

    /// The device's name, as far as it is told.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a processor that runs threads as the lanes of its vectors: few of them, so that what they have in
    /// common is slow, and a thread with much to do is quick.
    pub fn narrow(&self) -> bool {
        self.narrow
    }

    /// How it is.
    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Notes what went wrong.
    pub(super) fn fail(&self, why: String) {
        self.health.lock().unwrap_or_else(|e| e.into_inner()).error.get_or_insert(why);
    }

    /// Nothing when it can be worked with.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self) -> Result<()> {
        match self.health() {
            Health { lost: Some(why), .. } => Err(Error::Device(format!("the WebGPU device is lost: {why}"))),
            Health { error: Some(why), .. } => Err(Error::Device(format!("WebGPU: {why}"))),
            _ => Ok(()),
        }
    }

    /// Gives the device up: for tests of what happens then.
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// A buffer for so many words.
    ///
    /// # Errors
    /// When it would be too large for the device.
    pub fn alloc(&self, words: usize) -> Result<Rc<Block>> {
        let most = self.limits.max_buffer_size.min(self.limits.max_storage_buffer_binding_size);
        if size_class(words) > most {
            return Err(Error::Memory(format!(
                "can't allocate memory: you tried to allocate {} bytes, and a WebGPU buffer here may have {most}",
                words as u64 * 4
            )));
        }
        Ok(self.pool.take(&self.device, words))
    }

    /// The smallest buffer.
    pub(super) fn nothing(&self) -> Rc<Block> {
        self.pool.take(&self.device, 1)
    }

    /// A buffer with these words.
    ///
    /// # Errors
    /// As [`Gpu::alloc`].
    pub fn upload(&self, words: &[u32]) -> Result<Rc<Block>> {
        self.check()?;
        let block = self.alloc(words.len())?;
        self.write(&block, 0, words);
        Ok(block)
    }

    /// Writes words into a buffer, from a place on. What was given to the device before runs before.
    pub fn write(&self, block: &Block, at: usize, words: &[u32]) {
        if words.is_empty() {
            return;
        }
        self.flush();
        self.queue.write_buffer(block.buffer(), at as u64 * 4, bytemuck::cast_slice(words));
    }

    /// How many pipelines have been made.
    pub fn pipelines(&self) -> usize {
        self.pipelines.borrow().len()
    }

    /// Whether a kernel's pipeline is there.
    pub fn knows(&self, key: &Key) -> bool {
        self.pipelines.borrow().knows(key)
    }
}

fn none(why: &str) -> Error {
    Error::Device(format!("no WebGPU device: {why}"))
}

/// Waits for what a device does.
#[cfg(not(target_arch = "wasm32"))]
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
