//! The module without charts, for pages that script it: `dist-core/`.

use crate::Result;
use crate::place::Place;
use crate::setup::{Needs, Ready, prepare};
use crate::shell::{self, command};
use crate::wasm::TARGET;

/// Makes `dist-core/`: `gradus.js`, `gradus_bg.wasm` and their types.
pub fn build(place: &Place) -> Result<()> {
    let ready = prepare(place, Needs::PAGE)?;
    build_with(place, &ready)?;
    println!("The module is in {}", place.dist_core().display());
    Ok(())
}

/// The same, where everything is ready.
pub fn build_with(place: &Place, ready: &Ready) -> Result<()> {
    let mut cargo = ready.wasm()?.cargo(place)?;
    cargo.current_dir(&place.root).args(["build", "--package", "gradus", "--lib", "--release", "--locked"]);
    cargo.args(["--no-default-features", "--target", TARGET]);
    shell::run("the module without charts", &mut cargo, false)?;

    let module = place.wasm_target().join(TARGET).join("release").join("gradus.wasm");
    let mut bindgen = command(place.tools.join("bin").join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--out-name", "gradus", "--out-dir"]).arg(place.dist_core()).arg(module);
    shell::run("wasm-bindgen", &mut bindgen, false)?;

    let mut shrink = command("node");
    shrink.current_dir(&place.root).arg("www/shrink.mjs").arg(place.dist_core());
    shrink.env("GRADUS_XTASK", std::env::current_exe().map_err(|e| e.to_string())?);
    let printed = shell::run("the module's shrinking", &mut shrink, false)?;
    printed.lines().filter(|line| !line.is_empty()).for_each(|line| println!("    {line}"));
    Ok(())
}
