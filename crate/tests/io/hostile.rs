//! Files made to do harm, and files damaged by chance: an error or tensors, never a panic, never much
//! memory.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::made::{archive, dict, entry, finish, header, int, listed, text};
use super::{FIXTURES, Named, config, fixture};
use gradus::error::Result;
use gradus::io::{pth, safetensors};
use proptest::prelude::*;

/// Uses what was loaded: its elements are all there.
fn used(loaded: Result<Named>) -> bool {
    let Ok(tensors) = loaded else { return false };
    for (_, tensor) in &tensors {
        assert_eq!(tensor.to_f64_vec().len(), tensor.numel());
        assert!(tensor.to_string().starts_with("tensor("));
    }
    true
}

fn load_hand_made(entries: &[Vec<u8>], storage: &[u8]) -> Result<Named> {
    pth::load(&archive(&[("data.pkl", &dict(entries)), ("data/0", storage)]))
}

#[test]
fn the_files_made_here_are_good_when_nothing_is_wrong_with_them() {
    let storage: Vec<u8> = [1.0f32, 2.0, 3.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let loaded = load_hand_made(&[entry("w", "0", 3, 1, &[2, 1], &[1, 7])], &storage).unwrap();
    assert_eq!(loaded[0].1.to_string(), "tensor([[2.],\n        [3.]])");
}

#[test]
fn a_large_archive_may_use_64_bit_fields() {
    // As a file of more than 4 GiB has them: the directory entry's offset in an extra field, and an end
    // record of 64-bit numbers before the locator and the usual end.
    let pickle = dict(&[]);
    let mut file = Vec::new();
    header(&mut file, "data.pkl", pickle.len());
    file.extend(&pickle);
    let mut directory = Vec::new();
    listed(&mut directory, "data.pkl", pickle.len(), u32::MAX as usize);
    directory[30] = 12;
    directory.extend([1, 0, 8, 0]);
    directory.extend(0u64.to_le_bytes());
    let start = file.len() as u64;
    file.extend(&directory);
    let end = file.len() as u64;
    file.extend(b"PK\x06\x06");
    file.extend([0; 20]);
    for number in [1, 1, directory.len() as u64, start] {
        file.extend(number.to_le_bytes());
    }
    file.extend(b"PK\x06\x07\0\0\0\0");
    file.extend(end.to_le_bytes());
    file.extend([1, 0, 0, 0]);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([0xff; 12]);
    file.extend([0, 0]);
    assert!(pth::load(&file).unwrap().is_empty());
}

#[test]
fn sizes_that_no_memory_holds_are_errors() {
    const BIG: i64 = i64::MAX;
    let cases: [(i64, i64, &[i64], &[i64]); 14] = [
        (2, 0, &[3], &[1]),
        (2, 2, &[1], &[1]),
        (2, 1, &[2], &[1]),
        (2, BIG, &[2], &[BIG]),
        (2, 0, &[BIG], &[1]),
        (2, 0, &[BIG, BIG], &[0, 0]),
        (2, 0, &[BIG, BIG, 0], &[1, 1, 1]),
        (2, 0, &[1 << 40], &[0]),
        (2, 0, &[1 << 21], &[0]),
        (2, 0, &[-1], &[1]),
        (2, -1, &[1], &[1]),
        (BIG, 0, &[1], &[1]),
        (2, 0, &[1, 1], &[1]),
        (2, 0, &[1; 9], &[1; 9]),
    ];
    for (numel, offset, size, stride) in cases {
        let loaded = load_hand_made(&[entry("w", "0", numel, offset, size, stride)], &[0; 8]);
        assert!(loaded.is_err(), "{numel} {offset} {size:?} {stride:?}");
    }
    // The same where numbers are of no consequence; as large as a browser's usize allows.
    const LARGE: i64 = i32::MAX as i64;
    let odd: [(i64, &[i64], &[i64]); 3] =
        [(LARGE, &[0], &[LARGE]), (1, &[1, 1], &[LARGE, 0]), (0, &[2, 0, 5], &[9, 9, 9])];
    for (offset, size, stride) in odd {
        assert!(used(load_hand_made(&[entry("w", "0", 2, offset, size, stride)], &[0; 8])), "{size:?}");
    }
}

#[test]
fn entries_that_overlap_do_not_multiply_the_file() {
    let data = [0u8; 4000];
    let names: Vec<String> = (0..100).map(|i| format!("data/{i}")).collect();
    let pickle: Vec<Vec<u8>> =
        (0..100).map(|i| entry(&format!("w{i}"), &i.to_string(), 1000, 0, &[1000], &[1])).collect();
    let pickle = dict(&pickle);
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    header(&mut file, "data.pkl", pickle.len());
    file.extend(&pickle);
    listed(&mut directory, "data.pkl", pickle.len(), 0);
    let at = file.len();
    header(&mut file, "data/0", data.len());
    file.extend(data);
    names.iter().for_each(|name| listed(&mut directory, name, data.len(), at));
    let error = pth::load(&finish(file, directory, 101)).unwrap_err().to_string();
    assert!(error.ends_with("the storages are longer than the file"), "{error}");
}

#[test]
fn depth_does_not_overflow_the_stack() {
    let deep = [&b"\x80\x02)"[..], &[0x85; 300_000], b"."].concat();
    let error = pth::load(&archive(&[("data.pkl", &deep)])).unwrap_err().to_string();
    assert_eq!(error, "the file holds a tuple, not a dict of tensors: torch.save(model.state_dict(), file)");
    // A list that holds itself, and parameters of parameters.
    let own = archive(&[("data.pkl", b"\x80\x02}X\x01\0\0\0a]q\0h\0as.")]);
    assert!(pth::load(&own).unwrap_err().to_string().starts_with("\"a\": it is a list"));
    let call = b"\x88N\x87R".repeat(1000);
    let functions = b"ctorch._utils\n_rebuild_parameter\n".repeat(1000);
    let nested = [b"\x80\x02}", &text("a")[..], &functions, &int(1), &call, b"s."].concat();
    assert!(pth::load(&archive(&[("data.pkl", &nested)])).is_err());
}

#[test]
fn a_pickle_of_very_many_values_is_refused() {
    let many = [&b"\x80\x02"[..], &b"}".repeat(2_000_000), b"."].concat();
    let error = pth::load(&archive(&[("data.pkl", &many)])).unwrap_err().to_string();
    assert_eq!(error, "data.pkl, byte 1048578: more than 1048576 values");
}

#[test]
fn every_truncation_of_a_file_is_an_error() {
    let (pickled, safe) = fixture("linear");
    for n in 0..pickled.len() {
        assert!(!used(pth::load(&pickled[..n])), "{n}");
    }
    for n in 0..safe.len() {
        assert!(!used(safetensors::load(&safe[..n])), "{n}");
    }
}

#[test]
fn every_flipped_bit_of_a_file_is_survived() {
    let (pickled, safe) = fixture("linear");
    for (file, load) in [(pickled, pth::load as fn(&[u8]) -> Result<Named>), (safe, safetensors::load)] {
        let mut file = file.to_vec();
        for bit in 0..8 * file.len() {
            file[bit / 8] ^= 1 << (bit % 8);
            used(load(&file));
            file[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// Instructions and what they take, in any order.
fn any_pickle() -> impl Strategy<Value = Vec<u8>> {
    let fixed: Vec<&[u8]> = vec![
        b"(",
        b")",
        b"]",
        b"}",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"a",
        b"e",
        b"s",
        b"u",
        b"R",
        b"Q",
        b"b",
        b"N",
        b"\x88",
        b"\x89",
        b"q\0",
        b"h\0",
        b"q\x01",
        b"h\x01",
        b"K\x05",
        b"M\xff\xff",
        b"J\xff\xff\xff\xff",
        b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x8a\0",
        b"\x8a\xff",
        b"X\x01\0\0\0w",
        b"X\xff\xff\xff\xff",
        b"X\x07\0\0\0storage",
        b"X\x01\0\0\x000",
        b"ctorch._utils\n_rebuild_tensor_v2\n",
        b"ctorch._utils\n_rebuild_parameter\n",
        b"ctorch._utils\n_rebuild_tensor_v3\n",
        b"ctorch\nFloatStorage\n",
        b"ccollections\nOrderedDict\n",
        b"ccollections\nOrderedDict\n)R",
        b".",
        b"G\0\0\0\0\0\0\0\0",
    ];
    prop::collection::vec(prop::sample::select(fixed), 0..60)
        .prop_map(|parts| [&b"\x80\x02}"[..], &parts.concat(), b"."].concat())
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        used(pth::load(&bytes));
        used(safetensors::load(&bytes));
        used(pth::load(&archive(&[("data.pkl", &bytes)])));
        used(pth::load(&[&b"PK\x03\x04"[..], &bytes, b"PK\x05\x06", &bytes].concat()));
        used(safetensors::load(&[&(bytes.len() as u64).to_le_bytes()[..], &bytes].concat()));
    }

    #[test]
    fn random_instructions_are_survived(pickle in any_pickle()) {
        used(pth::load(&archive(&[("data.pkl", &pickle), ("data/0", &[0; 20])])));
    }

    #[test]
    fn damage_to_any_file_is_survived(
        file in 0..FIXTURES.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let (_, pickled, safe) = FIXTURES[file];
        for (bytes, load) in [(pickled, pth::load as fn(&[u8]) -> Result<Named>), (safe, safetensors::load)] {
            let mut bytes = bytes.to_vec();
            for (at, mask) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            if cuts {
                bytes.truncate(cut.index(bytes.len()));
            }
            used(load(&bytes));
        }
    }

    #[test]
    fn any_numbers_in_a_tensor_are_survived(
        numel in prop_oneof![Just(5i64), any::<i64>()],
        offset in prop_oneof![-1i64..6, any::<i64>()],
        size in prop::collection::vec(prop_oneof![0i64..4, any::<i64>()], 0..10),
        stride in prop::collection::vec(prop_oneof![0i64..4, any::<i64>()], 0..10),
    ) {
        used(load_hand_made(&[entry("w", "0", numel, offset, &size, &stride)], &[0; 20]));
    }
}
