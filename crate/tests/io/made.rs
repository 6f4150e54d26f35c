//! Files made by hand.

/// A zip archive of stored entries in a folder `a`, as plain as can be: no checksums, no alignment.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let at = file.len();
        header(&mut file, name, data.len());
        file.extend(*data);
        listed(&mut directory, name, data.len(), at);
    }
    finish(file, directory, entries.len())
}

/// The header before an entry's bytes.
pub fn header(file: &mut Vec<u8>, name: &str, len: usize) {
    file.extend(b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    file.extend((len as u32).to_le_bytes());
    file.extend((len as u32).to_le_bytes());
    file.extend((name.len() as u16 + 2).to_le_bytes());
    file.extend([0, 0]);
    file.extend(format!("a/{name}").into_bytes());
}

/// An entry of the directory.
pub fn listed(directory: &mut Vec<u8>, name: &str, len: usize, at: usize) {
    directory.extend(b"PK\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    directory.extend((len as u32).to_le_bytes());
    directory.extend((len as u32).to_le_bytes());
    directory.extend((name.len() as u16 + 2).to_le_bytes());
    directory.extend([0; 12]);
    directory.extend((at as u32).to_le_bytes());
    directory.extend(format!("a/{name}").into_bytes());
}

/// The directory and the end after the entries.
pub fn finish(mut file: Vec<u8>, directory: Vec<u8>, count: usize) -> Vec<u8> {
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend((count as u16).to_le_bytes());
    file.extend((count as u16).to_le_bytes());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// An int that takes eight bytes in the pickle.
pub fn int(n: i64) -> Vec<u8> {
    [&b"\x8a\x08"[..], &n.to_le_bytes()].concat()
}

/// A tuple of ints.
pub fn tuple(items: &[i64]) -> Vec<u8> {
    [b"(".to_vec(), items.iter().flat_map(|&n| int(n)).collect(), b"t".to_vec()].concat()
}

/// A text.
pub fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

/// A tensor "w" of f32 over storage `key` of `numel` elements.
pub fn entry(name: &str, key: &str, numel: i64, offset: i64, size: &[i64], stride: &[i64]) -> Vec<u8> {
    [
        text(name),
        b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(),
        text("storage"),
        b"ctorch\nFloatStorage\n".to_vec(),
        text(key),
        text("cpu"),
        int(numel),
        b"tQ".to_vec(),
        int(offset),
        tuple(size),
        tuple(stride),
        b"\x89ccollections\nOrderedDict\n)RtRs".to_vec(),
    ]
    .concat()
}

/// A pickle of a dict with these entries.
pub fn dict(entries: &[Vec<u8>]) -> Vec<u8> {
    [b"\x80\x02}".to_vec(), entries.concat(), b".".to_vec()].concat()
}
