//! The little of the zip format that PyTorch's files use: entries that are stored as they are.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// The first of January 1980.
const DATE: u16 = 0x21;
/// Where PyTorch aligns an entry's bytes, so that a file can be mapped into memory.
const ALIGNMENT: usize = 64;

/// An archive: where each entry's bytes are.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    /// The first entry's name, up to its first slash: all names start with it
    folder: &'a str,
    entries: BTreeMap<&'a str, Entry>,
}

struct Entry {
    stored: bool,
    header: u64,
    size: u64,
}

fn damaged(what: &str, at: u64) -> Error {
    Error::File(format!("the zip archive is damaged: {what} at byte {at}"))
}

/// `N` bytes from `at`, where there are as many.
fn field<const N: usize>(bytes: &[u8], at: u64) -> Result<[u8; N]> {
    let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
    rest.and_then(<[u8]>::first_chunk).copied().ok_or_else(|| damaged("it ends too early", at))
}

fn u16_at(bytes: &[u8], at: u64) -> Result<u16> {
    field(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: u64) -> Result<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: u64) -> Result<u64> {
    field(bytes, at).map(u64::from_le_bytes)
}

fn range(bytes: &[u8], at: u64, len: u64) -> Result<&[u8]> {
    let start = usize::try_from(at).ok();
    let end = at.checked_add(len).and_then(|end| usize::try_from(end).ok());
    let range = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
    range.ok_or_else(|| damaged("an entry reaches beyond its end", at))
}

impl<'a> Archive<'a> {
    /// Reads the list of entries at the end of the file.
    ///
    /// # Errors
    /// When this is not a zip archive, or a damaged one.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Archive<'a>> {
        let (mut at, count) = directory(bytes)?;
        let mut archive = Archive { bytes, folder: "", entries: BTreeMap::new() };
        for i in 0..count {
            if u32_at(bytes, at)? != CENTRAL {
                return Err(damaged("no entry of the directory", at));
            }
            let [name_len, extra_len, comment_len] =
                [28, 30, 32].map(|field| u16_at(bytes, at.saturating_add(field)).map(u64::from));
            let (name_len, extra_len, comment_len) = (name_len?, extra_len?, comment_len?);
            let name = range(bytes, at + 46, name_len)?;
            let name = str::from_utf8(name).map_err(|_| damaged("a name that is not UTF-8", at))?;
            let extra = range(bytes, at + 46 + name_len, extra_len)?;
            let entry = entry(bytes, at, extra)?;
            if i == 0 {
                archive.folder = name.split('/').next().unwrap_or_default();
            }
            if archive.entries.insert(name, entry).is_some() {
                return Err(damaged("a second entry of the same name", at));
            }
            at += 46 + name_len + extra_len + comment_len;
        }
        Ok(archive)
    }

    /// The bytes of an entry of the archive's folder, if it has it.
    ///
    /// # Errors
    /// When the entry is compressed or lies outside the file.
    pub(super) fn get(&self, name: &str) -> Result<Option<&'a [u8]>> {
        let Some(entry) = self.entries.get(format!("{}/{name}", self.folder).as_str()) else {
            return Ok(None);
        };
        if !entry.stored {
            return Err(Error::File(format!(
                "{name} is compressed or encrypted in the zip archive; torch.save stores it as it is"
            )));
        }
        if u32_at(self.bytes, entry.header)? != LOCAL {
            return Err(damaged("no entry", entry.header));
        }
        // Its own extra field is not that of the directory: PyTorch aligns with it.
        let name_len = u16_at(self.bytes, entry.header.saturating_add(26))?;
        let extra_len = u16_at(self.bytes, entry.header.saturating_add(28))?;
        let start = entry.header.saturating_add(30 + u64::from(name_len) + u64::from(extra_len));
        range(self.bytes, start, entry.size).map(Some)
    }
}

/// Where the directory starts and how many entries it has.
fn directory(bytes: &[u8]) -> Result<(u64, u64)> {
    let none = || Error::File("this is neither a zip archive nor another file that torch.save wrote".into());
    if !bytes.starts_with(&LOCAL.to_le_bytes()) {
        return Err(none());
    }
    // The end has 22 bytes and a comment of at most 65,535.
    let tail = &bytes[bytes.len().saturating_sub(22 + 0xffff)..];
    let back = tail.windows(22).rposition(|w| w.starts_with(&END.to_le_bytes()));
    let end = back.ok_or_else(|| Error::File("the zip archive is damaged: its end is missing".into()))?;
    let end = (bytes.len() - tail.len() + end) as u64;
    let (count, start) = (u16_at(bytes, end + 10)?, u32_at(bytes, end + 16)?);
    if count != u16::MAX && start != u32::MAX {
        return Ok((start.into(), count.into()));
    }
    let locator = end.checked_sub(20).ok_or_else(none)?;
    if u32_at(bytes, locator)? != LOCATOR64 {
        return Ok((start.into(), count.into()));
    }
    let end64 = u64_at(bytes, locator + 8)?;
    if u32_at(bytes, end64)? != END64 {
        return Err(damaged("no end of a large archive", end64));
    }
    Ok((u64_at(bytes, end64.saturating_add(48))?, u64_at(bytes, end64.saturating_add(32))?))
}

/// The directory's entry at `at`, whose extra field holds what does not fit 32 bits.
fn entry(bytes: &[u8], at: u64, mut extra: &[u8]) -> Result<Entry> {
    let flags = u16_at(bytes, at + 8)?;
    let method = u16_at(bytes, at + 10)?;
    let narrow = [24, 20, 42].map(|field| u32_at(bytes, at + field));
    let mut wide = [0; 3];
    let mut large: &[u8] = &[];
    while let (Ok(id), Ok(len)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let field = range(extra, 4, len.into()).map_err(|_| damaged("an extra field too long", at))?;
        if id == 1 {
            large = field;
        }
        extra = &extra[4 + field.len()..];
    }
    let mut next = 0;
    for (wide, narrow) in wide.iter_mut().zip(narrow) {
        *wide = match narrow? {
            u32::MAX => {
                next += 8;
                u64_at(large, next - 8).map_err(|_| damaged("a large entry without its size", at))?
            }
            narrow => narrow.into(),
        };
    }
    let [size, compressed, header] = wide;
    Ok(Entry { stored: method == 0 && flags & 1 == 0 && size == compressed, header, size })
}

/// The checksum of zip files.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = i as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, &byte| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

/// An archive being written.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: usize,
}

impl Writer {
    /// Adds an entry, aligned as PyTorch does.
    ///
    /// # Errors
    /// When the archive becomes too long for 32-bit sizes.
    pub(super) fn add(&mut self, name: &str, data: &[u8]) -> Result<()> {
        let header = self.bytes.len();
        // An extra field "FB" of as many bytes as bring the data to the next multiple.
        let unpadded = header + 30 + name.len() + 4;
        let padding = unpadded.next_multiple_of(ALIGNMENT) - unpadded;
        let end = unpadded + padding + data.len();
        if end + self.directory.len() + 1024 > u32::MAX as usize || self.entries + 1 >= usize::from(u16::MAX)
        {
            return Err(Error::Value(
                "a .pth file of more than 4 GiB or 65,534 storages cannot be written".into(),
            ));
        }
        let mut common = Vec::with_capacity(26);
        for field in [0, UTF8, 0, 0, DATE] {
            common.extend(u16::to_le_bytes(field)); // version, flags, method: stored, time, date
        }
        for field in [crc32(data), data.len() as u32, data.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());

        self.bytes.extend(LOCAL.to_le_bytes());
        self.bytes.extend(&common);
        self.bytes.extend((4 + padding as u16).to_le_bytes());
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(b"FB");
        self.bytes.extend((padding as u16).to_le_bytes());
        self.bytes.resize(unpadded + padding, b'Z');
        self.bytes.extend(data);

        self.directory.extend(CENTRAL.to_le_bytes());
        self.directory.extend([0, 0]); // made by
        self.directory.extend(&common);
        self.directory.extend([0; 12]); // extra, comment, disk, attributes
        self.directory.extend((header as u32).to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries += 1;
        Ok(())
    }

    /// The whole archive.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len() as u32;
        let count = (self.entries as u16).to_le_bytes();
        self.bytes.extend(&self.directory);
        self.bytes.extend(END.to_le_bytes());
        self.bytes.extend([0; 4]); // disks
        self.bytes.extend(count);
        self.bytes.extend(count);
        self.bytes.extend((self.directory.len() as u32).to_le_bytes());
        self.bytes.extend(start.to_le_bytes());
        self.bytes.extend([0; 2]); // comment
        self.bytes
    }
}
