//! Links: `share encode FILE` prints the URL fragment of a document, `share decode FRAGMENT` prints
//! the document of a URL fragment. A FILE of `-` is standard input.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use gradus::experiment::{ReadOptions, from_text, link, write};

const USAGE: &str = "usage: share encode FILE | share decode FRAGMENT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["encode", file] => encode(file),
        ["decode", fragment] => decode(fragment),
        ["help" | "--help" | "-h"] => Ok(format!("{USAGE}\n")),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let printed = result.and_then(|text| {
        let written = io::stdout().write_all(text.as_bytes());
        written.map_err(|error| format!("standard output: {error}"))
    });
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn encode(file: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = match file {
        "-" => io::stdin().read_to_string(&mut text).map(drop),
        _ => std::fs::read_to_string(file).map(|read| text = read),
    };
    read.map_err(|error| format!("{file}: {error}"))?;
    let experiment = from_text(&text, ReadOptions::default()).map_err(|e| e.to_string())?;
    let link = link::encode(&experiment).map_err(|e| e.to_string())?;
    Ok(format!("{link}\n"))
}

fn decode(fragment: &str) -> Result<String, String> {
    let decoded = link::decode(fragment).map_err(|problems| problems.to_string())?;
    for name in decoded.refused {
        eprintln!("link: the parameter \"{name}\" is not understood, and left out");
    }
    Ok(write::to_pretty(&decoded.experiment))
}
