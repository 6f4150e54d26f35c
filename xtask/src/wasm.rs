//! A Rust compiler for wasm32-unknown-unknown.
//!
//! rustup's, where its target is installed or can be. Else Debian's, which has the compiler and the source of
//! std, and builds std along: the packages rustc-web, cargo-web, rust-web-src, and a matching linker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Result;
use crate::place::{Place, find_program, path_with};
use crate::shell::{self, capture, command, native_cargo};
use crate::versions::find_version;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// What to install on Debian. The clippy of the same version is for the tests only.
pub const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
pub const CLIPPY_PACKAGE: &str = "rust-web-clippy";

/// The oldest compiler that builds the crate: `rust-version` in Cargo.toml.
const OLDEST: (u32, u32, u32) = (1, 90, 0);

/// Said where there is neither.
pub const MISSING: &str = "Rust's wasm32-unknown-unknown target is missing: run `rustup target add \
    wasm32-unknown-unknown`, or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-22` as root";

/// A compiler that builds for the browser.
#[derive(Clone)]
pub enum Wasm {
    /// The Rust that runs this program, with its target installed.
    Rustup,
    /// Debian's, with the linker to use.
    Debian { linker: PathBuf },
}

impl Wasm {
    /// What is installed.
    pub fn find() -> Option<Wasm> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let libraries = capture(command(rustc).args(["--print", "target-libdir", "--target", TARGET]));
        let installed = libraries.and_then(|folder| fs::read_dir(folder.trim()).ok()?.next());
        if installed.is_some() {
            return Some(Wasm::Rustup);
        }
        let source = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
        let complete = ["/usr/bin/cargo", source].iter().all(|file| Path::new(file).exists());
        let version = capture(command("/usr/bin/rustc").arg("--version"))?;
        let linker = find_program(&["wasm-ld-22", "wasm-ld"])?;
        (complete && find_version(&version) >= Some(OLDEST)).then_some(Wasm::Debian { linker })
    }

    /// Asks rustup for the target; `false` where there is no rustup or it cannot get it.
    pub fn add_target() -> bool {
        if find_program(&["rustup"]).is_none() {
            return false;
        }
        println!("    asking rustup for the {TARGET} target");
        // Behind a wall that swallows packets it would try for long.
        shell::succeeds_within(Duration::from_secs(180), command("rustup").args(["target", "add", TARGET]))
    }

    /// The cargo to build for wasm with, set up to do so.
    pub fn cargo(&self, place: &Place) -> Result<Command> {
        let mut cargo = match self {
            Wasm::Rustup => native_cargo(),
            Wasm::Debian { .. } => command("/usr/bin/cargo"),
        };
        self.apply(place, &mut cargo)?;
        Ok(cargo)
    }

    /// Sets a program up whose `cargo` shall build for wasm with this compiler, and find the tools.
    pub fn apply(&self, place: &Place, program: &mut Command) -> Result<()> {
        let mut folders = vec![place.tools.join("bin")];
        // Would replace the flags in .cargo/config.toml, SIMD among them.
        program.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        program.env("CARGO_TARGET_DIR", place.wasm_target());
        // Panics tell their place without it, and browsers do not read it.
        program.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_TEST_DEBUG", "0");
        if let Wasm::Debian { linker } = self {
            folders.insert(0, debian_cargo(place)?);
            for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
                program.env_remove(name);
            }
            program.env("CARGO", "/usr/bin/cargo").env("RUSTC", "/usr/bin/rustc");
            // Building std is an unstable option of cargo, which a release takes when told to.
            program.env("RUSTC_BOOTSTRAP", "1").env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
            // Else cargo builds std twice for tests, to abort and to unwind, and mixes them up.
            program.env("CARGO_UNSTABLE_PANIC_ABORT_TESTS", "true");
            program.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        program.env("PATH", path_with(&folders)?);
        Ok(())
    }

    /// Lints the crate as the browser compiles it, for the page and for scripts; says so where only the compiler's own
    /// lints are to be had.
    pub fn clippy(&self, place: &Place, verbose: bool) -> Result<()> {
        let debian = matches!(self, Wasm::Debian { .. });
        let compilers_own = debian && !has_debian_clippy();
        if compilers_own {
            println!(
                "    no clippy for this compiler ({CLIPPY_PACKAGE}): `cargo check` with warnings denied instead"
            );
        }
        for features in [&[][..], &["--lib", "--no-default-features"]] {
            let arguments = [&["--package", "gradus", "--target", TARGET, "--locked"], features].concat();
            if compilers_own {
                let mut check = self.cargo(place)?;
                check.env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                    "-Ctarget-feature=+simd128 -Dwarnings",
                );
                shell::run("check (wasm)", check.arg("check").args(&arguments), verbose)?;
                continue;
            }
            let mut clippy = match debian {
                // Not `cargo clippy`: that may find rustup's.
                true => command("/usr/bin/cargo-clippy"),
                false => native_cargo(),
            };
            self.apply(place, &mut clippy)?;
            clippy.arg("clippy").args(&arguments).args(["--", "-D", "warnings"]);
            shell::run("clippy (wasm)", &mut clippy, verbose)?;
        }
        Ok(())
    }
}

/// Whether Debian's clippy is there.
pub fn has_debian_clippy() -> bool {
    ["/usr/bin/cargo-clippy", "/usr/bin/clippy-driver"].iter().all(|file| Path::new(file).exists())
}

/// A folder with Debian's `cargo` and nothing else: all of /usr/bin before the rest of `PATH` would bring its
/// node along.
#[cfg(unix)]
fn debian_cargo(place: &Place) -> Result<PathBuf> {
    let folder = place.tools.join("debian");
    let link = folder.join("cargo");
    let made = || {
        fs::create_dir_all(&folder)?;
        match std::os::unix::fs::symlink("/usr/bin/cargo", &link) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    made().map_err(|error| format!("cannot make {}: {error}", link.display()))?;
    Ok(folder)
}

#[cfg(not(unix))]
fn debian_cargo(_: &Place) -> Result<PathBuf> {
    Err(MISSING.to_owned())
}
