//! The document as a URL fragment: `#v=1&z=…`, where `z` is the compact JSON, deflated, in base64url.
//!
//! The same document always gives the same link, and every link ever made with `v=1` stays readable.
//! A link is untrusted: nothing larger than [`limits::LINK`] is ever inflated.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use miniz_oxide::{
    deflate::compress_to_vec,
    inflate::{TINFLStatus, decompress_to_vec_with_limit},
};

use super::{
    document::{Experiment, VERSION},
    limits,
    problem::{Problem, Problems, Reason},
    read::{self, ReadOptions},
    write,
};

/// As small as miniz_oxide makes it. Changing this changes links, though old ones stay readable.
const LEVEL: u8 = 10;

/// What a link holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The document.
    pub experiment: Experiment,
    /// The names of parameters that are not understood, to be told to the reader.
    pub refused: Vec<String>,
}

/// The fragment that carries the whole document, with its `#`.
///
/// # Errors
/// If the document is larger than [`limits::LINK`], and the link could not be read back.
pub fn encode(experiment: &Experiment) -> Result<String, Problems> {
    let text = write::to_compact(experiment);
    if text.len() > limits::LINK {
        let (max, got) = (limits::LINK as u64, text.len() as u64);
        return Err(Problems(vec![Problem::too_large(&"link", "bytes", max, got)]));
    }
    let deflated = compress_to_vec(text.as_bytes(), LEVEL);
    Ok(format!("#v={VERSION}&z={}", BASE64.encode(deflated)))
}

/// Reads a fragment, with or without its `#`, its parameters in any order, percent-encoded or not.
/// What stands before a `#` is skipped, so a whole URL will do.
///
/// # Errors
/// At `link`, if the link itself cannot be read; otherwise what is wrong with its document.
pub fn decode(link: &str) -> Result<Decoded, Problems> {
    let (packed, refused) = parameters(link)?;
    // Padding is not written; whoever adds it may.
    let damaged = || refuse(Reason::new("damaged", "its document is damaged or cut off"));
    let deflated = BASE64.decode(packed.trim_end_matches('=')).map_err(|_| damaged())?;
    let bytes = decompress_to_vec_with_limit(&deflated, limits::LINK).map_err(|e| match e.status {
        TINFLStatus::HasMoreOutput => refuse(Reason::new("too_large", "its document is too large")),
        _ => damaged(),
    })?;
    let text =
        String::from_utf8(bytes).map_err(|_| refuse(Reason::new("not_text", "its document is not text")))?;
    let experiment = read::from_text(&text, ReadOptions::default())?;
    Ok(Decoded { experiment, refused })
}

/// The names of a link's parameters that are not understood, without reading its document.
///
/// # Errors
/// At `link`, if the link itself cannot be read.
pub fn refused(link: &str) -> Result<Vec<String>, Problems> {
    Ok(parameters(link)?.1)
}

fn refuse(reason: Reason) -> Problems {
    Problems(vec![Problem::bad_link(&reason)])
}

/// The packed document, and the names of parameters that are not understood.
fn parameters(link: &str) -> Result<(String, Vec<String>), Problems> {
    if link.len() > limits::LINK {
        return Err(refuse(Reason::new("too_long", "it is too long")));
    }
    let fragment = link.trim().split_once('#').map_or(link.trim(), |(_, fragment)| fragment);
    let (mut version, mut packed) = (None, None);
    let mut refused = Vec::new();
    for parameter in fragment.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (Some(name), Some(value)) = (percent_decoded(name), percent_decoded(value)) else {
            return Err(refuse(Reason::new("percent", "its percent-encoding is broken")));
        };
        let place = match &*name {
            "v" => &mut version,
            "z" => &mut packed,
            _ => {
                if refused.len() < limits::PROBLEMS && !refused.contains(&name) {
                    refused.push(name);
                }
                continue;
            }
        };
        if place.replace(value).is_some() {
            return Err(refuse(Reason::naming("twice", &name, format!("{name}= is there twice"))));
        }
    }
    match version {
        None => return Err(refuse(Reason::new("no_version", "v=, its version, is missing"))),
        Some(version) if version != VERSION.to_string() => {
            return Err(Problems(vec![Problem::unsupported_version(&"link", &version)]));
        }
        Some(_) => {}
    }
    let packed = packed.ok_or_else(|| refuse(Reason::new("no_document", "z=, its document, is missing")))?;
    Ok((packed, refused))
}

/// `%7A` is `z`. `None` where two hexadecimal digits or valid UTF-8 are missing.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
