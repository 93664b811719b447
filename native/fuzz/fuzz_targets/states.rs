//! Any bytes as a stored state, and signals judged upon it: nothing panics, a number that does not fit included; what
//! is accepted is written so that it is read again; and what is left to Python is left as it was.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use signal_engine_native::judging::{
    apply, decode, encode, evaluate, id_hash, screened, Account, Audience, Group, KindPolicy, Persona, Policy, Signal, Threshold,
};

const DAY: i64 = 86_400_000;
const HEAD: usize = 5;
const PERSONAS: [&str; 4] = ["boss", "student", "other", "vp"];
/// Signals at most. Each takes so many bytes at the end of the input, whose last byte says how many there are.
const MOST_SIGNALS: usize = 7;
/// 9999-12-31, in ms: no event arrives later.
const LAST_ARRIVAL: i64 = 253_402_300_799_999;
const SIGNAL_BYTES: usize = 12;

static POLICY: LazyLock<Policy> = LazyLock::new(policy);

/// Eight kinds, personas and a buying group; of all levels and thresholds there is something.
fn policy() -> Policy {
    let kind = |number: u8| KindPolicy {
        number,
        half_life: (7 + 9 * i64::from(number)) * DAY,
        expires_after: 400 * DAY,
        cap: 40.0,
        facet_cap: 20.0,
    };
    let threshold = |enter, exit, min_kinds, max_silence| Threshold { enter, exit, min_kinds, max_silence };
    Policy {
        kinds: (0..7).map(kind).collect(),
        engagement: 3,
        by_persona: true,
        group: Some(Group { personas: 2, each: 5.0 }),
        group_bit: 8,
        live_floor: 3.0,
        multipliers: vec![1.0, 1.2, 1.5],
        hot: threshold(45.0, 30.0, 2, Some(21 * DAY)),
        warm: threshold(15.0, 8.0, 1, None),
        no_rise_below: vec![vec![0.0, 12.0, 10.0], vec![0.0, 40.0, 30.0], vec![f64::INFINITY; 8]],
        stamp: 77,
        cooldown: 14 * DAY,
        trigger_pause: 7 * DAY,
        pin: 14 * DAY,
        hand_raise_pause: 3 * DAY,
        unknown: "unknown".into(),
        min_level: 1,
        min_score: 1.0,
        level_step: 1_000.0,
        remembered_ids: 6,
        signals_kept: 20,
        compensated: true,
    }
}

/// One signal as it follows another.
struct Next {
    number: u8,
    id: u8,
    points: f64,
    persona: Option<u8>,
    audience: Audience,
    act_now: bool,
    trigger: bool,
    backfill: bool,
    after: i64,
    age: i64,
}

impl<'a> Arbitrary<'a> for Next {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (number, id, points, bits) = (u8::arbitrary(u)?, u8::arbitrary(u)?, u8::arbitrary(u)?, u8::arbitrary(u)?);
        Ok(Next {
            number: number & 7,
            id,
            points: f64::from(points) / 8.0,
            persona: (bits & 1 != 0).then_some(bits >> 2 & 3),
            audience: Audience { eligible: bits & 2 != 0, triaged: number & 8 != 0 },
            act_now: number & 16 != 0,
            trigger: number & 32 != 0,
            backfill: number & 64 != 0,
            after: i64::from(u32::arbitrary(u)?) << (bits >> 4 & 3),
            age: i64::from(i32::arbitrary(u)?) << (bits >> 6 & 3),
        })
    }
}

/// The state and the signals in an input; the length in a state's head is put right, for every second input.
fn parts(input: &[u8]) -> (Vec<u8>, Vec<Next>) {
    let Some((&last, rest)) = input.split_last() else { return (Vec::new(), Vec::new()) };
    let many = usize::from(last >> 1 & 7).min(MOST_SIGNALS).min(rest.len() / SIGNAL_BYTES);
    let (state, signals) = rest.split_at(rest.len() - many * SIGNAL_BYTES);
    let mut state = state.to_vec();
    if last & 1 != 0 && state.len() >= HEAD {
        if let Some(end) = state[HEAD..].windows(2).position(|two| two == b"]]").map(|at| at + 2) {
            state[1..HEAD].copy_from_slice(&(end as u32).to_le_bytes());
        }
    }
    let mut from = Unstructured::new(signals);
    (state, (0..many).filter_map(|_| Next::arbitrary(&mut from).ok()).collect())
}

fn judge(account: &mut Account, one: &Next) {
    let (id, now) = (format!("e{}", one.id), account.now.max(0) + one.after);
    let (hash, occurred_at) = (id_hash(&id, one.number, &mut Vec::new()), now - one.age);
    if now > LAST_ARRIVAL || screened(account, hash, one.number, occurred_at, now, &POLICY).is_some() || one.points <= 0.0 {
        return;
    }
    let named = one.persona.map(|at| PERSONAS[usize::from(at)]);
    let persona = named.map(|name| Persona { name: name.into(), called: Some(name.into()), counted: None });
    let facet: Arc<str> = named.unwrap_or("crm").into();
    let signal = Signal {
        number: one.number,
        event_id: &id,
        hash,
        occurred_at,
        now,
        points: one.points,
        act_now: one.act_now,
        trigger: one.trigger,
        backfill: one.backfill,
        facet: &facet,
        persona: persona.as_ref(),
        tail: br#""text",null]"#,
    };
    let mut is_named = |persona: &Arc<str>| &**persona != "other";
    let before = encode(&opened(account));
    if apply(account, &signal, one.audience, &POLICY, &mut is_named, &mut Vec::new()).is_err() {
        assert!(encode(&opened(account)) == before, "left to Python, and not as it was");
    }
    let score = evaluate(account, account.now, &POLICY, &mut is_named);
    assert!(!score.score.is_nan(), "a score that is no number");
    account.ids.tidy(account.now, &POLICY);
}

/// The account with its evidence read where it can be: written then, it has no blanks between its pieces.
fn opened(account: &Account) -> Account {
    let mut account = account.clone();
    for kind in &mut account.kinds {
        let _ = kind.kept.open();
    }
    account
}

fn reread(state: &[u8]) -> Account {
    decode(state).expect("wrote a state that it does not read")
}

fuzz_target!(|input: &[u8]| {
    let (state, signals) = parts(input);
    let Ok(mut account) = decode(&state) else { return };
    for one in &signals {
        judge(&mut account, one);
        let written = encode(&account);
        assert_eq!(encode(&reread(&written)), written);
    }
});
