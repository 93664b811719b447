//! What an ordinary value of a field looks like. The models say it, in Python; here it is only compared.

use crate::instants::instant;
use crate::json::{Odd, Read, Value};

/// What a field takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// So many characters.
    Text { min: usize, max: usize },
    /// One of these.
    Choice(Vec<String>),
    /// A page that opens: http or https, no blank, no control character.
    Address,
    Instant,
    /// A number that becomes a float.
    Number { least: f64, most: f64 },
    /// An integer.
    Count { most: i64 },
    Flag,
    Texts,
    /// Whatever it is, Python reads it.
    Python,
}

impl Check {
    /// The texts that it takes, where those are few.
    pub fn choices(&self) -> &[String] {
        if let Check::Choice(choices) = self { choices } else { &[] }
    }

    /// Leaves the value as the field keeps it; `Odd` unless it is certain that Python would keep the same.
    pub fn hold(&self, value: &mut Value<'_>) -> Read<()> {
        match (self, &*value) {
            (Check::Text { min, max }, Value::Text(text)) if has_length(text, *min, *max) => Ok(()),
            (Check::Choice(choices), Value::Text(text)) => {
                let place = choices.iter().position(|choice| choice == text).ok_or(Odd)?;
                *value = Value::Choice(place);
                Ok(())
            }
            (Check::Address, Value::Text(text)) if is_plain_address(text) => Ok(()),
            (Check::Instant, Value::Text(text)) => instant(text).map(drop),
            (Check::Number { least, most }, Value::Float(number)) if (least..=most).contains(&number) => Ok(()),
            (Check::Number { least, most }, Value::Integer(number)) if (*least..=*most).contains(&(*number as f64)) => {
                *value = Value::Float(*number as f64);
                Ok(())
            }
            (Check::Count { most }, Value::Integer(number)) if number <= most => Ok(()),
            (Check::Flag, Value::Flag(_)) | (Check::Texts, Value::Texts(_)) => Ok(()),
            _ => Err(Odd),
        }
    }
}

fn has_length(text: &str, min: usize, max: usize) -> bool {
    let characters = if text.len() <= max && min <= 1 { text.len() } else { text.chars().count() };
    (min..=max).contains(&characters)
}

/// Only printable ASCII: what else an address may hold, Python knows.
fn is_plain_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && rest.bytes().all(|byte| byte.is_ascii_graphic())
        && rest.bytes().next().is_some_and(|byte| !matches!(byte, b'/' | b'?' | b'#' | b':' | b'@'))
}
