//! `conformance [--device cpu] FILE.json …`: runs conformance files, prints a line for each case that
//! fails, then `N passed, N failed, N skipped`.

#[path = "../tests/conformance/mod.rs"]
mod conformance;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument != "--device" {
            files.push(argument);
            continue;
        }
        match arguments.next().as_deref() {
            Some("cpu") => {}
            Some("webgpu") => return usage("this version computes on the cpu only"),
            _ => return usage("--device takes cpu or webgpu"),
        }
    }
    if files.is_empty() {
        return usage("no file is given");
    }
    let (mut passed, mut failed) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| e.to_string());
        match text.and_then(|text| conformance::run(&text)) {
            Ok(outcome) => {
                passed += outcome.passed;
                failed += outcome.failed.len();
                for (name, why) in outcome.failed {
                    println!("{name}: {why}");
                }
            }
            Err(why) => {
                eprintln!("{file}: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{passed} passed, {failed} failed, 0 skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage(why: &str) -> ExitCode {
    eprintln!("{why}\nusage: conformance [--device cpu] FILE.json …");
    ExitCode::from(2)
}
