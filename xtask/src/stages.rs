//! `cargo xtask test`: every check and test, in stages, up to the first that fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::Result;
use crate::browser::{self, Graphics};
use crate::dist_core;
use crate::page;
use crate::place::Place;
use crate::setup::{Needs, Ready, prepare};
use crate::shell::{self, command, native_cargo, seconds};
use crate::wasm::TARGET;

/// One stage. They run in this order: what is quick and often fails comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Format,
    Clippy,
    Docs,
    Native,
    ClippyWasm,
    Wasm,
    WebGpu,
    Build,
    Types,
    Unit,
    Examples,
    Browser,
    Firefox,
    WebKit,
}

const ALL: [Stage; 14] = [
    Stage::Format,
    Stage::Clippy,
    Stage::Docs,
    Stage::Native,
    Stage::ClippyWasm,
    Stage::Wasm,
    Stage::WebGpu,
    Stage::Build,
    Stage::Types,
    Stage::Unit,
    Stage::Examples,
    Stage::Browser,
    Stage::Firefox,
    Stage::WebKit,
];

/// What another browser may do differently: files of `tests/browser`.
const IN_FIREFOX: [&str; 3] = ["flow", "share", "table"];

impl Stage {
    /// Its name on the command line, and what it does.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Stage::Format => ("format", "rustfmt and prettier"),
            Stage::Clippy => ("clippy", "clippy, natively"),
            Stage::Docs => ("docs", "the crate's documentation, without warnings"),
            Stage::Native => ("native", "Rust tests, natively"),
            Stage::ClippyWasm => ("clippy-wasm", "clippy, for the browser"),
            Stage::Wasm => ("wasm", "Rust tests in Chromium"),
            Stage::WebGpu => ("webgpu", "operators and training on WebGPU, natively and in Chromium"),
            Stage::Build => ("build", "release builds of the page and of the module alone"),
            Stage::Types => ("types", "types of the page's scripts"),
            Stage::Unit => ("unit", "unit tests of the page's scripts"),
            Stage::Examples => ("examples", "release build of the native examples"),
            Stage::Browser => ("browser", "the built page in Chromium"),
            Stage::Firefox => ("firefox", "its main flow, its links and its table in Firefox"),
            Stage::WebKit => ("webkit", "its main flow in WebKit"),
        }
    }

    /// The stage of that name.
    pub fn from_name(name: &str) -> Result<Stage> {
        ALL.into_iter().find(|stage| stage.names().0 == name).ok_or_else(|| {
            let names = ALL.map(|stage| stage.names().0).join(", ");
            format!("there is no stage `{name}`: the stages are {names}")
        })
    }

    fn needs(self) -> Needs {
        let none = Needs::default();
        match self {
            Stage::Clippy | Stage::Docs | Stage::Native | Stage::Examples => none,
            Stage::Format | Stage::Unit => Needs { node: true, ..none },
            Stage::ClippyWasm => Needs { wasm: true, clippy: true, ..none },
            Stage::Wasm | Stage::WebGpu => Needs { wasm: true, tools: true, browser: true, ..none },
            Stage::Build | Stage::Types => Needs::PAGE,
            Stage::Browser => Needs { browser: true, ..Needs::PAGE },
            Stage::Firefox => Needs { firefox: true, ..Needs::PAGE },
            Stage::WebKit => Needs { webkit: true, ..Needs::PAGE },
        }
    }
}

/// How many tests passed and failed. A stage that is one check counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
}

/// What a stage came to: its counts, also where it failed.
struct Outcome {
    counts: Counts,
    result: Result<()>,
}

/// Runs all stages, or those in `only`. The last line is always the sum of all tests.
pub fn test(place: &Place, only: &[Stage], verbose: bool) -> Result<ExitCode> {
    let started = Instant::now();
    let stages: Vec<Stage> =
        ALL.into_iter().filter(|stage| only.is_empty() || only.contains(stage)).collect();
    let needs = stages.iter().fold(Needs::default(), |needs, stage| needs.and(stage.needs()));
    let runner = Runner { place, ready: prepare(place, needs)?, verbose };

    let mut total = Counts::default();
    let mut code = ExitCode::SUCCESS;
    for stage in stages {
        let (name, title) = stage.names();
        println!("{name}: {title}");
        let begun = Instant::now();
        let Outcome { counts, result } = runner.run(stage);
        total.passed += counts.passed;
        total.failed += counts.failed;
        let took = seconds(begun.elapsed());
        if let Err(message) = result {
            println!("    failed after {took}: {message}");
            println!("    stopped here; alone: cargo xtask test --only {name}");
            code = ExitCode::FAILURE;
            break;
        }
        println!("    ok, {} passed, {took}", counts.passed);
    }
    println!("\n{} in all", seconds(started.elapsed()));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(code)
}

struct Runner<'a> {
    place: &'a Place,
    ready: Ready,
    verbose: bool,
}

impl Runner<'_> {
    fn run(&self, stage: Stage) -> Outcome {
        match stage {
            Stage::Format => self.check(|| self.format()),
            Stage::Clippy => self.check(|| self.clippy()),
            Stage::Docs => self.check(|| self.docs()),
            Stage::Native => {
                self.tests(|| Ok(self.cargo(&["test", "--workspace", "--locked"])), cargo_counts)
            }
            Stage::ClippyWasm => self.check(|| self.ready.wasm()?.clippy(self.place, self.verbose)),
            Stage::Wasm => self.wasm(),
            Stage::WebGpu => self.webgpu(),
            Stage::Build => self.check(|| self.build()),
            Stage::Types => self.check(|| self.types()),
            Stage::Unit => self.node_tests("tests/unit", |_| true, |_| Ok(())),
            Stage::Examples => self.check(|| self.examples()),
            Stage::Browser => self.browser(),
            Stage::Firefox => self.firefox(),
            Stage::WebKit => self.webkit(),
        }
    }

    fn format(&self) -> Result<()> {
        self.quietly("cargo fmt", &mut self.cargo(&["fmt", "--all", "--check"]))?;
        self.quietly("prettier", self.package("prettier/bin/prettier.cjs").args(["--check", "."]))
    }

    fn clippy(&self) -> Result<()> {
        let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        self.quietly("clippy", &mut self.cargo(&arguments))
    }

    fn docs(&self) -> Result<()> {
        let mut doc = self.cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
        self.quietly("cargo doc", doc.env("RUSTDOCFLAGS", "-D warnings"))
    }

    /// The crate's own tests once more, compiled for the browser and run in one.
    fn wasm(&self) -> Outcome {
        if files_in(self.place, "crate/tests", ".rs").is_empty() {
            return nothing_to_do("crate/tests");
        }
        self.tests(|| self.in_chromium(&["--test", "*"], Graphics::None), cargo_counts)
    }

    /// What needs the feature `webgpu`: lints, then the tests on the machine's own adapter, which say so where there
    /// is none, and on Chromium's, which is software and always there.
    fn webgpu(&self) -> Outcome {
        const FEATURE: [&str; 5] = ["--package", "gradus", "--features", "webgpu", "--locked"];
        let lint = || {
            let arguments =
                [&["clippy"][..], &FEATURE, &["--lib", "--test", "webgpu", "--", "-D", "warnings"]].concat();
            self.quietly("clippy", &mut self.cargo(&arguments))
        };
        let native = || {
            // What a test without an adapter says must be seen.
            let which = ["--lib", "--test", "webgpu", "--", "--nocapture"];
            Ok(self.cargo(&[&["test"][..], &FEATURE, &which].concat()))
        };
        let browser = || self.in_chromium(&["--features", "webgpu", "--test", "webgpu"], Graphics::Software);
        let mut sum = self.check(lint);
        for make in [&native as &dyn Fn() -> Result<Command>, &browser] {
            if sum.result.is_ok() {
                let Outcome { counts, result } = self.tests(make, cargo_counts);
                sum.counts.passed += counts.passed;
                sum.counts.failed += counts.failed;
                sum.result = result;
            }
        }
        sum
    }

    /// Tests of the crate, compiled for the browser and run in one.
    fn in_chromium(&self, which: &[&str], graphics: Graphics) -> Result<Command> {
        let mut test = self.ready.wasm()?.cargo(self.place)?;
        let browser = self.ready.browser()?;
        test.current_dir(&self.place.root);
        test.args(["test", "--package", "gradus", "--target", TARGET, "--locked"]).args(which);
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", browser.write_capabilities(self.place, graphics)?);
        test.env("CHROMEDRIVER", &browser.driver);
        // Seconds that one file of tests may take.
        test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
        Ok(test)
    }

    fn build(&self) -> Result<()> {
        let mut build = page::build_command(self.place, &self.ready, true)?;
        let output = shell::run("the build", &mut build, self.verbose)?;
        // The table of sizes.
        let table = output.lines().skip_while(|line| !line.starts_with("What a first visit loads"));
        if !self.verbose {
            table.take_while(|line| !line.is_empty()).for_each(|line| println!("    {line}"));
        }
        dist_core::build_with(self.place, &self.ready)
    }

    fn types(&self) -> Result<()> {
        // The scripts use the module's generated types.
        self.need_dist()?;
        self.quietly("tsc", self.package("typescript/bin/tsc").args(["--project", "."]))
    }

    fn examples(&self) -> Result<()> {
        self.quietly(
            "the examples",
            &mut self.cargo(&["build", "--package", "gradus", "--release", "--examples", "--locked"]),
        )
    }

    fn browser(&self) -> Outcome {
        self.page_tests(
            "tests/browser",
            |_| true,
            |node| {
                node.env_remove("FIREFOX").env("CHROMIUM", &self.ready.browser()?.chromium);
                Ok(())
            },
        )
    }

    fn firefox(&self) -> Outcome {
        self.page_tests(
            "tests/browser",
            |name| IN_FIREFOX.contains(&name),
            |node| {
                node.env("FIREFOX", self.ready.firefox()?);
                Ok(())
            },
        )
    }

    fn webkit(&self) -> Outcome {
        let Ok(driver) = self.ready.webkit() else {
            println!("    skipped: {}", browser::WEBKIT_MISSING);
            return Outcome { counts: Counts::default(), result: Ok(()) };
        };
        self.page_tests(
            "tests/webkit",
            |_| true,
            |node| {
                node.env("WEBKIT_DRIVER", driver);
                Ok(())
            },
        )
    }

    /// Tests of the built page.
    fn page_tests(
        &self,
        folder: &str,
        which: impl Fn(&str) -> bool,
        set: impl FnOnce(&mut Command) -> Result<()>,
    ) -> Outcome {
        match self.need_dist() {
            Ok(()) => self.node_tests(folder, which, set),
            Err(message) => self.check(|| Err(message)),
        }
    }

    /// A single stage may come before the release was ever built, or after a development build.
    fn need_dist(&self) -> Result<()> {
        let dist = self.place.dist();
        match dist.join("gradus.d.ts").is_file() && !dist.join("main.js.map").exists() {
            true => Ok(()),
            false => self.build(),
        }
    }

    /// Those files of a folder whose names `which` takes; `set` names the browser.
    fn node_tests(
        &self,
        folder: &str,
        which: impl Fn(&str) -> bool,
        set: impl FnOnce(&mut Command) -> Result<()>,
    ) -> Outcome {
        const ENDING: &str = ".test.mjs";
        let mut files = files_in(self.place, folder, ENDING);
        files.retain(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            which(name.trim_end_matches(ENDING))
        });
        if files.is_empty() {
            return nothing_to_do(folder);
        }
        let command = || {
            let mut node = command("node");
            node.current_dir(&self.place.root).args(["--test", "--test-reporter=spec"]).args(files);
            set(&mut node)?;
            Ok(node)
        };
        self.tests(command, node_counts)
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = native_cargo();
        cargo.current_dir(&self.place.root).args(arguments);
        cargo
    }

    /// A program of an npm package.
    fn package(&self, program: &str) -> Command {
        let mut node = command("node");
        node.current_dir(&self.place.root).arg(self.place.root.join("node_modules").join(program));
        node
    }

    fn quietly(&self, title: &str, command: &mut Command) -> Result<()> {
        shell::run(title, command, self.verbose).map(drop)
    }

    fn check(&self, work: impl FnOnce() -> Result<()>) -> Outcome {
        let result = work();
        let failed = u32::from(result.is_err());
        Outcome { counts: Counts { passed: 1 - failed, failed }, result }
    }

    fn tests(&self, make: impl FnOnce() -> Result<Command>, count: fn(&str) -> Counts) -> Outcome {
        let run =
            make().and_then(|mut command| shell::run_with_output("the tests", &mut command, self.verbose));
        let (output, result) = match run {
            Ok((output, result)) => (output, result),
            Err(message) => (String::new(), Err(message)),
        };
        let skipped: BTreeSet<&str> =
            output.lines().filter_map(|line| line.split_once("SKIPPED: ")).map(|(_, why)| why).collect();
        skipped.iter().for_each(|why| println!("    skipped: {why}"));
        let mut counts = count(&output);
        // Tests that did not compile or start failed, too.
        if result.is_err() && counts.failed == 0 {
            counts.failed = 1;
        }
        Outcome { counts, result }
    }
}

fn nothing_to_do(folder: &str) -> Outcome {
    println!("    no tests in {folder}");
    Outcome { counts: Counts::default(), result: Ok(()) }
}

/// The files in a folder whose names end so, in order.
fn files_in(place: &Place, folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.root.join(folder)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(ending))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// Sums up `test result: ok. 12 passed; 0 failed; …`, which cargo prints once per file of tests.
fn cargo_counts(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter(|line| line.starts_with("test result:")) {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        for pair in words.windows(2) {
            let number = pair[0].parse().unwrap_or(0);
            match pair[1] {
                "passed" => counts.passed += number,
                "failed" => counts.failed += number,
                _ => {}
            }
        }
    }
    counts
}

/// Reads `ℹ pass 12`, `ℹ fail 0` and `ℹ cancelled 0` (it timed out) at the end of what Node's test runner prints.
fn node_counts(output: &str) -> Counts {
    let value = |name: &str| {
        let lines = output.lines().rev();
        lines.filter_map(|line| line.split_once(name)?.1.trim().parse().ok()).next().unwrap_or(0)
    };
    Counts { passed: value("ℹ pass "), failed: value("ℹ fail ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_results_are_added_up() {
        let output = "running 2 tests\n\
            test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        assert_eq!(cargo_counts(output), Counts { passed: 15, failed: 2 });
    }

    #[test]
    fn nodes_summary_is_read_and_not_what_tests_print() {
        let output = "✔ a test (1ms)\npass 7\nℹ tests 5\nℹ pass 4\nℹ fail 1\nℹ duration_ms 50\n";
        assert_eq!(node_counts(output), Counts { passed: 4, failed: 1 });
    }

    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in ALL {
            assert_eq!(Stage::from_name(stage.names().0), Ok(stage));
        }
    }
}
