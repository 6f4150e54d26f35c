//! The command line.

use crate::Result;
use crate::stages::Stage;

/// What `cargo xtask` alone or `--help` prints.
pub const USAGE: &str = "\
cargo xtask serve [--release] [--port N]   builds the page, serves it, rebuilds on every change
cargo xtask build [--release]              makes dist/: static files for any host and any folder
cargo xtask build --core                   makes dist-core/: the module without charts, for scripts
cargo xtask test [--only STAGE,…] [--verbose]
                                           all checks and tests, or some of the stages
cargo xtask bench [--quick] [--workloads W1,…] [--only REGEX] [--write]
                                           speed beside other libraries, see docs/benchmarks.md
cargo xtask shots                          screenshots of the page into screenshots/";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    Help,
    Serve {
        release: bool,
        port: Option<u16>,
    },
    Build {
        release: bool,
    },
    BuildCore,
    Test {
        only: Vec<Stage>,
        verbose: bool,
    },
    /// With what its own program takes.
    Bench {
        options: Vec<String>,
    },
    Shots,
    /// What the page's build asks for: see `split`.
    Module {
        arguments: Vec<String>,
    },
}

/// Reads the arguments after `cargo xtask`.
pub fn parse(arguments: &[String]) -> Result<Task> {
    let Some((command, rest)) = arguments.split_first() else {
        return Ok(Task::Help);
    };
    if command == "module" {
        return Ok(Task::Module { arguments: rest.to_vec() });
    }
    let mut flags = Flags::default();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        let (name, mut value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut needed = || {
            let next = value.take().or_else(|| rest.next().cloned());
            next.ok_or_else(|| format!("{name} needs a value"))
        };
        match (command.as_str(), name) {
            (_, "--help" | "-h") => return Ok(Task::Help),
            ("serve" | "build", "--release") => flags.release = true,
            ("build", "--core") => flags.core = true,
            ("serve", "--port") => flags.port = Some(port(&needed()?)?),
            ("bench", "--quick" | "--write") => flags.options.push(name.to_owned()),
            ("bench", "--workloads" | "--only") => {
                let value = needed()?;
                flags.options.push(format!("{name}={value}"));
            }
            ("test", "--verbose") => flags.verbose = true,
            ("test", "--only") => {
                for stage in needed()?.split(',') {
                    flags.only.push(Stage::from_name(stage)?);
                }
            }
            _ => {
                return Err(format!("`cargo xtask {command}` takes no {argument}\n{USAGE}"));
            }
        }
        if value.is_some() {
            return Err(format!("{name} takes no value"));
        }
    }
    let Flags { release, core, port, only, verbose, options } = flags;
    match command.as_str() {
        "serve" => Ok(Task::Serve { release, port }),
        "build" if core => Ok(Task::BuildCore),
        "build" => Ok(Task::Build { release }),
        "bench" => Ok(Task::Bench { options }),
        "test" => Ok(Task::Test { only, verbose }),
        "shots" => Ok(Task::Shots),
        "help" | "--help" | "-h" => Ok(Task::Help),
        _ => Err(format!("there is no `cargo xtask {command}`\n{USAGE}")),
    }
}

#[derive(Default)]
struct Flags {
    release: bool,
    core: bool,
    port: Option<u16>,
    only: Vec<Stage>,
    verbose: bool,
    options: Vec<String>,
}

fn port(text: &str) -> Result<u16> {
    text.parse().map_err(|_| format!("--port takes a number from 1 to 65535, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn flags_take_their_value_after_a_space_or_an_equals_sign() {
        let expected = Ok(Task::Serve { release: true, port: Some(9000) });
        assert_eq!(parsed("serve --release --port 9000"), expected);
        assert_eq!(parsed("serve --port=9000 --release"), expected);
    }

    #[test]
    fn only_takes_several_stages() {
        let only = vec![Stage::Format, Stage::Types];
        assert_eq!(parsed("test --only format,types"), Ok(Task::Test { only, verbose: false }));
    }

    #[test]
    fn the_options_of_the_benchmarks_are_handed_on() {
        let options = ["--quick", "--workloads=W1,W8", "--only=jax|tfjs"].map(str::to_owned).to_vec();
        assert_eq!(parsed("bench --quick --workloads W1,W8 --only=jax|tfjs"), Ok(Task::Bench { options }));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "dance",
            "build --port 1",
            "serve --port",
            "serve --port x",
            "test --only dance",
            "build --release=1",
            "bench --release",
            "bench --workloads",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
