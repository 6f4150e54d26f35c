//! Reading versions out of what tools and lock files say.

use crate::Result;

/// A version's numbers: `1.90` is `(1, 90, 0)`, and what follows a `-` or `+` is left out.
pub type Version = (u32, u32, u32);

/// The first word of `text` that is a version, as `rustc 1.95.0 (…)` or `v20.20.2` hold one.
pub fn find_version(text: &str) -> Option<Version> {
    text.split_whitespace().find_map(version)
}

fn version(word: &str) -> Option<Version> {
    let word = word.strip_prefix('v').unwrap_or(word);
    let core = word.split(['-', '+']).next()?;
    let numbers: Vec<u32> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match numbers[..] {
        [major, minor] => Some((major, minor, 0)),
        [major, minor, patch] => Some((major, minor, patch)),
        _ => None,
    }
}

/// Whether `tool --version` printed exactly this version: `trunk 0.22.0-beta.1`.
pub fn is_exactly(printed: &str, wanted: &str) -> bool {
    printed.split_whitespace().any(|word| word == wanted)
}

/// The version of a package in `Cargo.lock`.
pub fn locked(lock: &str, package: &str) -> Result<String> {
    let wanted = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != wanted).skip(1);
    lines
        .next()
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock holds no {package}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        assert_eq!(find_version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95, 0)));
        assert_eq!(find_version("v20.20.2\n"), Some((20, 20, 2)));
        assert_eq!(find_version("trunk 0.22.0-beta.1"), Some((0, 22, 0)));
        assert_eq!(find_version("no version here"), None);
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        assert!(find_version("1.100.0") > find_version("1.95.0"));
    }

    #[test]
    fn only_the_exact_version_of_a_tool_will_do() {
        assert!(is_exactly("trunk 0.22.0-beta.1\n", "0.22.0-beta.1"));
        assert!(!is_exactly("trunk 0.22.0\n", "0.22.0-beta.1"));
        assert!(!is_exactly("wasm-bindgen 0.2.1260", "0.2.126"));
    }

    #[test]
    fn the_lock_file_tells_a_packages_version_and_no_namesakes() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Ok("0.2.126".to_owned()));
        assert!(locked(lock, "wasm").is_err());
    }
}
