//! Modules beside the page's: the one without charts, for pages that script it, and the one with WebGPU.

use std::path::{Path, PathBuf};

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
    module(place, ready, &[], "release", &place.dist_core())?;
    // What is loaded at once is cut in two.
    shrink(place, &place.dist_core(), true)
}

/// The module that also trains on WebGPU, which the page loads where there is a device: a folder that the page's build
/// takes it from.
pub fn build_webgpu(place: &Place, ready: &Ready, release: bool) -> Result<PathBuf> {
    let folder = place.target.join("webgpu").join(if release { "release" } else { "debug" });
    module(place, ready, &["--features", "webgpu"], if release { "webgpu" } else { "webgpu-dev" }, &folder)?;
    if release {
        shrink(place, &folder, false)?;
    }
    Ok(folder)
}

/// A module with these features and no others. The profile's folder has its name.
fn module(place: &Place, ready: &Ready, features: &[&str], profile: &str, folder: &Path) -> Result<()> {
    let mut cargo = ready.wasm()?.cargo(place)?;
    cargo.current_dir(&place.root).args(["build", "--package", "gradus", "--lib", "--locked"]);
    cargo.args(["--no-default-features", "--target", TARGET]).args(features);
    cargo.args(["--profile", profile]);
    shell::run("the module without charts", &mut cargo, false)?;

    let module = place.wasm_target().join(TARGET).join(profile).join("gradus.wasm");
    let mut bindgen = command(place.tools.join("bin").join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--out-name", "gradus", "--out-dir"]).arg(folder).arg(module);
    shell::run("wasm-bindgen", &mut bindgen, false)?;
    Ok(())
}

/// Makes the module in a folder small, and cuts it in two where that is wanted.
fn shrink(place: &Place, folder: &Path, in_two: bool) -> Result<()> {
    let mut shrink = command("node");
    shrink.current_dir(&place.root).arg("www/shrink.mjs").arg(folder);
    if in_two {
        shrink.env("GRADUS_XTASK", std::env::current_exe().map_err(|e| e.to_string())?);
    }
    let printed = shell::run("the module's shrinking", &mut shrink, false)?;
    printed.lines().filter(|line| !line.is_empty()).for_each(|line| println!("    {line}"));
    Ok(())
}
