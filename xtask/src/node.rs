//! Node.js and the npm packages that bundle, check and test the page.

use std::fs;
use std::path::Path;

use crate::Result;
use crate::place::find_program;
use crate::shell::{self, capture, command};
use crate::versions::find_version;

const OLDEST: (u32, u32, u32) = (20, 0, 0);

/// Errs in one line where Node.js or npm is missing or too old.
pub fn check() -> Result<()> {
    let wanted = "Gradus needs Node.js 20 or newer with npm: https://nodejs.org";
    let version = capture(command("node").arg("--version")).ok_or(format!("there is no `node`. {wanted}"))?;
    if find_version(&version) < Some(OLDEST) {
        return Err(format!("this `node` is {}. {wanted}", version.trim()));
    }
    find_program(&[NPM]).map(drop).ok_or(format!("there is no `npm`. {wanted}"))
}

#[cfg(windows)]
const NPM: &str = "npm.cmd";
#[cfg(not(windows))]
const NPM: &str = "npm";

/// Installs the packages of a folder's package-lock.json, unless that was done since it changed.
pub fn install(folder: &Path) -> Result<()> {
    let file = folder.join("package-lock.json");
    let lock = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let stamp = folder.join("node_modules").join(".gradus-installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("    installing npm's packages");
    shell::run(
        "npm ci",
        command(NPM).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder),
        false,
    )?;
    fs::write(&stamp, lock).map_err(|error| format!("{}: {error}", stamp.display()))
}
