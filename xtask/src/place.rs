//! Where things are: the repository, the build folders, the tools kept between builds.

use std::env;
use std::path::{Path, PathBuf};

use crate::Result;

/// The folders that everything else works in.
pub struct Place {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// Trunk and the wasm-bindgen command, outside the repository: they are built once per user.
    pub tools: PathBuf,
}

impl Place {
    /// Finds them from what cargo and the system say.
    pub fn find() -> Result<Place> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.parent().unwrap_or(Path::new(".")).to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => env::current_dir().map_err(|error| error.to_string())?.join(folder),
            None => root.join("target"),
        };
        let tools = cache_folder()
            .ok_or("no folder for the build tools: set XDG_CACHE_HOME or HOME")?
            .join("gradus")
            .join("tools");
        Ok(Place { root, target, tools })
    }

    /// The target folder of builds for wasm, apart from the native one: they may come from another compiler.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The built page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The built module without charts.
    pub fn dist_core(&self) -> PathBuf {
        self.root.join("dist-core")
    }
}

fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .or_else(|| set("LOCALAPPDATA"))
}

/// The first of `names` that `PATH` holds.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let name = format!("{name}{}", env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&name)).find(|file| file.is_file())
    })
}

/// `PATH` with these folders before it.
pub fn path_with(folders: &[PathBuf]) -> Result<std::ffi::OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.iter().cloned().chain(env::split_paths(&path)))
        .map_err(|error| format!("PATH cannot hold the tools' folder: {error}"))
}
