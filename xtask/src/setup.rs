//! Finds what a command needs, and installs what is missing: the slow parts side by side.

use std::thread;
use std::time::Instant;

use crate::apt::Apt;
use crate::browser::{self, Browser};
use crate::place::Place;
use crate::shell::seconds;
use crate::wasm::{self, Wasm};
use crate::{Result, node, tools};

/// What a command needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A compiler for wasm.
    pub wasm: bool,
    /// Trunk and the wasm-bindgen command.
    pub tools: bool,
    /// Node.js and the npm packages.
    pub node: bool,
    /// Chromium and its driver, and a font for Chinese.
    pub browser: bool,
    /// The clippy that belongs to the compiler for wasm.
    pub clippy: bool,
}

impl Needs {
    /// To build the page.
    pub const PAGE: Needs = Needs { wasm: true, tools: true, node: true, browser: false, clippy: false };

    /// What either needs.
    pub fn and(self, other: Needs) -> Needs {
        Needs {
            wasm: self.wasm || other.wasm,
            tools: self.tools || other.tools,
            node: self.node || other.node,
            browser: self.browser || other.browser,
            clippy: self.clippy || other.clippy,
        }
    }
}

/// What was found or installed. What was not asked for may be missing.
pub struct Ready {
    wasm: Option<Wasm>,
    browser: Option<Browser>,
}

impl Ready {
    pub fn wasm(&self) -> Result<&Wasm> {
        self.wasm.as_ref().ok_or_else(|| wasm::MISSING.to_owned())
    }

    pub fn browser(&self) -> Result<&Browser> {
        self.browser.as_ref().ok_or_else(|| browser::MISSING.to_owned())
    }
}

/// Makes the machine ready, or tells in one line what is missing.
pub fn prepare(place: &Place, needs: Needs) -> Result<Ready> {
    let started = Instant::now();
    if needs.node {
        node::check()?;
    }
    let mut found_wasm = if needs.wasm { Wasm::find() } else { None };
    let mut found_browser = if needs.browser { Browser::find() } else { None };
    if needs.wasm && found_wasm.is_none() && Wasm::add_target() {
        found_wasm = Wasm::find();
    }

    let packages = debian_packages(needs, found_wasm.as_ref(), found_browser.as_ref());
    let apt = if packages.is_empty() { None } else { Apt::find() };
    if apt.is_none() {
        // Better said now than after minutes of building tools.
        if needs.wasm && found_wasm.is_none() {
            return Err(wasm::MISSING.to_owned());
        }
        if needs.browser && found_browser.is_none() {
            return Err(browser::MISSING.to_owned());
        }
    }

    let (debian, node, tools) = thread::scope(|scope| {
        let debian = scope.spawn(|| apt.map_or(Ok(()), |apt| apt.install(&packages)));
        let node = scope.spawn(|| if needs.node { node::install(&place.root) } else { Ok(()) });
        let tools = if needs.tools { tools::install(place) } else { Ok(()) };
        (joined(debian), joined(node), tools)
    });
    if needs.wasm && found_wasm.is_none() {
        found_wasm = Wasm::find();
    }
    if needs.browser && found_browser.is_none() {
        found_browser = Browser::find();
    }
    let ready = Ready { wasm: found_wasm, browser: found_browser };
    node.and(tools)?;
    // A package that failed matters only where it leaves something missing.
    let missing = (needs.wasm && ready.wasm.is_none()) || (needs.browser && ready.browser.is_none());
    if missing {
        debian?;
    }
    if needs.wasm {
        ready.wasm()?;
    }
    if needs.browser {
        ready.browser()?;
    }
    if started.elapsed().as_secs() >= 2 {
        println!("    ready after {}", seconds(started.elapsed()));
    }
    Ok(ready)
}

fn joined(thread: thread::ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread.join().unwrap_or_else(|_| Err("an installation broke off".to_owned()))
}

/// What Debian would have to install.
fn debian_packages(needs: Needs, wasm: Option<&Wasm>, browser: Option<&Browser>) -> Vec<&'static str> {
    let mut packages = Vec::new();
    if needs.wasm && wasm.is_none() {
        packages.extend(wasm::PACKAGES);
    }
    if needs.clippy && !matches!(wasm, Some(Wasm::Rustup)) && !wasm::has_debian_clippy() {
        packages.push(wasm::CLIPPY_PACKAGE);
    }
    if needs.browser && browser.is_none() {
        packages.extend(browser::PACKAGES);
    }
    if needs.browser && !browser::has_chinese_font() {
        packages.push(browser::FONTS_PACKAGE);
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustups_target_needs_no_package() {
        let needs = Needs { clippy: true, ..Needs::PAGE };
        assert!(debian_packages(needs, Some(&Wasm::Rustup), None).is_empty());
    }

    #[test]
    fn without_a_target_debians_compiler_is_installed() {
        assert!(debian_packages(Needs::PAGE, None, None).starts_with(&wasm::PACKAGES));
    }
}
