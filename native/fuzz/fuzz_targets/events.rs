//! Any bytes as a record and as a line: nothing panics, and what is read is what serde_json reads.

#![no_main]

#[path = "../../tests/measure/mod.rs"]
mod measure;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use measure::{model, same};
use serde_json::Value as Json;
use signal_engine_native::instants::instant;
use signal_engine_native::json::object;
use signal_engine_native::model::Model;

static MODEL: LazyLock<Model> = LazyLock::new(model);

fuzz_target!(|bytes: &[u8]| {
    let record = MODEL.record(0, bytes);
    let line = MODEL.line(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        assert!(record.is_err() && line.is_err(), "read what is no UTF-8");
        return;
    };
    let _ = instant(text);
    let mut found = Vec::new();
    let read = object(text, |name, value| {
        found.push((name, value));
        Ok(())
    });
    if read.is_err() {
        assert!(record.is_err() && line.is_err(), "read what the parser left");
        return;
    }
    let json: Json = serde_json::from_str(text).expect("read what serde_json refuses");
    let json = json.as_object().expect("read what is no object");
    assert!(found.len() >= json.len(), "left out a field");
    if found.len() == json.len() {
        for (name, value) in &found {
            assert!(same(value, &json[*name]), "{value:?} for {}", json[*name]);
        }
    }
    if let Ok(read) = record {
        let occurred_at = json["occurred_at"].as_str().expect("read an event without its instant");
        assert_eq!(instant(occurred_at), Ok(read.occurred_at));
    }
});
