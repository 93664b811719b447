//! What the parser is held against, in tests and in fuzzing: a model with a field of each sort, and another parser.

use serde_json::Value as Json;
use signal_engine_native::checks::Check;
use signal_engine_native::json::Value;
use signal_engine_native::model::{Field, Model};

pub fn model() -> Model {
    let field = |name: &str, required, check| Field { name: name.to_owned(), required, check };
    let fields = vec![
        field("event_id", true, Check::Text { min: 1, max: 128 }),
        field("account_id", true, Check::Text { min: 1, max: usize::MAX }),
        field("occurred_at", true, Check::Instant),
        field("confidence", false, Check::Number { least: 0.0, most: 1.0 }),
        field("source_url", false, Check::Address),
        field("people", false, Check::Count { most: i64::MAX }),
        field("status", false, Check::Choice(vec!["open".to_owned(), "closed".to_owned()])),
        field("investors", false, Check::Texts),
        field("automated", false, Check::Flag),
        field("amount", false, Check::Python),
    ];
    Model::new(vec![("intent".to_owned(), fields)], 65_536).expect("few fields")
}

/// Whether a value is what serde_json made of the same bytes.
pub fn same(read: &Value<'_>, json: &Json) -> bool {
    match read {
        Value::Missing => json.is_null(),
        Value::Text(text) => json.as_str() == Some(text),
        Value::Integer(number) => json.as_i64() == Some(*number),
        Value::Float(number) => json.as_f64() == Some(*number),
        Value::Flag(flag) => json.as_bool() == Some(*flag),
        Value::Texts(texts) => {
            json.as_array().is_some_and(|all| all.len() == texts.len() && all.iter().zip(texts).all(|(a, b)| a.as_str() == Some(b)))
        }
        Value::Other => json.is_array() || json.is_object(),
        Value::Choice(_) => false,
    }
}
