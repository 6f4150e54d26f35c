//! Chromium and its driver, for the tests and the screenshots; Firefox and WebKit, for the tests of the main flow.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::place::{Place, find_program};

/// What to install on Debian, with fonts for Chinese.
pub const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
pub const FONTS_PACKAGE: &str = "fonts-noto-cjk";

/// Said where there is none.
pub const MISSING: &str = "the browser tests need Chromium or Chrome and its chromedriver: install both, or name \
    them in the variables CHROMIUM and CHROMEDRIVER";

pub const FIREFOX_PACKAGE: &str = "firefox-esr";
pub const FIREFOX_MISSING: &str =
    "the tests in Firefox need it: install it, or name its program in the variable FIREFOX";

/// WebKit's own small browser with its driver, and what gives it a display and a message bus.
pub const WEBKIT_PACKAGES: [&str; 4] = ["webkit2gtk-driver", "xvfb", "xauth", "dbus-daemon"];
pub const WEBKIT_MISSING: &str = "the tests in WebKit need WebKitWebDriver, Xvfb and D-Bus: on Debian, \
    apt-get install webkit2gtk-driver xvfb xauth dbus-daemon";

/// A browser to test in.
#[derive(Clone)]
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
}

impl Browser {
    /// From `CHROMIUM` and `CHROMEDRIVER`, `PATH`, or where systems put them.
    pub fn find() -> Option<Browser> {
        let chromium = named("CHROMIUM")
            .or_else(|| {
                find_program(&[
                    "chromium",
                    "chromium-browser",
                    "google-chrome",
                    "google-chrome-stable",
                    "chrome",
                ])
            })
            .or_else(|| {
                first(&[
                    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                    "/Applications/Chromium.app/Contents/MacOS/Chromium",
                    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
                ])
            })?;
        let driver = named("CHROMEDRIVER").or_else(|| find_program(&["chromedriver"])).or_else(|| {
            first(&["/usr/lib/chromium/chromedriver", "/usr/lib/chromium-browser/chromedriver"])
        })?;
        Some(Browser { chromium, driver })
    }

    /// The file that tells wasm-bindgen's test runner how to start this browser.
    pub fn write_capabilities(&self, place: &Place, graphics: Graphics) -> Result<PathBuf> {
        let (name, more): (_, &[&str]) = match graphics {
            Graphics::None => ("webdriver.json", &["--disable-gpu"]),
            Graphics::Software => ("webdriver-webgpu.json", &WEBGPU),
        };
        let file = place.target.join(name);
        let binary = self.chromium.to_string_lossy().replace('\\', r"\\").replace('"', "\\\"");
        let arguments: Vec<String> = FLAGS.iter().chain(more).map(|flag| format!("\"{flag}\"")).collect();
        let arguments = arguments.join(", ");
        let json = format!(
            "{{ \"goog:chromeOptions\": {{ \"binary\": \"{binary}\", \"args\": [{arguments}] }} }}\n"
        );
        std::fs::create_dir_all(&place.target)
            .and_then(|()| std::fs::write(&file, json))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(file)
    }
}

/// From `FIREFOX`, `PATH`, or where systems put it.
pub fn find_firefox() -> Option<PathBuf> {
    named("FIREFOX").or_else(|| find_program(&["firefox-esr", "firefox"])).or_else(|| {
        first(&[
            "/Applications/Firefox.app/Contents/MacOS/firefox",
            r"C:\Program Files\Mozilla Firefox\firefox.exe",
        ])
    })
}

/// WebKit's driver, where there is also all that its browser needs.
pub fn find_webkit_driver() -> Option<PathBuf> {
    find_program(&["xvfb-run"])?;
    find_program(&["xauth"])?;
    find_program(&["dbus-run-session"])?;
    find_program(&["WebKitWebDriver"])
}

/// What draws, and computes with WebGPU.
#[derive(Clone, Copy)]
pub enum Graphics {
    /// Nothing
    None,
    /// SwiftShader: a Vulkan device on the processor
    Software,
}

/// WebGPU on SwiftShader, which Chromium on Linux does not offer by itself.
const WEBGPU: [&str; 3] =
    ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

/// Headless, also as root in a container, and without traffic of its own.
const FLAGS: [&str; 7] = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Whether some font for Chinese is there, as far as one can see without asking the system's font library.
pub fn has_chinese_font() -> bool {
    !cfg!(target_os = "linux")
        || first(&[
            "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/google-noto-cjk",
        ])
        .is_some()
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file())
}

fn first(files: &[&str]) -> Option<PathBuf> {
    files.iter().map(Path::new).find(|file| file.exists()).map(Path::to_owned)
}
