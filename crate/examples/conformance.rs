//! `conformance [--device cpu|webgpu] FILE.json …`: runs conformance files, prints a line for each case that
//! fails or that the device cannot run, then `N passed, N failed, N skipped`. WebGPU needs the feature `webgpu`.

#[path = "../tests/conformance/mod.rs"]
mod conformance;

use gradus::backend::Device;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut files = Vec::new();
    let mut device = Device::Cpu;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument != "--device" {
            files.push(argument);
            continue;
        }
        match arguments.next().as_deref() {
            Some("cpu") => device = Device::Cpu,
            Some("webgpu") => match webgpu() {
                Ok(found) => device = found,
                Err(why) => {
                    eprintln!("{why}");
                    return ExitCode::FAILURE;
                }
            },
            _ => return usage("--device takes cpu or webgpu"),
        }
    }
    if files.is_empty() {
        return usage("no file is given");
    }
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| e.to_string());
        match text.and_then(|text| conformance::at_once(conformance::run_on(device, &text))) {
            Ok(outcome) => {
                passed += outcome.passed;
                failed += outcome.failed.len();
                skipped += outcome.skipped.len();
                for (name, why) in outcome.skipped {
                    println!("{name}: skipped, {why}");
                }
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
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The device, if there is one.
#[cfg(feature = "webgpu")]
fn webgpu() -> Result<Device, String> {
    use gradus::backend::gpu;
    let device = gpu::block_on(gpu::Gpu::request()).map_err(|e| e.to_string())?;
    println!("on {}", device.name());
    gpu::install(Some(device));
    Ok(Device::Gpu)
}

#[cfg(not(feature = "webgpu"))]
fn webgpu() -> Result<Device, String> {
    Err("this was built without the feature webgpu: cargo run --features webgpu …".into())
}

fn usage(why: &str) -> ExitCode {
    eprintln!("{why}\nusage: conformance [--device cpu|webgpu] FILE.json …");
    ExitCode::from(2)
}
