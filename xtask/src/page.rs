//! Building, serving and photographing the page.

use std::net::TcpListener;
use std::process::Command;

use crate::Result;
use crate::dist_core;
use crate::place::Place;
use crate::setup::{Needs, Ready, prepare};
use crate::shell::{self, command};

const PORT: u16 = 8080;

/// Makes `dist/`.
pub fn build(place: &Place, release: bool) -> Result<()> {
    let ready = prepare(place, Needs::PAGE)?;
    shell::stream("the build", &mut build_command(place, &ready, release)?)?;
    println!("The page is in {}", place.dist().display());
    Ok(())
}

/// Trunk, about to make `dist/`.
pub fn build_command(place: &Place, ready: &Ready, release: bool) -> Result<Command> {
    trunk(place, ready, "build", release)
}

/// Serves the page and builds it anew whenever a source changes, until it is interrupted.
pub fn serve(place: &Place, release: bool, port: Option<u16>) -> Result<()> {
    let ready = prepare(place, Needs::PAGE)?;
    let port = free_port(port)?;
    let address = format!("http://127.0.0.1:{port}/");
    let mut serve = trunk(place, &ready, "serve", release)?;
    serve.args(["--address", "127.0.0.1", "--port", &port.to_string()]);
    // Leaves dist/ to what `build` made.
    serve.arg("--dist").arg(place.target.join("serve"));
    // The build says so each time the page is ready there.
    serve.env("GRADUS_ADDRESS", &address);
    println!("Building the page for {address} (Ctrl-C ends)");
    become_program(&mut serve)
}

/// Photographs the page in both themes, both languages and two sizes.
pub fn shots(place: &Place) -> Result<()> {
    let ready = prepare(place, Needs { browser: true, ..Needs::PAGE })?;
    shell::stream("the build", &mut build_command(place, &ready, true)?)?;
    let mut shots = command("node");
    shots.current_dir(&place.root).arg("tests/browser/shots.mjs").env("CHROMIUM", &ready.browser()?.chromium);
    shell::stream("the screenshots", &mut shots)
}

fn trunk(place: &Place, ready: &Ready, subcommand: &str, release: bool) -> Result<Command> {
    let mut trunk = command(place.tools.join("bin").join("trunk"));
    trunk.current_dir(&place.root).args([subcommand, "--quiet", "--skip-version-check"]);
    if release {
        trunk.arg("--release");
    }
    // The build cuts the module in two with it.
    trunk.env("GRADUS_XTASK", std::env::current_exe().map_err(|e| e.to_string())?);
    // A module of its own, since most visits have no use for it: the hook puts it into gpu/.
    trunk.env("GRADUS_WEBGPU", dist_core::build_webgpu(place, ready, release)?);
    // A script that does not parse is no fault of Trunk's: its own call stack only hides the message.
    trunk.env("RUST_BACKTRACE", "0");
    ready.wasm()?.apply(place, &mut trunk)?;
    Ok(trunk)
}

/// The wanted port, or else the first free one from 8080.
fn free_port(wanted: Option<u16>) -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    match wanted {
        Some(port) if is_free(port) => Ok(port),
        Some(port) => Err(format!("port {port} is not free: choose another with --port")),
        None => (PORT..PORT + 20)
            .find(|port| is_free(*port))
            .ok_or_else(|| format!("no port from {PORT} on is free: choose one with --port")),
    }
}

/// Lets a program take this one's place, so that whatever ends this one ends it.
#[cfg(unix)]
fn become_program(program: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = program.exec();
    Err(format!("{} does not start: {error}", program.get_program().to_string_lossy()))
}

#[cfg(not(unix))]
fn become_program(program: &mut Command) -> Result<()> {
    shell::stream("the server", program)
}
