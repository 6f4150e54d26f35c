//! Many kernels as one: a single group of threads runs them one after the other, step after step, in its own memory.
//! For networks so small that a dispatch costs more than what it computes.
//!
//! The kernels' own sources are used. What they call buffers become places in the group's memory (or arrays that stay
//! where they are), their numbers become a part of one list, and their functions get names of their own.

use super::kernel::{Kernel, STEP, WORDS};
use super::source;
use std::fmt::Write;

/// Where a kernel's buffer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the group's memory, from this word on
    Arena(usize),
    /// In what comes from the host and goes back, from this word on
    Io(usize),
    /// An array that is only read: its place in [`GLOBALS`]
    Global(usize),
}

/// The arrays that are only read: rows of batches, numbers of steps, all rows of inputs and of targets, what was drawn.
pub const GLOBALS: [&str; 5] = ["rows", "table", "inputs", "targets", "drawn"];

/// What is merged.
pub struct Merge<'a> {
    /// What is done once, then a step's kernels in order
    pub kernels: &'a [Kernel<Place>],
    /// How many are done once
    pub once: usize,
    /// Words of the group's memory
    pub arena: usize,
    /// How many of them come from the host, and go back
    pub kept: usize,
    /// Which of them is the step's number
    pub step: usize,
    /// The types of inputs and targets
    pub types: [&'static str; 2],
    /// Threads of the group
    pub lanes: usize,
}

/// The words of memory that a group has beside the arena at most: for sums of each type, and for the number of steps.
pub const BESIDE: usize = 64 * 3 + 4;

/// The WGSL, and the numbers of all kernels.
pub fn merge(merge: &Merge<'_>) -> (String, Vec<u32>) {
    let mut text = String::new();
    let n = merge.kernels.len();
    let lanes = merge.lanes;
    let head = source::prelude().replace("array<vec4<u32>, 16>", &format!("array<vec4<u32>, {}>", 16 * n));
    let head = head.replace("LANES: u32 = 64u", &format!("LANES: u32 = {lanes}u"));
    text.push_str(&head);
    let types = ["u32", "u32", merge.types[0], merge.types[1], "f32"];
    for (i, (name, ty)) in GLOBALS.iter().zip(types).enumerate() {
        let _ = writeln!(text, "@group(0) @binding({}) var<storage, read> {name}: array<{ty}>;", i + 1);
    }
    text.push_str("@group(0) @binding(6) var<storage, read_write> io: array<u32>;\n");
    text.push_str(&source::trouble(7));
    text.push_str(source::numbers());
    let _ = writeln!(text, "var<workgroup> arena: array<u32, {}>;", merge.arena);
    for ty in ["f32", "u32", "i32"] {
        let _ = writeln!(text, "var<workgroup> lanes_{ty}: array<{ty}, LANES>;");
    }
    text.push_str("var<workgroup> steps: u32;\n");
    let (mut before, mut calls) = (String::new(), String::new());
    for (i, kernel) in merge.kernels.iter().enumerate() {
        let own = source::own(&kernel.key);
        let threads = own.contains("thread_of(");
        text.push_str(&Renaming::new(i, kernel, &own).apply(&own));
        let call = match threads {
            true => {
                format!("for (var g = local; g < {}u; g += LANES) {{ main_{i}(g, local); }}", kernel.threads)
            }
            false => {
                let groups: u32 = kernel.groups.iter().product();
                format!("for (var g = 0u; g < {groups}u; g++) {{ main_{i}(g, local); }}")
            }
        };
        let _ = writeln!(
            if i < merge.once { &mut before } else { &mut calls },
            "        {call}\n        workgroupBarrier();"
        );
    }
    let (kept, step) = (merge.kept, merge.step);
    let _ = write!(
        text,
        "@compute @workgroup_size({lanes})
fn main(@builtin(local_invocation_index) local: u32) {{
    for (var i = local; i < {kept}u; i += LANES) {{
        arena[i] = io[i];
    }}
    workgroupBarrier();
    if (local == 0u) {{
        steps = table[arena[{step}u] * {STEP}u + 2u];
    }}
    let n = workgroupUniformLoad(&steps);
{before}    for (var s = 0u; s < n; s++) {{
{calls}    }}
    for (var i = local; i < {kept}u; i += LANES) {{
        io[i] = arena[i];
    }}
}}
"
    );
    let words = merge.kernels.iter().flat_map(|kernel| kernel.words).collect();
    (text, words)
}

/// A buffer of a kernel's source.
struct Buffer {
    name: String,
    ty: String,
    place: Place,
}

/// What is called otherwise in one kernel.
struct Renaming {
    number: usize,
    words: [u32; WORDS],
    buffers: Vec<Buffer>,
    /// Arrays of the group, with their types
    lanes: Vec<(String, String)>,
    functions: Vec<String>,
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The text between two others, after the first.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(found, _)| found)
}

impl Renaming {
    fn new(number: usize, kernel: &Kernel<Place>, own: &str) -> Renaming {
        let places: Vec<Place> = kernel.reads.iter().chain(&kernel.writes).copied().collect();
        let (mut buffers, mut lanes, mut functions) = (Vec::new(), Vec::new(), Vec::new());
        for line in own.lines().map(str::trim) {
            let ty = || between(line, "array<", ">").unwrap_or_default().to_string();
            if line.starts_with("@group(0)") {
                let binding =
                    between(line, "@binding(", ")").and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                let name = between(line, "> ", ":").unwrap_or_default().to_string();
                buffers.push(Buffer { name, ty: ty(), place: places[binding - 1] });
            } else if let Some(name) = between(line, "var<workgroup> ", ":") {
                let ty = ty().split(',').next().unwrap_or_default().to_string();
                lanes.push((name.to_string(), ty));
            } else if let Some(name) = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next()) {
                functions.push(name.to_string());
            }
        }
        Renaming { number, words: kernel.words, buffers, lanes, functions }
    }

    /// The source without its declarations, in the new names.
    fn apply(&self, own: &str) -> String {
        let kept = own.lines().filter(|line| {
            let line = line.trim();
            !line.starts_with("@group(0)") && !line.starts_with("var<workgroup>") && !line.starts_with("//")
        });
        let mut text: String = kept.flat_map(|line| [line, "\n"]).collect();
        // The entry point becomes a function.
        if let Some(at) = text.find("@compute") {
            let body = text[at..].find('{').map_or(text.len(), |brace| at + brace + 1);
            text.replace_range(at..body, &format!("fn main_{}(id_: u32, local: u32) {{", self.number));
        }
        self.rename(&text)
    }

    fn rename(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(is_name) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let end = from.find(|c| !is_name(c)).unwrap_or(from.len());
            let (name, after) = from.split_at(end);
            let member = before.ends_with('.') || (before.is_empty() && out.ends_with('.'));
            rest = if member { self.keep(&mut out, name, after) } else { self.name(&mut out, name, after) };
        }
        out.push_str(rest);
        out
    }

    fn keep<'t>(&self, out: &mut String, name: &str, after: &'t str) -> &'t str {
        out.push_str(name);
        after
    }

    /// Writes a name and what belongs to it; returns what comes after.
    fn name<'t>(&self, out: &mut String, name: &str, after: &'t str) -> &'t str {
        let n = self.number;
        match name {
            // A constant index into the numbers.
            "words" => {
                let (index, rest) = inside(after, '[', ']');
                let at = constant(index).unwrap_or(0);
                let place = rest.strip_prefix('.').and_then(|rest| rest.find(['x', 'y', 'z', 'w']));
                let single = !rest.get(2..).is_some_and(|more| more.starts_with(is_name));
                if let (Some(0), true) = (place, single) {
                    let which = "xyzw".find(&rest[1..2]).unwrap_or(0);
                    if self.literal(out, 4 * at + which) {
                        return &rest[2..];
                    }
                }
                let _ = write!(out, "words[{}]", 16 * n + at);
                return rest;
            }
            "word" | "number" if after.starts_with('(') => {
                let (index, rest) = inside(after, '(', ')');
                if name == "word" && constant(index).is_some_and(|index| self.literal(out, index)) {
                    return rest;
                }
                let _ = write!(out, "{name}({}u + ", WORDS * n);
                return &after[1..];
            }
            "thread_of" | "group_of" => {
                out.push_str("id_");
                return inside(after, '(', ')').1;
            }
            _ => {}
        }
        if let Some(buffer) = self.buffers.iter().find(|b| b.name == name && after.starts_with('[')) {
            return self.access(out, buffer, after);
        }
        if let Some((_, ty)) = self.lanes.iter().find(|(known, _)| known == name) {
            let _ = write!(out, "lanes_{ty}");
        } else if self.functions.iter().any(|known| known == name) && after.starts_with('(') {
            let _ = write!(out, "{name}_{n}");
        } else {
            out.push_str(name);
        }
        after
    }

    /// Writes one of the kernel's numbers out, so that a compiler knows it. Not a divisor of nothing, which is an error
    /// even where nobody divides.
    fn literal(&self, out: &mut String, index: usize) -> bool {
        let known = self.words[index];
        let divides = out.ends_with("/ ") || out.ends_with("% ");
        // Not a number, and infinity: no constant may be that.
        if index >= WORDS - 2 || (known == 0 && divides) {
            return false;
        }
        let _ = write!(out, "{known}u");
        true
    }

    /// An element of a buffer, read or written.
    fn access<'t>(&self, out: &mut String, buffer: &Buffer, after: &'t str) -> &'t str {
        let (index, rest) = inside(after, '[', ']');
        let index = self.rename(index);
        let element = match buffer.place {
            Place::Arena(start) => format!("arena[{start}u + u32({index})]"),
            Place::Io(start) => format!("io[{start}u + u32({index})]"),
            Place::Global(i) => {
                let _ = write!(out, "{}[{index}]", GLOBALS[i]);
                return rest;
            }
        };
        let written = rest.trim_start().strip_prefix('=').filter(|value| !value.starts_with('='));
        match written {
            Some(value) => {
                let end = value.find(';').unwrap_or(value.len());
                let _ = write!(out, "{element} = bitcast<u32>({})", self.rename(value[..end].trim()));
                &value[end..]
            }
            None => {
                let _ = write!(out, "bitcast<{}>({element})", buffer.ty);
                rest
            }
        }
    }
}

/// A number without a name.
fn constant(text: &str) -> Option<usize> {
    text.trim_end_matches('u').parse().ok()
}

/// What is between a bracket and its partner, and what comes after; the text begins with the bracket.
fn inside(text: &str, open: char, close: char) -> (&str, &str) {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return (&text[1..at], &text[at + 1..]);
            }
        }
    }
    (text, "")
}
