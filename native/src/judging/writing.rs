//! JSON as orjson writes it, to the byte.

use std::fmt::Write;

pub fn integer(number: i64, into: &mut Vec<u8>) {
    into.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

pub fn optional(number: Option<i64>, into: &mut Vec<u8>) {
    match number {
        Some(number) => integer(number, into),
        None => into.extend_from_slice(b"null"),
    }
}

/// Finite.
pub fn float(number: f64, into: &mut Vec<u8>) {
    into.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
}

pub fn flag(flag: bool, into: &mut Vec<u8>) {
    into.extend_from_slice(if flag { b"true" } else { b"false" });
}

pub fn text(text: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    if text.bytes().all(is_plain) {
        into.extend_from_slice(text.as_bytes());
    } else {
        text.bytes().for_each(|byte| escaped(byte, into));
    }
    into.push(b'"');
}

fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

fn escaped(byte: u8, into: &mut Vec<u8>) {
    match byte {
        b'"' => into.extend_from_slice(b"\\\""),
        b'\\' => into.extend_from_slice(b"\\\\"),
        b'\n' => into.extend_from_slice(b"\\n"),
        b'\r' => into.extend_from_slice(b"\\r"),
        b'\t' => into.extend_from_slice(b"\\t"),
        0x08 => into.extend_from_slice(b"\\b"),
        0x0c => into.extend_from_slice(b"\\f"),
        byte if byte < 0x20 => {
            let mut code = String::with_capacity(6);
            let _ = write!(code, "\\u{byte:04x}");
            into.extend_from_slice(code.as_bytes());
        }
        byte => into.push(byte),
    }
}
