//! An account's stored state, version 3, as `wire/storage/state.py` describes and writes it, to the byte.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::account::{Account, HandRaise, Kind, Seen};
use super::evidence::{self, Kept};
use super::ids::{Ids, BEGINNING};
use super::policy::{HOT, MAX_KINDS};
use super::writing::{flag, float, integer, optional, text};
use crate::json::{Odd, Read};

const VERSION: u8 = 3;
const NO_LEVEL: i8 = -1;
const HEAD: usize = 5;
const ID_BYTES: usize = 8;
/// In ms before and after 1970, some 30,000 years.
const FARTHEST: i64 = 1_000_000_000_000_000;
/// Of what is counted; all of them are the same number as a float, too.
const MOST_COUNTED: u64 = 1 << 53;
/// Names that are compared each with each.
const FEW: usize = 16;

/// An object whose order counts. None has a name twice: Python would keep the last.
struct Pairs<T>(Vec<(Arc<str>, T)>);

#[derive(serde::Deserialize)]
struct Packed<'a> {
    now: i64,
    upper_bound: f64,
    upper_bound_stamp: u64,
    last_signal_at: Option<i64>,
    weighty_at: Option<i64>,
    level: u8,
    previous_level: i8,
    since: Option<i64>,
    episode: u64,
    episode_began: i64,
    alerted: bool,
    named: u32,
    named_personas: Vec<Arc<str>>,
    last_alert_at: Option<i64>,
    last_alert_kinds: u32,
    last_trigger_at: Option<i64>,
    hand_raised: Pairs<i64>,
    #[serde(borrow)]
    hand_raise: &'a RawValue,
    raise_applied_at: Option<i64>,
    answered_at: Option<i64>,
    ids: usize,
    evicted: u64,
    people: Pairs<(i64, Arc<str>)>,
    kinds: Vec<(u8, i64, Pairs<f64>, usize)>,
}

/// `Odd` for whatever is not certain to be a state that Python reads the same way.
pub fn decode(state: &[u8]) -> Read<Account> {
    let (&version, rest) = state.split_first().ok_or(Odd)?;
    if version != VERSION {
        return Err(Odd);
    }
    let (length, rest) = rest.split_first_chunk::<{ HEAD - 1 }>().ok_or(Odd)?;
    let (body, mut rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(Odd)?;
    if body.first() != Some(&b'[') {
        return Err(Odd); // an object with the names of the fields, which serde takes, too
    }
    let packed: Packed<'_> = serde_json::from_slice(body).map_err(|_| Odd)?;
    let hand_raise = packed.plausible()?;
    let mut kinds = Vec::with_capacity(packed.kinds.len());
    for (number, reference, facets, length) in packed.kinds {
        let (evidence, after) = rest.split_at_checked(length).ok_or(Odd)?;
        rest = after;
        if usize::from(number) >= MAX_KINDS || kinds.iter().any(|kind: &Kind| kind.number == number) {
            return Err(Odd);
        }
        let kept = Kept::Stored(evidence.into());
        kinds.push(Kind { number, reference, facets: facets.0, kept, upper_bound: None });
    }
    let (hashes, stamps) = rest.split_at_checked(packed.ids.checked_mul(ID_BYTES).ok_or(Odd)?).ok_or(Odd)?;
    if stamps.len() != hashes.len() {
        return Err(Odd);
    }
    let hashes = hashes.chunks_exact(ID_BYTES).map(|one| u64::from_be_bytes(eight(one))).collect();
    let stamps = stamps.chunks_exact(ID_BYTES).map(|one| i64::from_le_bytes(eight(one))).collect();
    Ok(Account {
        now: packed.now,
        upper_bound: packed.upper_bound,
        upper_bound_stamp: packed.upper_bound_stamp,
        last_signal_at: packed.last_signal_at,
        weighty_at: packed.weighty_at,
        level: packed.level,
        previous_level: packed.previous_level,
        since: packed.since,
        episode: packed.episode,
        episode_began: packed.episode_began,
        alerted: packed.alerted,
        named: packed.named,
        named_personas: packed.named_personas,
        last_alert_at: packed.last_alert_at,
        last_alert_kinds: packed.last_alert_kinds,
        last_trigger_at: packed.last_trigger_at,
        hand_raised: packed.hand_raised.0,
        hand_raise,
        raise_applied_at: packed.raise_applied_at,
        answered_at: packed.answered_at,
        people: packed.people.0.into_iter().map(|(persona, (at, called))| (persona, Seen(at, called))).collect(),
        kinds,
        ids: Ids::new(hashes, stamps, packed.evicted),
        holds_until: BEGINNING,
    })
}

impl Packed<'_> {
    /// Holds the fields against what Python writes, so that nothing overflows later; the hand raise.
    fn plausible(&self) -> Read<Option<HandRaise>> {
        let hand_raise = raised(self.hand_raise.get())?;
        let instants = [
            Some(self.now),
            Some(self.episode_began),
            self.last_signal_at,
            self.weighty_at,
            self.since,
            self.last_alert_at,
            self.last_trigger_at,
            self.raise_applied_at,
            self.answered_at,
            hand_raise.as_ref().map(|raised| raised.at),
        ];
        let seen = self.people.0.iter().map(|(_, (at, _))| *at).chain(self.hand_raised.0.iter().map(|(_, at)| *at));
        // Beyond, Python keeps a sum that was written without a point exactly.
        let is_exact = |sum: f64| (0.0..=MOST_COUNTED as f64).contains(&sum);
        let is_plausible = instants.into_iter().flatten().chain(seen).all(is_near)
            // A kind counts from an instant that has been: from a later one, points would grow beyond all bounds.
            && self.kinds.iter().all(|(_, reference, ..)| is_near(*reference) && *reference <= self.now)
            && self.kinds.iter().all(|(_, _, facets, _)| facets.0.iter().all(|(_, sum)| is_exact(*sum)))
            && [self.episode, self.evicted, self.upper_bound_stamp].into_iter().all(|many| many <= MOST_COUNTED)
            && self.level <= HOT
            && (NO_LEVEL..=HOT as i8).contains(&self.previous_level);
        if is_plausible { Ok(hand_raise) } else { Err(Odd) }
    }
}

/// Whether an instant can be added to others and shifted without a thought.
pub fn is_near(at: i64) -> bool {
    (-FARTHEST..=FARTHEST).contains(&at)
}

pub fn encode(account: &Account) -> Vec<u8> {
    let mut state = vec![VERSION, 0, 0, 0, 0];
    let mut evidence = Vec::new();
    body(account, &mut state, &mut evidence);
    let length = (state.len() - HEAD) as u32;
    state[1..HEAD].copy_from_slice(&length.to_le_bytes());
    state.extend_from_slice(&evidence);
    account.ids.hashes.iter().for_each(|one| state.extend_from_slice(&one.to_be_bytes()));
    account.ids.stamps.iter().for_each(|one| state.extend_from_slice(&one.to_le_bytes()));
    state
}

fn body(account: &Account, out: &mut Vec<u8>, evidence: &mut Vec<u8>) {
    out.push(b'[');
    integer(account.now, out);
    out.push(b',');
    float(account.upper_bound, out);
    for number in [Some(account.upper_bound_stamp as i64), account.last_signal_at, account.weighty_at] {
        next(number, out);
    }
    for number in [i64::from(account.level), i64::from(account.previous_level)] {
        next(Some(number), out);
    }
    for number in [account.since, Some(account.episode as i64), Some(account.episode_began)] {
        next(number, out);
    }
    out.push(b',');
    flag(account.alerted, out);
    next(Some(i64::from(account.named)), out);
    out.extend_from_slice(b",[");
    for (at, persona) in account.named_personas.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        text(persona, out);
    }
    out.push(b']');
    for number in [account.last_alert_at, Some(i64::from(account.last_alert_kinds)), account.last_trigger_at] {
        next(number, out);
    }
    out.push(b',');
    object(&account.hand_raised, out, |at, out| integer(*at, out));
    out.push(b',');
    out.extend_from_slice(account.hand_raise.as_ref().map_or(&b"null"[..], |raised| &raised.json));
    let ids = &account.ids;
    for number in
        [account.raise_applied_at, account.answered_at, Some(ids.stamps.len() as i64), Some(ids.evicted as i64)]
    {
        next(number, out);
    }
    out.push(b',');
    object(&account.people, out, |seen, out| {
        out.push(b'[');
        integer(seen.0, out);
        out.push(b',');
        text(&seen.1, out);
        out.push(b']');
    });
    out.extend_from_slice(b",[");
    for (at, kind) in account.kinds.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"[" } else { b",[" });
        integer(i64::from(kind.number), out);
        next(Some(kind.reference), out);
        out.push(b',');
        object(&kind.facets, out, |sum, out| float(*sum, out));
        let before = evidence.len();
        kind.kept.write(evidence);
        next(Some((evidence.len() - before) as i64), out);
        out.push(b']');
    }
    out.extend_from_slice(b"]]");
}

fn next(number: Option<i64>, out: &mut Vec<u8>) {
    out.push(b',');
    optional(number, out);
}

fn object<T>(pairs: &[(Arc<str>, T)], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'{');
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        text(name, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// A hand raise: instant, number of the kind, persona, evidence.
#[derive(serde::Deserialize)]
struct Raised<'a>(i64, u8, #[serde(borrow)] Cow<'a, str>, #[serde(borrow)] &'a RawValue);

fn raised(json: &str) -> Read<Option<HandRaise>> {
    let raised: Option<Raised<'_>> = serde_json::from_str(json).map_err(|_| Odd)?;
    let Some(Raised(at, kind, _persona, evidence)) = raised else { return Ok(None) };
    if usize::from(kind) >= MAX_KINDS {
        return Err(Odd);
    }
    Ok(Some(HandRaise { at, event_id: evidence::one(evidence.get())?.event_id, json: json.as_bytes().into() }))
}

fn eight(bytes: &[u8]) -> [u8; ID_BYTES] {
    let mut found = [0; ID_BYTES];
    found.copy_from_slice(bytes);
    found
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

struct InOrder<T>(PhantomData<T>);

/// Whether a name comes twice. A kind may have tens of thousands of facets, so that many names are sorted first.
fn has_twins<T>(pairs: &[(Arc<str>, T)]) -> bool {
    if pairs.len() <= FEW {
        return (1..pairs.len()).any(|at| pairs[..at].iter().any(|(before, _)| *before == pairs[at].0));
    }
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.windows(2).any(|two| two[0] == two[1])
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
    type Value = Pairs<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
        let mut found = Vec::with_capacity(map.size_hint().unwrap_or(0));
        while let Some(pair) = map.next_entry::<Arc<str>, T>()? {
            found.push(pair);
        }
        if has_twins(&found) {
            return Err(A::Error::custom("a name that comes twice"));
        }
        Ok(Pairs(found))
    }
}
