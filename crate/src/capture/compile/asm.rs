//! A little assembler over `wasm-encoder`: addresses, locals that are taken and given back, and modules
//! with the one function that a compiled step is.

use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    InstructionSink, MemArg, MemArgTarget, MemoryType, Module, TypeSection, ValType,
};

/// An address: bytes from a pointer in a local, or from the memory's start.
#[derive(Clone, Copy)]
pub struct At {
    /// The local that holds the pointer
    pub pointer: Option<u32>,
    /// Bytes
    pub offset: u32,
}

impl At {
    /// So many bytes from the memory's start.
    pub fn fixed(offset: u32) -> At {
        At { pointer: None, offset }
    }

    /// So many f32 elements further.
    pub fn plus(self, elements: usize) -> At {
        At { offset: self.offset + 4 * elements as u32, ..self }
    }

    fn argument(self, align: u32) -> MemArg {
        MemArg { offset: u64::from(self.offset), align, target: MemArgTarget::Memory(0), ordering: None }
    }
}

/// The parameters of a compiled step's function.
pub const STEPS: u32 = 0;
/// A pointer to the rows of each batch: u32.
pub const ROWS: u32 = 1;
/// A pointer to where the losses go: f32.
pub const LOSSES: u32 = 2;
const PARAMETERS: u32 = 3;

/// What the host gives: see [`Asm::finish`].
pub const CALL: u32 = 0;
/// The optimizer's update, where it is not written out.
pub const UPDATE: u32 = 1;

/// A function that is being written.
#[derive(Default)]
pub struct Asm {
    bytes: Vec<u8>,
    locals: Vec<ValType>,
    free: Vec<u32>,
}

impl Asm {
    /// The instructions written so far, to go on with those that need no help.
    pub fn code(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    /// A local that nothing uses.
    pub fn local(&mut self, kind: ValType) -> u32 {
        let kind_of = |local: u32| self.locals[(local - PARAMETERS) as usize];
        if let Some(i) = self.free.iter().position(|&local| kind_of(local) == kind) {
            return self.free.swap_remove(i);
        }
        self.locals.push(kind);
        PARAMETERS + self.locals.len() as u32 - 1
    }

    /// A local for a vector.
    pub fn vector(&mut self) -> u32 {
        self.local(ValType::V128)
    }

    /// So many of them.
    pub fn vectors(&mut self, n: usize) -> Vec<u32> {
        (0..n).map(|_| self.vector()).collect()
    }

    /// Gives locals back.
    pub fn release(&mut self, locals: impl IntoIterator<Item = u32>) {
        self.free.extend(locals);
    }

    fn pointer(&mut self, at: At) {
        match at.pointer {
            Some(local) => self.code().local_get(local),
            None => self.code().i32_const(0),
        };
    }

    /// Pushes four elements.
    pub fn load(&mut self, at: At) {
        self.pointer(at);
        self.code().v128_load(at.argument(2));
    }

    /// Pushes one element, four times.
    pub fn splat(&mut self, at: At) {
        self.pointer(at);
        self.code().v128_load32_splat(at.argument(2));
    }

    /// Pushes a number, four times.
    pub fn constant(&mut self, value: f32) {
        let bits = u128::from(value.to_bits());
        self.code().v128_const((bits | bits << 32 | bits << 64 | bits << 96) as i128);
    }

    /// Stores the four elements in a local.
    pub fn store(&mut self, at: At, local: u32) {
        self.pointer(at);
        self.code().local_get(local).v128_store(at.argument(2));
    }

    /// Stores the first of the four elements in a local.
    pub fn store_first(&mut self, at: At, local: u32) {
        self.pointer(at);
        self.code().local_get(local).v128_store32_lane(at.argument(2), 0);
    }

    /// Pushes one i32 element.
    pub fn load_word(&mut self, at: At) {
        self.pointer(at);
        self.code().i32_load(at.argument(2));
    }

    /// Copies one element of 32 bits.
    pub fn copy_word(&mut self, from: At, to: At) {
        self.pointer(to);
        self.load_word(from);
        self.code().i32_store(to.argument(2));
    }

    /// Moves a pointer on by so many bytes.
    pub fn advance(&mut self, pointer: u32, bytes: u32) {
        self.code().local_get(pointer).i32_const(bytes as i32).i32_add().local_set(pointer);
    }

    /// Sets a pointer to where another stands, or to the memory's start, and so many bytes.
    pub fn set_pointer(&mut self, pointer: u32, at: At) {
        self.pointer(at);
        self.code().i32_const(at.offset as i32).i32_add().local_set(pointer);
    }

    /// Repeats `body` n times. It gets pointers that start at `from` and go on by so many bytes each
    /// time.
    pub fn repeat<const N: usize>(
        &mut self,
        n: usize,
        from: [(At, u32); N],
        body: impl FnOnce(&mut Asm, [At; N]),
    ) {
        let count = self.local(ValType::I32);
        self.code().i32_const(n as i32).local_set(count);
        let pointers = from.map(|(at, _)| {
            let pointer = self.local(ValType::I32);
            self.set_pointer(pointer, at);
            pointer
        });
        self.code().loop_(BlockType::Empty);
        body(self, pointers.map(|p| At { pointer: Some(p), offset: 0 }));
        for (pointer, (_, bytes)) in pointers.into_iter().zip(from) {
            self.advance(pointer, bytes);
        }
        self.code().local_get(count).i32_const(1).i32_sub().local_tee(count).br_if(0).end();
        self.release(pointers);
        self.release([count]);
    }

    /// The module: it imports `host.memory`, `host.call` and `host.update` (both take an i32), and exports
    /// `run(steps, rows, losses)`, which returns the number of steps that it made.
    pub fn finish(self) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], []);
        types.ty().function([ValType::I32; 3], [ValType::I32]);
        let mut imports = ImportSection::new();
        let memory =
            MemoryType { minimum: 0, maximum: None, memory64: false, shared: false, page_size_log2: None };
        imports.import("host", "memory", EntityType::Memory(memory));
        imports.import("host", "call", EntityType::Function(0));
        imports.import("host", "update", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(1);
        let mut exports = ExportSection::new();
        exports.export("run", ExportKind::Func, 2);
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(self.bytes);
        function.instructions().end();
        let mut code = CodeSection::new();
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }
}
