//! The signals that a kind keeps to explain its points.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{Odd, Read};

const STRONGEST_KEPT: usize = 3;

#[derive(Clone, Debug)]
pub struct Evidence {
    pub weight: f64,
    pub occurred_at: i64,
    pub event_id: Arc<str>,
    /// All of it, as it is stored.
    pub json: Arc<[u8]>,
}

/// As it was stored, until somebody asks.
#[derive(Clone, Debug)]
pub enum Kept {
    Stored(Arc<[u8]>),
    Open(Vec<Evidence>),
}

#[derive(Deserialize)]
struct Stored<'a>(f64, i64, #[serde(borrow)] std::borrow::Cow<'a, str>, IgnoredAny, IgnoredAny, #[serde(default)] IgnoredAny);

impl Kept {
    /// The strongest, strongest first, then the newest if it is not among them.
    pub fn open(&mut self) -> Read<&mut Vec<Evidence>> {
        if let Kept::Stored(json) = self {
            let pieces: Vec<&RawValue> = serde_json::from_slice(json).map_err(|_| Odd)?;
            let read: Read<Vec<Evidence>> = pieces.into_iter().map(|piece| one(piece.get())).collect();
            *self = Kept::Open(read?);
        }
        match self {
            Kept::Open(found) => Ok(found),
            Kept::Stored(_) => Err(Odd),
        }
    }

    pub fn write(&self, into: &mut Vec<u8>) {
        match self {
            Kept::Stored(json) => into.extend_from_slice(json),
            Kept::Open(found) => {
                into.push(b'[');
                for (at, one) in found.iter().enumerate() {
                    if at > 0 {
                        into.push(b',');
                    }
                    into.extend_from_slice(&one.json);
                }
                into.push(b']');
            }
        }
    }
}

pub fn one(json: &str) -> Read<Evidence> {
    let stored: Stored<'_> = serde_json::from_str(json).map_err(|_| Odd)?;
    Ok(Evidence { weight: stored.0, occurred_at: stored.1, event_id: stored.2.into(), json: json.as_bytes().into() })
}

/// Weights are finite.
fn by_weight(one: f64, other: f64) -> Ordering {
    one.partial_cmp(&other).unwrap_or(Ordering::Equal)
}

fn strength(one: &Evidence, other: &Evidence) -> Ordering {
    by_weight(other.weight, one.weight).then_with(|| one.event_id.cmp(&other.event_id))
}

fn age(one: &Evidence, other: &Evidence) -> Ordering {
    one.occurred_at.cmp(&other.occurred_at).then_with(|| one.event_id.cmp(&other.event_id))
}

fn newest(all: &[Evidence]) -> usize {
    let mut found = 0;
    for at in 1..all.len() {
        if age(&all[at], &all[found]) == Ordering::Greater {
            found = at;
        }
    }
    found
}

/// Whether a signal would be kept, before it has its line of text.
pub fn would_keep(kept: &[Evidence], weight: f64, occurred_at: i64, event_id: &str) -> bool {
    if kept.len() < STRONGEST_KEPT {
        return true;
    }
    let latest = &kept[newest(kept)];
    if (occurred_at, event_id) > (latest.occurred_at, &*latest.event_id) {
        return true;
    }
    let last = &kept[STRONGEST_KEPT - 1];
    match by_weight(last.weight, weight) {
        Ordering::Less => true,
        Ordering::Equal => event_id < &*last.event_id,
        Ordering::Greater => false,
    }
}

/// Keeps a signal that `would_keep` takes.
pub fn keep(kept: &mut Vec<Evidence>, evidence: Evidence) {
    kept.insert(0, evidence);
    if kept.len() <= STRONGEST_KEPT {
        kept.sort_by(strength);
        return;
    }
    let latest = kept[newest(kept)].clone();
    kept.sort_by(strength);
    kept.truncate(STRONGEST_KEPT);
    if kept.iter().all(|one| one.json != latest.json) {
        kept.push(latest);
    }
}
