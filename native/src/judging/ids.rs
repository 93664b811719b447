//! `core/score/remembered.py`: the ids that an account has counted.

use super::policy::{Policy, MAX_KINDS};
use xxhash_rust::xxh3::xxh3_64;

pub const BEGINNING: i64 = -100_000_000_000_000;
const MIN_TIDY_IDS: usize = 32;
const SELDOM: u64 = 31 << 56; // of the first byte

/// The hash by which an id is remembered; `buffer` is scratch.
pub fn id_hash(event_id: &str, kind: u8, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    buffer.push(kind);
    buffer.extend_from_slice(event_id.as_bytes());
    xxh3_64(buffer)
}

/// The stamp of an id: it sorts by age, and tells its expiry.
pub fn stamp(occurred_at: i64, kind: u8) -> i64 {
    (occurred_at << MAX_KINDS.trailing_zeros()) | i64::from(kind)
}

/// Oldest first.
#[derive(Clone, Debug)]
pub struct Ids {
    pub hashes: Vec<u64>,
    pub stamps: Vec<i64>,
    pub evicted: u64,
    soonest: i64,
    untidy: bool,
}

impl Ids {
    pub fn new(hashes: Vec<u64>, stamps: Vec<i64>, evicted: u64) -> Ids {
        Ids { hashes, stamps, evicted, soonest: BEGINNING, untidy: false }
    }

    pub fn holds(&self, hash: u64, now: i64, policy: &Policy) -> bool {
        self.place(hash).is_some_and(|at| now <= policy.expiry(self.stamps[at]))
    }

    pub fn add(&mut self, hash: u64, stamp: i64, now: i64, policy: &Policy) {
        if hash & SELDOM == 0 {
            self.untidy = true;
        }
        if let Some(at) = self.place(hash) {
            self.remove(at);
        }
        let at = match self.stamps.last() {
            Some(&last) if stamp < last => self.stamps.partition_point(|&one| one <= stamp),
            _ => self.stamps.len(),
        };
        self.stamps.insert(at, stamp);
        self.hashes.insert(at, hash);
        if 2 * self.stamps.len() <= policy.remembered_ids {
            self.soonest = BEGINNING;
            return;
        }
        self.soonest = self.soonest.min(policy.expiry(stamp));
        if self.stamps.len() > policy.remembered_ids {
            if now > self.soonest {
                self.forget_expired(now, policy);
            }
            while self.stamps.len() > policy.remembered_ids {
                self.remove(0);
                self.evicted += 1;
            }
        }
    }

    pub fn tidy(&mut self, now: i64, policy: &Policy) {
        if self.untidy && self.stamps.len() >= MIN_TIDY_IDS {
            self.forget_expired(now, policy);
        }
        self.untidy = false;
    }

    pub fn forget_expired(&mut self, now: i64, policy: &Policy) {
        let (mut kept, mut soonest) = (0, None);
        for at in 0..self.stamps.len() {
            let expiry = policy.expiry(self.stamps[at]);
            if now <= expiry {
                self.stamps[kept] = self.stamps[at];
                self.hashes[kept] = self.hashes[at];
                kept += 1;
                soonest = Some(soonest.map_or(expiry, |before: i64| before.min(expiry)));
            }
        }
        self.stamps.truncate(kept);
        self.hashes.truncate(kept);
        self.soonest = soonest.unwrap_or(now);
    }

    fn remove(&mut self, at: usize) {
        self.stamps.remove(at);
        self.hashes.remove(at);
    }

    fn place(&self, hash: u64) -> Option<usize> {
        self.hashes.iter().position(|&one| one == hash)
    }
}
