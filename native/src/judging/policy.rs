//! The scoring file in force, as values that Python hands over.

use std::sync::Arc;

use pyo3::prelude::*;

pub const COLD: u8 = 0;
pub const WARM: u8 = 1;
pub const HOT: u8 = 2;

/// A kind has a number below this: three bits of a stamp.
pub const MAX_KINDS: usize = 8;

#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct KindPolicy {
    pub number: u8,
    /// In ms.
    pub half_life: i64,
    /// In ms.
    pub expires_after: i64,
    pub cap: f64,
    pub facet_cap: f64,
}

#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Threshold {
    pub enter: f64,
    pub exit: f64,
    pub min_kinds: usize,
    /// In ms.
    pub max_silence: Option<i64>,
}

/// A buying group: so many named personas with so many points each.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Group {
    pub personas: usize,
    pub each: f64,
}

#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Policy {
    /// In the order in which parts of a score are added.
    pub kinds: Vec<KindPolicy>,
    /// The number of the kind whose facets may be personas.
    pub engagement: u8,
    pub by_persona: bool,
    pub group: Option<Group>,
    /// The bit of the buying group in a set of what is live.
    pub group_bit: u8,
    pub live_floor: f64,
    pub multipliers: Vec<f64>,
    pub hot: Threshold,
    pub warm: Threshold,
    /// Level -> by the number of kinds, the points below which there is no rise.
    pub no_rise_below: Vec<Vec<f64>>,
    pub stamp: u64,
    /// In ms, as the next three.
    pub cooldown: i64,
    pub trigger_pause: i64,
    pub pin: i64,
    pub hand_raise_pause: i64,
    /// The persona of whoever has no title.
    #[pyo3(from_py_with = shared)]
    pub unknown: Arc<str>,
    pub min_level: u8,
    pub min_score: f64,
    pub level_step: f64,
    pub remembered_ids: usize,
    pub signals_kept: usize,
    /// Whether `sum` of this Python compensates.
    pub compensated: bool,
}

fn shared(text: &Bound<'_, PyAny>) -> PyResult<Arc<str>> {
    text.extract::<String>().map(Arc::from)
}

impl Policy {
    pub fn kind(&self, number: u8) -> Option<&KindPolicy> {
        self.kinds.iter().find(|kind| kind.number == number)
    }

    pub fn multiplier(&self, live: usize) -> f64 {
        if live == 0 { 1.0 } else { self.multipliers[live.min(self.multipliers.len()) - 1] }
    }

    /// The score at which a level ends; none for cold.
    pub fn exit(&self, level: u8) -> Option<f64> {
        match level {
            HOT => Some(self.hot.exit),
            WARM => Some(self.warm.exit),
            _ => None,
        }
    }

    /// When an id of this stamp is no longer remembered.
    pub fn expiry(&self, stamp: i64) -> i64 {
        let number = (stamp & (MAX_KINDS as i64 - 1)) as u8;
        (stamp >> MAX_KINDS.trailing_zeros()) + self.kind(number).map_or(0, |kind| kind.expires_after)
    }
}
