//! Documents that come with the program.

/// Every preset: its name and its document. All of them are valid, and a test says so.
pub const PRESETS: [(&str, &str); 12] = [
    ("sum", include_str!("presets/sum.json")),
    ("sum-batches", include_str!("presets/sum-batches.json")),
    ("chapter-one-point", include_str!("presets/chapter-one-point.json")),
    ("y3x-001", include_str!("presets/y3x-001.json")),
    ("y3x-01", include_str!("presets/y3x-01.json")),
    ("y3x-1", include_str!("presets/y3x-1.json")),
    ("xor", include_str!("presets/xor.json")),
    ("blobs", include_str!("presets/blobs.json")),
    ("spiral", include_str!("presets/spiral.json")),
    ("sine", include_str!("presets/sine.json")),
    ("iris", include_str!("presets/iris.json")),
    ("digits", include_str!("presets/digits.json")),
];

/// The document of the preset called `name`.
pub fn find(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, document)| *document)
}
