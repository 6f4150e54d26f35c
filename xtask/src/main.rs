//! `cargo xtask …`: sets up what is missing, then serves, builds, tests, measures or photographs the page.

mod apt;
mod args;
mod bench;
mod browser;
mod dist_core;
mod node;
mod page;
mod place;
mod setup;
mod shell;
mod split;
mod stages;
mod tools;
mod versions;
mod wasm;

use std::process::ExitCode;

use args::Task;
use place::Place;

/// An error is the one line that the person at the terminal reads.
type Result<T, E = String> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = args::parse(&arguments).and_then(run);
    outcome.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}

fn run(task: Task) -> Result<ExitCode> {
    if let Task::Module { arguments } = &task {
        return split::run(arguments).map(|()| ExitCode::SUCCESS);
    }
    let place = Place::find()?;
    let done = |()| ExitCode::SUCCESS;
    match task {
        Task::Help => {
            println!("{}", args::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Task::Build { release } => page::build(&place, release).map(done),
        Task::BuildCore => dist_core::build(&place).map(done),
        Task::Bench { options } => bench::run(&place, &options).map(done),
        Task::Serve { release, port } => page::serve(&place, release, port).map(done),
        Task::Test { only, verbose } => stages::test(&place, &only, verbose),
        Task::Shots => page::shots(&place).map(done),
        Task::Module { .. } => unreachable!("it needs no place"),
    }
}
