//! Cuts a WebAssembly module in two: the functions that a first visit runs, and the rest, which is loaded when it is
//! first called or when there is time.
//!
//! The first part keeps every function's number. What is left out becomes a stub that calls through a table, whose
//! places the second part fills when it is instantiated; the table's place 0 holds what loads it. [`probe`] makes the
//! module that tells which functions run.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{FuncType, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::Result;

/// The export that holds the table. What the second part takes from the first is exported as a letter and a number.
const TABLE: &str = "rest";
/// Where the second part's imports come from.
const FIRST: &str = "first";
/// Bodies up to so many bytes are no larger than their stubs.
const TINY: usize = 24;

/// A module read once.
struct Source<'a> {
    types: Vec<FuncType>,
    /// The type of each function, imported ones first
    functions: Vec<u32>,
    imported: usize,
    bodies: Vec<FunctionBody<'a>>,
    tables: Vec<wasmparser::TableType>,
    memories: Vec<wasmparser::MemoryType>,
    globals: Vec<wasmparser::GlobalType>,
    bytes: &'a [u8],
}

fn wrong(error: impl std::fmt::Display) -> String {
    format!("the module cannot be cut in two: {error}")
}

impl<'a> Source<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut source = Source {
            types: Vec::new(),
            functions: Vec::new(),
            imported: 0,
            bodies: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            bytes,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(wrong)? {
                Payload::TypeSection(section) => {
                    for kind in section.into_iter_err_on_gc_types() {
                        source.types.push(kind.map_err(wrong)?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import.map_err(wrong)?.ty {
                            TypeRef::Func(kind) => source.functions.push(kind),
                            TypeRef::Table(table) => source.tables.push(table),
                            TypeRef::Memory(memory) => source.memories.push(memory),
                            TypeRef::Global(global) => source.globals.push(global),
                            other => return Err(wrong(format!("it imports {other:?}"))),
                        }
                    }
                    source.imported = source.functions.len();
                }
                Payload::FunctionSection(section) => {
                    for kind in section {
                        source.functions.push(kind.map_err(wrong)?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        source.tables.push(table.map_err(wrong)?.ty);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        source.memories.push(memory.map_err(wrong)?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        source.globals.push(global.map_err(wrong)?.ty);
                    }
                }
                Payload::CodeSectionEntry(body) => source.bodies.push(body),
                _ => {}
            }
        }
        Ok(source)
    }

    fn kind(&self, function: usize) -> &FuncType {
        &self.types[self.functions[function] as usize]
    }

    /// Functions with a body that can be left out: those that neither are tiny nor name functions or data segments.
    fn can_wait(&self, body: &FunctionBody<'a>) -> Result<bool> {
        if body.as_bytes().len() <= TINY {
            return Ok(false);
        }
        for operator in body.get_operators_reader().map_err(wrong)? {
            let bound = matches!(
                operator.map_err(wrong)?,
                Operator::RefFunc { .. }
                    | Operator::MemoryInit { .. }
                    | Operator::DataDrop { .. }
                    | Operator::TableInit { .. }
                    | Operator::ElemDrop { .. }
            );
            if bound {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The module with a global for each of its own functions, exported as `ran0`, `ran1`, …, which is 1 after it has run.
pub fn probe(bytes: &[u8]) -> Result<Vec<u8>> {
    let source = Source::read(bytes)?;
    let first_global = u32::try_from(source.globals.len()).map_err(wrong)?;
    let mut probe = Probe { first_global, count: source.bodies.len() as u32, next: 0 };
    let mut module = Module::new();
    probe.parse_core_module(&mut module, Parser::new(0), bytes).map_err(wrong)?;
    Ok(module.finish())
}

struct Probe {
    first_global: u32,
    count: u32,
    next: u32,
}

type Outcome<T = ()> = std::result::Result<T, reencode::Error>;

impl Reencode for Probe {
    type Error = std::convert::Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Outcome {
        reencode::utils::parse_global_section(self, globals, section)?;
        for _ in 0..self.count {
            let kind = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            globals.global(kind, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Outcome {
        reencode::utils::parse_export_section(self, exports, section)?;
        for i in 0..self.count {
            exports.export(&format!("ran{i}"), ExportKind::Global, self.first_global + i);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Outcome {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::GlobalSet(self.first_global + self.next));
        self.next += 1;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            self.parse_instruction(&mut reader).map(|instruction| function.instruction(&instruction))?;
        }
        code.function(&function);
        Ok(())
    }
}

/// The two parts. `ran` numbers the module's own functions that the first part has to have.
pub fn split(bytes: &[u8], ran: &BTreeSet<usize>) -> Result<(Vec<u8>, Vec<u8>)> {
    let source = Source::read(bytes)?;
    let mut later = Vec::new();
    for (i, body) in source.bodies.iter().enumerate() {
        if !ran.contains(&i) && source.can_wait(body)? {
            later.push(i);
        }
    }
    let second = second(&source, &later)?;
    let first = first(&source, &later, &second.needs)?;
    Ok((first, second.module))
}

struct Second {
    module: Vec<u8>,
    /// Functions of the first part
    needs: BTreeSet<u32>,
}

/// Numbers of functions as they are in the second part.
struct Renumber {
    of: BTreeMap<u32, u32>,
}

impl Reencode for Renumber {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Outcome<u32> {
        Ok(self.of[&function])
    }
}

fn second(source: &Source<'_>, later: &[usize]) -> Result<Second> {
    let own: BTreeSet<u32> = later.iter().map(|&i| (source.imported + i) as u32).collect();
    let mut needs = BTreeSet::new();
    for &i in later {
        for operator in source.bodies[i].get_operators_reader().map_err(wrong)? {
            match operator.map_err(wrong)? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index }
                    if !own.contains(&function_index) =>
                {
                    needs.insert(function_index);
                }
                _ => {}
            }
        }
    }
    let numbered = needs.iter().chain(&own).enumerate();
    let mut renumber = Renumber { of: numbered.map(|(new, &old)| (old, new as u32)).collect() };
    let mut same = RoundtripReencoder;

    let mut types = TypeSection::new();
    for kind in &source.types {
        types.ty().func_type(&same.func_type(kind.clone()).map_err(wrong)?);
    }
    let mut imports = ImportSection::new();
    for &function in &needs {
        imports.import(
            FIRST,
            &name('f', function),
            EntityType::Function(source.functions[function as usize]),
        );
    }
    for (i, &table) in source.tables.iter().enumerate() {
        imports.import(FIRST, &name('t', i as u32), same.table_type(table).map_err(wrong)?);
    }
    imports.import(FIRST, TABLE, table_of(later.len()));
    for (i, &memory) in source.memories.iter().enumerate() {
        imports.import(FIRST, &name('m', i as u32), same.memory_type(memory).map_err(wrong)?);
    }
    for (i, &global) in source.globals.iter().enumerate() {
        imports.import(FIRST, &name('g', i as u32), same.global_type(global).map_err(wrong)?);
    }
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for &i in later {
        functions.function(source.functions[source.imported + i]);
        renumber.parse_function_body(&mut code, source.bodies[i].clone()).map_err(wrong)?;
    }
    let filled: Vec<u32> = (0..later.len()).map(|i| (needs.len() + i) as u32).collect();
    let mut elements = ElementSection::new();
    let table = source.tables.len() as u32;
    elements.active(Some(table), &ConstExpr::i32_const(1), Elements::Functions(Cow::Borrowed(&filled)));

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    Ok(Second { module: module.finish(), needs })
}

/// Place 0 loads the second part, whose functions follow.
fn table_of(functions: usize) -> TableType {
    let size = functions as u64 + 1;
    TableType {
        element_type: RefType::FUNCREF,
        minimum: size,
        maximum: Some(size),
        table64: false,
        shared: false,
    }
}

/// Short names: there are many.
fn name(letter: char, number: u32) -> String {
    format!("{letter}{number}")
}

struct First<'s, 'a> {
    source: &'s Source<'a>,
    /// By number among the module's own functions: the place in the table
    places: BTreeMap<usize, u32>,
    needs: &'s BTreeSet<u32>,
    /// The type of functions that neither take nor give anything
    nothing: u32,
    next: usize,
}

fn first(source: &Source<'_>, later: &[usize], needs: &BTreeSet<u32>) -> Result<Vec<u8>> {
    let nothing = source.types.iter().position(|kind| kind.params().is_empty() && kind.results().is_empty());
    let nothing = nothing.unwrap_or(source.types.len()) as u32;
    let places = later.iter().enumerate().map(|(place, &i)| (i, place as u32 + 1)).collect();
    let mut first = First { source, places, needs, nothing, next: 0 };
    let mut module = Module::new();
    first.parse_core_module(&mut module, Parser::new(0), source.bytes).map_err(wrong)?;
    Ok(module.finish())
}

impl Reencode for First<'_, '_> {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Outcome {
        reencode::utils::parse_type_section(self, types, section)?;
        if self.nothing as usize == self.source.types.len() {
            types.ty().function([], []);
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Outcome {
        reencode::utils::parse_table_section(self, tables, section)?;
        tables.table(table_of(self.places.len()));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Outcome {
        reencode::utils::parse_export_section(self, exports, section)?;
        for &function in self.needs {
            exports.export(&name('f', function), ExportKind::Func, function);
        }
        let rest = [
            ('t', ExportKind::Table, self.source.tables.len()),
            ('m', ExportKind::Memory, self.source.memories.len()),
            ('g', ExportKind::Global, self.source.globals.len()),
        ];
        for (letter, kind, count) in rest {
            for i in 0..count as u32 {
                exports.export(&name(letter, i), kind, i);
            }
        }
        exports.export(TABLE, ExportKind::Table, self.source.tables.len() as u32);
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Outcome {
        let i = self.next;
        self.next += 1;
        let Some(&place) = self.places.get(&i) else {
            return reencode::utils::parse_function_body(self, code, body);
        };
        let table = self.source.tables.len() as u32;
        let function = self.source.imported + i;
        let mut stub = Function::new([]);
        let mut add = |instruction: Instruction<'_>| {
            stub.instruction(&instruction);
        };
        add(Instruction::I32Const(place as i32));
        add(Instruction::TableGet(table));
        add(Instruction::RefIsNull);
        add(Instruction::If(BlockType::Empty));
        add(Instruction::I32Const(0));
        add(Instruction::CallIndirect { type_index: self.nothing, table_index: table });
        add(Instruction::End);
        for parameter in 0..self.source.kind(function).params().len() {
            add(Instruction::LocalGet(parameter as u32));
        }
        add(Instruction::I32Const(place as i32));
        add(Instruction::CallIndirect { type_index: self.source.functions[function], table_index: table });
        add(Instruction::End);
        code.function(&stub);
        Ok(())
    }
}

/// `cargo xtask module …`, which the build calls: files in, files out.
pub fn run(arguments: &[String]) -> Result<()> {
    let read = |path: &String| std::fs::read(path).map_err(|e| format!("{path}: {e}"));
    let write = |path: &String, bytes: &[u8]| std::fs::write(path, bytes).map_err(|e| format!("{path}: {e}"));
    match arguments {
        [what, module, probed] if what == "probe" => write(probed, &probe(&read(module)?)?),
        [what, module, ran, first, second] if what == "split" => {
            let text = String::from_utf8(read(ran)?).map_err(wrong)?;
            let numbers = text.split_whitespace().map(str::parse::<usize>);
            let ran = numbers.collect::<std::result::Result<_, _>>().map_err(|e| format!("{ran}: {e}"))?;
            let parts = split(&read(module)?, &ran)?;
            write(first, &parts.0)?;
            write(second, &parts.1)
        }
        _ => Err("module probe MODULE PROBE, or module split MODULE RAN FIRST SECOND".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::Validator;

    /// Functions that call each other, through a table, too, with a global and memory.
    fn module() -> Vec<u8> {
        use wasm_encoder::{DataSection, MemorySection, MemoryType};
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([ValType::V128, ValType::I64], [ValType::I64]);
        let mut imports = ImportSection::new();
        imports.import("host", "add", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0).function(0).function(1);
        let mut tables = TableSection::new();
        tables.table(TableType { maximum: Some(2), minimum: 2, ..table_of(0) });
        let mut memories = MemorySection::new();
        let memory =
            MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        memories.memory(memory);
        let mut globals = GlobalSection::new();
        let mutable = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(mutable, &ConstExpr::i32_const(7));
        let mut exports = ExportSection::new();
        exports.export("start", ExportKind::Func, 1);
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(Cow::Borrowed(&[2])));
        let mut code = CodeSection::new();
        let body = |instructions: &[Instruction<'_>]| {
            let mut function = Function::new([]);
            // Longer than its stub would be.
            let padding = std::iter::repeat_n(&Instruction::Nop, TINY);
            for instruction in padding.chain(instructions).chain([&Instruction::End]) {
                function.instruction(instruction);
            }
            function
        };
        let call_through_table = Instruction::CallIndirect { type_index: 0, table_index: 0 };
        code.function(&body(&[Instruction::LocalGet(0), Instruction::I32Const(1), call_through_table]));
        code.function(&body(&[
            Instruction::GlobalGet(0),
            Instruction::Call(0),
            Instruction::MemorySize(0),
            Instruction::I32Add,
        ]));
        code.function(&body(&[Instruction::LocalGet(1)]));
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), [1, 0, 0, 0]);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
        module.section(&globals).section(&exports).section(&elements).section(&code).section(&data);
        module.finish()
    }

    fn valid(bytes: &[u8]) {
        Validator::new().validate_all(bytes).expect("a valid module");
    }

    #[test]
    fn a_probe_has_a_mark_for_each_function_of_its_own() {
        let probe = probe(&module()).unwrap();
        valid(&probe);
        let source = Source::read(&probe).unwrap();
        assert_eq!(source.globals.len(), 1 + 3);
    }

    #[test]
    fn both_parts_are_valid_and_each_function_is_in_one_of_them() {
        let whole = module();
        for ran in [vec![], vec![0], vec![0, 1], vec![0, 1, 2]] {
            let ran: BTreeSet<usize> = ran.into_iter().collect();
            let (first, second) = split(&whole, &ran).unwrap();
            valid(&first);
            valid(&second);
            let [whole, first, second] = [&whole, &first, &second].map(|bytes| Source::read(bytes).unwrap());
            assert_eq!(first.functions, whole.functions, "the first part keeps every number");
            assert_eq!(second.bodies.len(), 3 - ran.len());
            for (i, body) in whole.bodies.iter().enumerate() {
                let is_whole = first.bodies[i].as_bytes() == body.as_bytes();
                assert_eq!(is_whole, ran.contains(&i), "function {i} of {ran:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(split(b"no module", &BTreeSet::new()).unwrap_err().contains("cannot be cut in two"));
    }
}
