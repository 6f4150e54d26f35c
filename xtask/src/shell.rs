//! Running other programs: quietly with a sign of life, or with their own output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// How often a quiet program's progress is told.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// A command without the variables that `cargo run` leaves for this program alone.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs this program.
pub fn native_cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What a short program prints, if it succeeds.
pub fn capture(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program succeeds within some time; it is ended after that.
pub fn succeeds_within(limit: Duration, command: &mut Command) -> bool {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = silent.spawn() else {
        return false;
    };
    let started = Instant::now();
    while started.elapsed() < limit {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(50)),
            Ok(Some(status)) => return status.success(),
            Err(_) => return false,
        }
    }
    // It may have ended by itself just now; either way it did not succeed in time.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Runs a program with its own output.
pub fn stream(title: &str, command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(title, command, &error))?;
    succeeded(title, command, status)
}

/// Runs a program quietly and returns what it printed. A long one's last line is shown now and then; a failed
/// one's whole output is. `verbose` shows every line at once.
pub fn run(title: &str, command: &mut Command, verbose: bool) -> Result<String> {
    let (output, result) = run_with_output(title, command, verbose)?;
    result.map(|()| output)
}

/// As [`run`], with what a program printed also where it failed.
pub fn run_with_output(title: &str, command: &mut Command, verbose: bool) -> Result<(String, Result<()>)> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| cannot_start(title, command, &error))?;
    let output = collect(title, &mut child, verbose);
    let status = child.wait().map_err(|error| format!("{title}: {error}"))?;
    if !status.success() && !verbose {
        eprint!("{output}");
    }
    Ok((output, succeeded(title, command, status)))
}

fn collect(title: &str, child: &mut Child, verbose: bool) -> String {
    let (sender, lines) = mpsc::channel();
    read_lines(child.stdout.take(), sender.clone());
    read_lines(child.stderr.take(), sender);
    let started = Instant::now();
    let mut told = started;
    let mut output = String::new();
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                if verbose {
                    println!("{line}");
                }
                output.push_str(&line);
                output.push('\n');
            }
            // A program that it left behind may hold the pipe open: its own end is the end.
            Err(RecvTimeoutError::Timeout) if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) => {
                break;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if !verbose && told.elapsed() >= SIGN_OF_LIFE {
            told = Instant::now();
            let last = output.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
            let last: String = last.chars().take(70).collect();
            println!("    {title}: {}  {last}", seconds(started.elapsed()));
        }
    }
    output
}

fn read_lines(pipe: Option<impl Read + Send + 'static>, sender: Sender<String>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
}

fn succeeded(title: &str, command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let program = command.get_program().to_string_lossy();
    Err(format!("{title} failed: {program} ended with {status}"))
}

fn cannot_start(title: &str, command: &Command, error: &std::io::Error) -> String {
    format!("{title}: {} does not start: {error}", command.get_program().to_string_lossy())
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 20 s`.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_program_that_takes_too_long_is_ended() {
        let limit = Duration::from_millis(200);
        assert!(succeeds_within(limit * 50, &mut command("true")));
        assert!(!succeeds_within(limit, command("sleep").arg("60")));
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_millis(12_900)), "12 s");
        assert_eq!(seconds(Duration::from_secs(200)), "3 min 20 s");
    }
}
