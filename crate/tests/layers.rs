//! The crate's layers: a module imports only from those above it in this list. (Native only: it reads
//! the sources.)
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top of the list down. `autograd` adds methods to `Tensor`, so it stands below it.
const LAYERS: [&str; 17] = [
    "error",
    "dtype",
    "list",
    "shape",
    "rng",
    "op",
    "backend",
    "tensor",
    "autograd",
    "capture",
    "nn",
    "optim",
    "data",
    "io",
    "experiment",
    "plot",
    "web",
];

/// Pairs that do not know of each other although one stands below the other.
const STRANGERS: [(&str, &str); 2] = [("plot", "experiment"), ("data", "nn")];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the sources are there").map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// Code without comments, by top-level module.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).unwrap().to_path_buf();
        let name = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_string();
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        modules.entry(name).or_default().push((relative, code.join("\n")));
    }
    modules.remove("lib");
    modules
}

/// The top-level modules that code names as `crate::x`, also in `use crate::{x, y::z}`.
fn imports(code: &str) -> Vec<String> {
    let name =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push(name(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            found.push(name(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_module_is_in_the_list_of_layers() {
    for name in modules().keys() {
        assert!(LAYERS.contains(&name.as_str()), "src/{name} is not in the list of layers");
    }
}

#[test]
fn a_module_imports_only_from_the_layers_above_it() {
    let place = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    for (module, files) in modules() {
        for (path, code) in files {
            for import in imports(&code) {
                // Only modules: macros and re-exports at the root have no layer.
                let Some(layer) = place(&import) else { continue };
                assert!(
                    layer <= place(&module).unwrap(),
                    "src/{} imports from {import}, which is below {module}",
                    path.display()
                );
                assert!(
                    !STRANGERS.contains(&(module.as_str(), import.as_str())),
                    "src/{}: {module} does not know {import}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn only_web_names_javascript_types_and_only_the_gpu_backend_names_wgpu() {
    for (module, files) in modules() {
        for (path, code) in files {
            let javascript =
                ["js_sys", "web_sys", "wasm_bindgen", "JsValue"].iter().find(|n| code.contains(**n));
            if let Some(name) = javascript {
                assert_eq!(module, "web", "src/{} names {name}", path.display());
            }
            let gpu = path.starts_with("backend/gpu") || path.starts_with("capture/gpu");
            assert!(gpu || !code.contains("wgpu"), "src/{} names wgpu", path.display());
        }
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let code =
        "use crate::op::{Op, View};\nuse crate::{error::Result, shape::{Dims, numel}, rng};\ncrate::web::f()";
    assert_eq!(imports(code), ["op", "error", "shape", "rng", "web"]);
}
