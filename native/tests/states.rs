//! Stored states against hostile bytes: nothing panics, and what is accepted is written as it was.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use signal_engine_native::judging::{class, decode, encode};

const BODY: &str = concat!(
    r#"[1767225600000,12.5,77,1767225600000,null,1,-1,1767225600000,0,0,false,0,["boss"],null,3,null,{"boss":5},"#,
    r#"[1,3,"boss",[1.5,2,"id","text",null]],1767225600000,null,1,0,{"boss":[5,"CEO"]},"#,
    r#"[[0,1767225600000,{"crm":8.0,"a\"b":0.25},37]]]"#,
);
const EVIDENCE: &str = r#"[[3.0,1767225600000,"e1","text",null]]"#;

fn stored(body: &str, evidence: &str) -> Vec<u8> {
    let mut state = vec![3];
    state.extend_from_slice(&(body.len() as u32).to_le_bytes());
    state.extend_from_slice(body.as_bytes());
    state.extend_from_slice(evidence.as_bytes());
    state.extend_from_slice(&[7; 8]);
    state.extend_from_slice(&9_i64.to_le_bytes());
    state
}

#[test]
fn a_state_comes_back_as_it_was() {
    let state = stored(&BODY.replace(",37]", &format!(",{}]", EVIDENCE.len())), EVIDENCE);
    assert_eq!(encode(&decode(&state).expect("a state")), state);
}

/// A state with so many facets, and one named `last` behind them.
fn of_many_facets(many: usize, last: &str) -> Vec<u8> {
    let facets: Vec<String> = (0..many).map(|number| format!(r#""topic {number}":0.5"#)).collect();
    let body = BODY.replace(r#""crm":8.0,"a\"b":0.25"#, &format!(r#"{},"{last}":8.0"#, facets.join(",")));
    stored(&body.replace(",37]", &format!(",{}]", EVIDENCE.len())), EVIDENCE)
}

#[test]
fn a_name_that_comes_twice_is_found_among_many() {
    for many in [2, 15, 16, 17, 1_000] {
        let state = of_many_facets(many, "crm");
        assert_eq!(encode(&decode(&state).expect("a state")), state);
        for twin in [0, many / 2, many - 1] {
            assert!(decode(&of_many_facets(many, &format!("topic {twin}"))).is_err(), "{twin} of {many}");
        }
    }
}

/// Each name compared with each, these would take minutes.
#[test]
fn a_state_of_many_facets_is_read_in_a_moment() {
    let state = of_many_facets(300_000, "crm");
    let began = Instant::now();
    assert!(decode(&state).is_ok());
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

const ROW: &str = r#"[2,"acme.com",[["saas",1,"chase",80.0,"A",["because"]]],"Acme","x",null,"1",false,null,"prospect",null,null]"#;

#[test]
fn a_class_goes_by_what_decides() {
    let of = |row: &str| class(row.as_bytes()).expect("a row");
    for same in [("Acme", "Other"), ("because", "for another reason"), ("\"x\"", "null"), (",1,\"chase", ",2,\"chase")] {
        assert_eq!(of(&ROW.replace(same.0, same.1)), of(ROW), "{same:?}");
    }
    for other in [("saas", "b2b"), ("chase", "ignore"), ("80.0", "80.5"), ("80.0", "null"), ("false", "true"), ("prospect", "own")] {
        assert_ne!(of(&ROW.replace(other.0, other.1)), of(ROW), "{other:?}");
    }
    for odd in [("[2", "[1"), ("chase", "hunt"), ("\"because\"", "5"), ("because", "\\ud800"), ("null]", "null,1]")] {
        assert!(class(ROW.replace(odd.0, odd.1).as_bytes()).is_err(), "{odd:?}");
    }
}

#[test]
fn what_python_never_writes_is_left_to_it() {
    let whole = BODY.replace(",37]", &format!(",{}]", EVIDENCE.len()));
    let changes = [
        ("[1767225600000,12.5", "[9223372036854775807,12.5"),  // instants of which sums do not fit
        ("[1767225600000,12.5", "[-9223372036854775808,12.5"),
        ("77,1767225600000", "77,9223372036854775807"),
        ("-1,1767225600000,0,0", "-1,-9223372036854775808,0,0"),
        ("[1,3,\"boss\"", "[9223372036854775807,3,\"boss\""),
        ("{\"boss\":[5,", "{\"boss\":[9223372036854775807,"),
        ("[[0,1767225600000", "[[0,1767225600001"),            // a kind that counts from what is yet to come
        ("1767225600000,0,0,false", "1767225600000,18446744073709551615,0,false"), // counts without a next one
        ("null,1,0,{", "null,1,18446744073709551615,{"),
        (",77,", ",18446744073709551615,"),
        (",1,-1,", ",3,-1,"),                                  // levels that there are not
        (",1,-1,", ",1,-2,"),
        (",1,-1,", ",1,3,"),
        ("[\"boss\"]", "[5]"),                                 // kept as it is, if it is of the right sort
        ("[\"boss\"]", "{}"),
        ("{\"boss\":5}", "[]"),
        ("{\"boss\":5}", "{\"boss\":null}"),
        ("[1,3,\"boss\",", "[1,9,\"boss\","),
        ("[1,3,\"boss\",", "[1,3,null,"),
        ("[1.5,2,\"id\",\"text\",null]", "[]"),
        ("\"a\\\"b\":0.25", "\"crm\":0.25"),                   // a name twice: Python keeps the last
        ("\"crm\":8.0", "\"crm\":72755969740435003"),           // exact in Python, and not as a float
        ("\"crm\":8.0", "\"crm\":-8.0"),
        ("[0,1767225600000,{\"crm\"", "[8,1767225600000,{\"crm\""),
    ];
    assert!(decode(&stored(&whole, EVIDENCE)).is_ok());
    for (written, hostile) in changes {
        assert!(whole.contains(written), "{written}");
        assert!(decode(&stored(&whole.replacen(written, hostile, 1), EVIDENCE)).is_err(), "{hostile}");
    }
}

#[test]
fn an_object_with_the_names_of_the_fields_is_no_state() {
    let body = br#"{"now":1,"upper_bound":1.5,"upper_bound_stamp":0,"last_signal_at":null,"weighty_at":null,"level":0,
        "previous_level":-1,"since":null,"episode":0,"episode_began":0,"alerted":false,"named":0,"named_personas":[],
        "last_alert_at":null,"last_alert_kinds":0,"last_trigger_at":null,"hand_raised":{},"hand_raise":null,
        "raise_applied_at":null,"answered_at":null,"ids":0,"evicted":0,"people":{},"kinds":[]}"#;
    let mut state = vec![3];
    state.extend_from_slice(&(body.len() as u32).to_le_bytes());
    state.extend_from_slice(body);
    assert!(decode(&state).is_err());
}

proptest! {
    #[test]
    fn damaged_rows_never_panic(at in 0..140_usize, damage in proptest::collection::vec(any::<u8>(), 0..4)) {
        let mut row = ROW.as_bytes().to_vec();
        let until = (at + damage.len()).min(row.len());
        row.splice(at.min(until)..until, damage);
        let _ = class(&row);
    }

    #[test]
    fn noise_is_no_state(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&noise).is_err());
    }

    #[test]
    fn damage_never_panics(
        at in 0..400_usize,
        damage in proptest::collection::vec(any::<u8>(), 0..4),
        end in 0..500_usize,
    ) {
        let mut state = stored(&BODY.replace(",37]", &format!(",{}]", EVIDENCE.len())), EVIDENCE);
        let at = at.min(state.len());
        let until = (at + damage.len()).min(state.len());
        state.splice(at..until, damage);
        state.truncate(end.max(1));
        if let Ok(account) = decode(&state) {
            prop_assert!(decode(&encode(&account)).is_ok());
        }
    }
}
