//! Trunk and the wasm-bindgen command: built once, kept outside the repository.

use std::fs;
use std::path::Path;

use crate::Result;
use crate::place::Place;
use crate::shell::{self, capture, command, native_cargo};
use crate::versions::{is_exactly, locked};

const TRUNK: &str = "0.22.0-beta.1";

/// A command of a crate.
struct Tool {
    package: &'static str,
    /// The program whose `--version` tells the crate's.
    program: &'static str,
    version: String,
    options: &'static [&'static str],
}

/// Which are missing, or of another version.
fn missing(place: &Place) -> Result<Vec<Tool>> {
    let lock =
        fs::read_to_string(place.root.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let tools = [
        Tool {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            // The command and the crate understand each other only at the same version.
            version: locked(&lock, "wasm-bindgen")?,
            options: &[],
        },
        Tool {
            package: "trunk",
            program: "trunk",
            version: TRUNK.to_owned(),
            options: &["--no-default-features", "--features", "rustls"],
        },
    ];
    Ok(tools.into_iter().filter(|tool| !tool.is_installed(&place.tools)).collect())
}

impl Tool {
    fn is_installed(&self, tools: &Path) -> bool {
        let program = tools.join("bin").join(self.program);
        let printed = capture(command(program).arg("--version"));
        printed.is_some_and(|printed| is_exactly(&printed, &self.version))
    }

    /// Builds without optimisation: they work for seconds, and optimising them takes minutes.
    fn install(&self, place: &Place, target: &Path) -> Result<()> {
        let title = format!("{} {}", self.package, self.version);
        println!("    building {title}, once");
        let mut install = native_cargo();
        install.current_dir(&place.tools);
        install.args(["install", self.package, "--version", &self.version, "--locked", "--debug", "--force"]);
        install.args(self.options).arg("--root").arg(&place.tools);
        install.env("CARGO_TARGET_DIR", target);
        install.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
        shell::run(&title, &mut install, false).map(drop)
    }
}

/// Installs what is missing.
pub fn install(place: &Place) -> Result<()> {
    let missing = missing(place)?;
    if missing.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(&place.tools).map_err(|error| format!("{}: {error}", place.tools.display()))?;
    let target = place.tools.join("build");
    for tool in missing {
        tool.install(place, &target)?;
    }
    // Two gigabytes that nothing needs again.
    let _ = fs::remove_dir_all(&target);
    Ok(())
}
