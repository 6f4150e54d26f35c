//! `cargo xtask bench`: this project's build beside other libraries, in one run. What it measures is in
//! `tests/bench`; the libraries are npm packages of that folder alone.

use crate::place::Place;
use crate::setup::{Needs, prepare};
use crate::shell::{self, command};
use crate::{Result, dist_core, node, page};

/// Builds what takes part, installs the others, and measures.
pub fn run(place: &Place, options: &[String]) -> Result<()> {
    let ready = prepare(place, Needs { browser: true, ..Needs::PAGE })?;
    let folder = place.root.join("tests").join("bench");
    node::install(&folder)?;
    shell::stream("the build", &mut page::build_command(place, &ready, true)?)?;
    dist_core::build_with(place, &ready)?;
    let mut run = command("node");
    run.current_dir(&place.root).arg(folder.join("run.mjs")).args(options);
    run.env("CHROMIUM", &ready.browser()?.chromium);
    shell::stream("the benchmarks", &mut run)
}
