//! Debian's packages, for machines that can install them.

use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::place::find_program;
use crate::shell::{self, capture, command};

/// How this machine may install Debian packages.
#[derive(Clone, Copy)]
pub enum Apt {
    Root,
    Sudo,
}

impl Apt {
    /// `None` where this is not Debian (or its kin), or the user may not install packages without a password.
    pub fn find() -> Option<Apt> {
        if !Path::new("/etc/debian_version").exists() {
            return None;
        }
        find_program(&["apt-get"])?;
        if capture(command("id").arg("-u"))?.trim() == "0" {
            return Some(Apt::Root);
        }
        capture(command("sudo").args(["-n", "true"])).map(|_| Apt::Sudo)
    }

    /// Installs packages, and never removes any.
    pub fn install(self, packages: &[&str]) -> Result<()> {
        println!("    installing Debian's {}", packages.join(", "));
        // Stale lists are a nuisance, not a failure: what is missing shows in the next line.
        let _ = shell::run("apt-get update", self.apt_get().args(["-qq", "update"]), false);
        let install = ["-qq", "-y", "--no-install-recommends", "--no-remove", "install"];
        shell::run("apt-get install", self.apt_get().args(install).args(packages), false).map(drop)
    }

    fn apt_get(self) -> Command {
        let mut apt_get = match self {
            Apt::Root => command("env"),
            Apt::Sudo => command("sudo"),
        };
        if matches!(self, Apt::Sudo) {
            apt_get.args(["-n", "env"]);
        }
        apt_get.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        apt_get.args(["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]);
        apt_get
    }
}
