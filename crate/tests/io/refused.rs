//! Files that are not read, and what is said of them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::made::{archive, dict, entry};
use gradus::io::{pth, safetensors};

macro_rules! refused {
    ($($name:literal: $message:literal),+ $(,)?) => {
        /// Name, file written by PyTorch, what is said of it.
        const REFUSED: &[(&str, &[u8], &str)] = &[$((
            $name,
            include_bytes!(concat!("../../../tests/data/pth/refused_", $name, ".pth")),
            $message,
        )),+];
    };
}

refused! {
    "float16": "\"half.weight\": dtype torch.float16; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "bfloat16": "\"half.weight\": dtype torch.bfloat16; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "int32": "\"half.weight\": dtype torch.int32; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "int16": "\"half.weight\": dtype torch.int16; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "int8": "\"half.weight\": dtype torch.int8; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "uint8": "\"half.weight\": dtype torch.uint8; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "uint16": "\"half.weight\": dtype torch.uint16; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "complex64": "\"half.weight\": dtype torch.complex64; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "complex128": "\"half.weight\": dtype torch.complex128; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "float8_e5m2": "\"half.weight\": dtype torch.float8_e5m2; torch.float32, torch.float64, torch.int64 and torch.bool can be read",
    "sparse": "\"weight\": it is made by torch._utils._rebuild_sparse_tensor; only dense tensors can be read",
    "negated": "\"weight\": a negated or conjugated view; save its clone()",
    "legacy": "this file has PyTorch's legacy format, from before version 1.6; load it in a newer PyTorch and torch.save it again",
    "protocol4": "data.pkl, byte 0: pickle protocol 4; torch.save writes protocol 2",
    "torchscript": "this is a TorchScript program, not a state dict: torch.save(model.state_dict(), file)",
    "module": "data.pkl, byte 2: the file holds an object that needs \"torch.nn.modules.linear.Linear\"; only state dicts can be read: torch.save(model.state_dict(), file)",
    "tensor": "the file holds a tensor, not a dict of tensors: torch.save(model.state_dict(), file)",
    "list": "the file holds a list, not a dict of tensors: torch.save(model.state_dict(), file)",
    "checkpoint": "\"model\": it is a dict, not a tensor; the file must hold one state dict: torch.save(model.state_dict(), file)",
    "epoch": "\"epoch\": it is an int, not a tensor; the file must hold one state dict: torch.save(model.state_dict(), file)",
    "number_key": "a key of the dict is an int, not a str",
}

#[test]
fn what_cannot_be_read_is_named() {
    for (name, bytes, message) in REFUSED {
        assert_eq!(pth::load(bytes).unwrap_err().to_string(), *message, "{name}");
    }
}

#[test]
fn a_safetensors_dtype_that_cannot_be_read_is_named() {
    let bytes = include_bytes!("../../../tests/data/pth/refused_float16.safetensors");
    assert_eq!(
        safetensors::load(bytes).unwrap_err().to_string(),
        "\"half.weight\" has dtype F16; float32, float64, int64 and bool (F32, F64, I64, BOOL) can be read"
    );
}

fn message(file: &[u8]) -> String {
    pth::load(file).unwrap_err().to_string()
}

#[test]
fn files_of_other_kinds_are_told_apart() {
    let neither = "this is neither a zip archive nor another file that torch.save wrote";
    assert_eq!(message(b""), neither);
    assert_eq!(message(b"{\"weight\": [1, 2]}"), neither);
    assert_eq!(message(&archive(&[])), neither);
    assert_eq!(
        message(&archive(&[("readme", b"")])),
        "a zip archive without data.pkl: torch.save did not write it"
    );
    assert!(safetensors::load(b"PK").unwrap_err().to_string().starts_with("not a safetensors file: "));
}

#[test]
fn a_pickle_that_would_run_code_is_refused_where_it_names_it() {
    let pickle = b"\x80\x02cos\nsystem\nX\x04\0\0\0echo\x85R.";
    assert_eq!(
        message(&archive(&[("data.pkl", pickle)])),
        "data.pkl, byte 2: the file holds an object that needs \"os.system\"; only state dicts can be read: \
         torch.save(model.state_dict(), file)"
    );
    // A function of torch passes as a name; nothing calls it.
    let pickle = b"\x80\x02}X\x01\0\0\0actorch.serialization\nload\n)Rs.";
    assert_eq!(
        message(&archive(&[("data.pkl", pickle)])),
        "\"a\": it is made by torch.serialization.load; only dense tensors can be read"
    );
}

#[test]
fn an_unknown_instruction_is_refused_with_its_place() {
    let file = archive(&[("data.pkl", b"\x80\x02}\x81.")]);
    assert_eq!(message(&file), "data.pkl, byte 3: instruction 0x81 is none that a state dict needs");
}

#[test]
fn a_storage_that_is_missing_or_of_another_length_is_named() {
    let pickle = dict(&[entry("w", "0", 2, 0, &[2], &[1])]);
    assert_eq!(message(&archive(&[("data.pkl", &pickle)])), "\"w\": the archive has no storage data/0");
    assert_eq!(
        message(&archive(&[("data.pkl", &pickle), ("data/0", &[0; 7])])),
        "\"w\": the storage data/0 should hold 2 elements of torch.float32 but has 7 bytes"
    );
}

#[test]
fn a_big_endian_file_is_refused() {
    let pickle = dict(&[entry("w", "0", 1, 0, &[1], &[1])]);
    let file = archive(&[("data.pkl", &pickle), ("byteorder", b"big"), ("data/0", &[0; 4])]);
    assert_eq!(message(&file), "the file was written on a big-endian machine, which is not read");
}

#[test]
fn a_compressed_entry_is_refused() {
    let mut file = archive(&[("data.pkl", b"\x80\x02}.")]);
    let at = file.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    file[at + 10] = 8; // deflated
    assert_eq!(
        message(&file),
        "data.pkl is compressed or encrypted in the zip archive; torch.save stores it as it is"
    );
}
