//! Whatever bytes come, reading them ends without a panic; and what is read is what another parser reads.
//!
//! PROPTEST_CASES=1000000 tries more.

mod measure;

use measure::{model, same};
use proptest::prelude::*;
use serde_json::{json, Value as Json};
use signal_engine_native::instants::instant;
use signal_engine_native::json::object;

/// Any JSON, with names that the model knows as often as others.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (0_u32..200).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        (0.0..1.0).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        Just(json!("2026-03-02T09:30:00Z")),
        Just(json!("https://example.com/a")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|named| Json::Object(named.into_iter().collect())),
        ]
    })
}

fn nearly_event() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec![
        "event_id", "account_id", "occurred_at", "confidence", "source_url", "people", "status", "investors", "automated",
        "amount", "kind", "specversion", "received_at", "unknown",
    ]);
    prop::collection::vec((name, any_json()), 0..5).prop_map(|changes| {
        let mut event = json!({"event_id": "1", "account_id": "acme.com", "occurred_at": "2026-03-02T09:30:00Z"});
        for (name, value) in changes {
            event[name] = value;
        }
        event
    })
}

/// Bytes that differ in a few places from those of an event.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (nearly_event(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)).prop_map(|(event, changes)| {
        let mut bytes = event.to_string().into_bytes();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, _) = (model().record(0, &bytes).is_ok(), model().line(&bytes).is_ok());
    }

    #[test]
    fn damaged_events_are_read_only_if_they_are_json(bytes in damaged()) {
        let model = model();
        if model.record(0, &bytes).is_ok() || model.line(&bytes).is_ok() {
            prop_assert!(serde_json::from_slice::<Json>(&bytes).is_ok_and(|json| json.is_object()));
        }
    }

    #[test]
    fn what_is_read_is_what_another_parser_reads(event in nearly_event()) {
        let text = event.to_string();
        let mut found = Vec::new();
        if object(&text, |name, value| { found.push((name, value)); Ok(()) }).is_ok() {
            prop_assert_eq!(found.len(), event.as_object().unwrap().len());
            for (name, value) in found {
                prop_assert!(same(&value, &event[name]), "{} as {:?}", event[name], value);
            }
        }
    }

    #[test]
    fn any_text_is_an_instant_or_none(text in any::<String>()) {
        let _ = instant(&text);
    }

    #[test]
    fn texts_like_instants_end(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,20})?([Zz]|[+-][0-9]{2}:[0-9]{2})?") {
        let _ = instant(&text);
    }
}

#[test]
fn an_ordinary_event_is_read() {
    let event = br#" {"event_id":"a\u00fc","kind":"intent","account_id":"acme.com","occurred_at":"2026-03-02T09:30:00.25+01:00","more":[1,{"x":null}]} "#;
    let found = model().record(0, event).expect("ordinary");
    assert_eq!(found.occurred_at, 1_772_440_200_250);
    assert_eq!(model().line(event).map(|line| line.occurred_at), Ok(found.occurred_at));
}

#[test]
fn what_is_out_of_the_ordinary_is_left() {
    let left = [
        r#"{}"#,
        r#"{"event_id":"1","event_id":"2","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z"}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:60Z"}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","amount":1}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","people":1.0}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","people":-1}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","confidence":1e0}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","x":NaN}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","x":"\ud800"}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","specversion":null}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z","kind":"hiring"}"#,
        r#"{"event_id":"1","account_id":"a.com","occurred_at":"2026-03-02T09:30:00Z"} x"#,
    ];
    for text in left {
        assert!(model().record(0, text.as_bytes()).is_err(), "{text}");
    }
}
