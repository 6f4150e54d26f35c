//! Finds what a command needs, and installs what is missing: the slow parts side by side.

use std::path::{Path, PathBuf};
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
    /// Firefox.
    pub firefox: bool,
    /// WebKit's browser and driver, and a display for it.
    pub webkit: bool,
    /// The clippy that belongs to the compiler for wasm.
    pub clippy: bool,
}

impl Needs {
    /// To build the page.
    pub const PAGE: Needs = Needs {
        wasm: true,
        tools: true,
        node: true,
        browser: false,
        firefox: false,
        webkit: false,
        clippy: false,
    };

    /// What either needs.
    pub fn and(self, other: Needs) -> Needs {
        Needs {
            wasm: self.wasm || other.wasm,
            tools: self.tools || other.tools,
            node: self.node || other.node,
            browser: self.browser || other.browser,
            firefox: self.firefox || other.firefox,
            webkit: self.webkit || other.webkit,
            clippy: self.clippy || other.clippy,
        }
    }
}

/// What was found or installed. What was not asked for may be missing.
pub struct Ready {
    wasm: Option<Wasm>,
    browser: Option<Browser>,
    firefox: Option<PathBuf>,
    webkit: Option<PathBuf>,
}

impl Ready {
    /// Looks for what is needed.
    fn find(needs: Needs) -> Ready {
        Ready {
            wasm: needs.wasm.then(Wasm::find).flatten(),
            browser: needs.browser.then(Browser::find).flatten(),
            firefox: needs.firefox.then(browser::find_firefox).flatten(),
            webkit: needs.webkit.then(browser::find_webkit_driver).flatten(),
        }
    }

    /// Tells in one line what is needed and missing. Only machines that can install WebKit must have it.
    fn complete(&self, needs: Needs, installable: bool) -> Result<()> {
        let wasm = if needs.wasm { self.wasm().map(drop) } else { Ok(()) };
        let browser = if needs.browser { self.browser().map(drop) } else { Ok(()) };
        let firefox = if needs.firefox { self.firefox().map(drop) } else { Ok(()) };
        let webkit = if needs.webkit && installable { self.webkit().map(drop) } else { Ok(()) };
        wasm.and(browser).and(firefox).and(webkit)
    }

    pub fn wasm(&self) -> Result<&Wasm> {
        self.wasm.as_ref().ok_or_else(|| wasm::MISSING.to_owned())
    }

    pub fn browser(&self) -> Result<&Browser> {
        self.browser.as_ref().ok_or_else(|| browser::MISSING.to_owned())
    }

    pub fn firefox(&self) -> Result<&Path> {
        self.firefox.as_deref().ok_or_else(|| browser::FIREFOX_MISSING.to_owned())
    }

    pub fn webkit(&self) -> Result<&Path> {
        self.webkit.as_deref().ok_or_else(|| browser::WEBKIT_MISSING.to_owned())
    }
}

/// Makes the machine ready, or tells in one line what is missing.
pub fn prepare(place: &Place, needs: Needs) -> Result<Ready> {
    let started = Instant::now();
    if needs.node {
        node::check()?;
    }
    let mut ready = Ready::find(needs);
    if needs.wasm && ready.wasm.is_none() && Wasm::add_target() {
        ready.wasm = Wasm::find();
    }

    let packages = debian_packages(needs, &ready);
    let apt = if packages.is_empty() { None } else { Apt::find() };
    if apt.is_none() {
        // Better said now than after minutes of building tools.
        ready.complete(needs, false)?;
    }

    let (debian, node, tools) = thread::scope(|scope| {
        let debian = scope.spawn(|| apt.map_or(Ok(()), |apt| apt.install(&packages)));
        let node = scope.spawn(|| if needs.node { node::install(&place.root) } else { Ok(()) });
        let tools = if needs.tools { tools::install(place) } else { Ok(()) };
        (joined(debian), joined(node), tools)
    });
    if apt.is_some() {
        ready = Ready::find(needs);
    }
    node.and(tools)?;
    let complete = ready.complete(needs, apt.is_some());
    // A package that failed matters only where it leaves something missing.
    if complete.is_err() {
        debian?;
    }
    complete?;
    if started.elapsed().as_secs() >= 2 {
        println!("    ready after {}", seconds(started.elapsed()));
    }
    Ok(ready)
}

fn joined(thread: thread::ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread.join().unwrap_or_else(|_| Err("an installation broke off".to_owned()))
}

/// What Debian would have to install.
fn debian_packages(needs: Needs, ready: &Ready) -> Vec<&'static str> {
    let mut packages = Vec::new();
    if needs.wasm && ready.wasm.is_none() {
        packages.extend(wasm::PACKAGES);
    }
    if needs.clippy && !matches!(ready.wasm, Some(Wasm::Rustup)) && !wasm::has_debian_clippy() {
        packages.push(wasm::CLIPPY_PACKAGE);
    }
    if needs.browser && ready.browser.is_none() {
        packages.extend(browser::PACKAGES);
    }
    if needs.browser && !browser::has_chinese_font() {
        packages.push(browser::FONTS_PACKAGE);
    }
    if needs.firefox && ready.firefox.is_none() {
        packages.push(browser::FIREFOX_PACKAGE);
    }
    if needs.webkit && ready.webkit.is_none() {
        packages.extend(browser::WEBKIT_PACKAGES);
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Ready = Ready { wasm: None, browser: None, firefox: None, webkit: None };

    #[test]
    fn rustups_target_needs_no_package() {
        let needs = Needs { clippy: true, ..Needs::PAGE };
        let ready = Ready { wasm: Some(Wasm::Rustup), ..NOTHING };
        assert!(debian_packages(needs, &ready).is_empty());
    }

    #[test]
    fn without_a_target_debians_compiler_is_installed() {
        assert!(debian_packages(Needs::PAGE, &NOTHING).starts_with(&wasm::PACKAGES));
    }

    #[test]
    fn webkit_is_needed_only_where_it_can_be_installed() {
        let needs = Needs { webkit: true, ..Needs::default() };
        assert!(NOTHING.complete(needs, true).is_err());
        assert!(NOTHING.complete(needs, false).is_ok());
    }
}
