//! Batches of Kafka's records, whole, damaged or of any bytes: walking them ends without a panic, and each record is what a naive
//! reading makes of the same bytes.

#[path = "measure/batches.rs"]
mod measure;

use measure::walked;
use proptest::prelude::*;
use signal_engine_native::records::walk::HEAD;

const LOG_APPEND_TIME: u8 = 0x08;

type Nullable = Option<Vec<u8>>;

/// A number as Kafka writes it.
fn varint(number: i64, into: &mut Vec<u8>) {
    let mut folded = ((number << 1) ^ (number >> 63)) as u64;
    while folded >= 0x80 {
        into.push(folded as u8 | 0x80);
        folded >>= 7;
    }
    into.push(folded as u8);
}

fn nullable(bytes: &Nullable, into: &mut Vec<u8>) {
    varint(bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64), into);
    into.extend(bytes.iter().flatten());
}

fn any_bytes() -> impl Strategy<Value = Nullable> {
    prop_oneof![Just(None), prop::collection::vec(any::<u8>(), 0..90).prop_map(Some)]
}

fn any_number() -> impl Strategy<Value = i64> {
    prop_oneof![-2_i64..200, any::<i64>(), Just(i64::MAX), Just(i64::MIN)]
}

/// A record with its length before it.
fn any_record() -> impl Strategy<Value = Vec<u8>> {
    let named = prop::collection::vec(("[a-z\u{e9}]{0,4}", any_bytes()), 0..3);
    (any_number(), -1_i64..9, any_bytes(), any_bytes(), named).prop_map(|(stamp, offset, key, value, named)| {
        let mut inner = vec![0];
        varint(stamp, &mut inner);
        varint(offset, &mut inner);
        nullable(&key, &mut inner);
        nullable(&value, &mut inner);
        varint(named.len() as i64, &mut inner);
        for (name, value) in named {
            nullable(&Some(name.into_bytes()), &mut inner);
            nullable(&value, &mut inner);
        }
        let mut record = Vec::new();
        varint(inner.len() as i64, &mut record);
        record.extend(inner);
        record
    })
}

fn head(base: i64, first: i64, last: i64, attributes: u8, count: i32) -> Vec<u8> {
    let mut head = vec![0; HEAD];
    head[..8].copy_from_slice(&base.to_be_bytes());
    head[22] = attributes;
    head[27..35].copy_from_slice(&first.to_be_bytes());
    head[35..43].copy_from_slice(&last.to_be_bytes());
    head[57..].copy_from_slice(&count.to_be_bytes());
    head
}

/// A batch that counts its records right, or nearly.
fn any_batch() -> impl Strategy<Value = Vec<u8>> {
    let records = prop::collection::vec(any_record(), 0..5);
    let attributes = prop::sample::select(vec![0, LOG_APPEND_TIME]);
    (any_number(), any_number(), any_number(), attributes, records, prop::sample::select(vec![0, 0, 0, 1, -1])).prop_map(
        |(base, first, last, attributes, records, more)| {
            let mut batch = head(base, first, last, attributes, records.len() as i32 + more);
            records.iter().for_each(|record| batch.extend(record));
            batch
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200), many in -1..6) {
        walked(&bytes);
        walked(&[head(0, 0, 0, 0, many), bytes].concat());
    }

    #[test]
    fn batches_are_walked_as_they_are(batch in any_batch()) {
        walked(&batch);
    }

    #[test]
    fn damaged_ones_too(batch in any_batch(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut batch = batch;
        for (place, byte) in damage {
            let at = place.index(batch.len());
            batch[at] = byte;
        }
        walked(&batch);
    }
}

#[test]
fn what_is_whole_is_walked_to_its_end() {
    let record = [0, 2, 4, 1, 2, b'v', 2, 2, b'h', 1];
    let (whole, shorter) = ([&[20][..], &record].concat(), [&[18][..], &record].concat());
    assert_eq!(walked(&[head(7, 1_000, 2_000, 0, 2), whole.clone(), whole.clone()].concat()), (2, true));
    assert_eq!(walked(&[head(7, 1_000, 2_000, LOG_APPEND_TIME, 1), whole.clone()].concat()), (1, true));
    assert_eq!(walked(&[head(7, 1_000, 2_000, 0, 1), whole.clone(), whole.clone()].concat()), (1, false));
    assert_eq!(walked(&[head(7, 1_000, 2_000, 0, 2), shorter].concat()), (0, false));
    assert_eq!(walked(&[head(7, i64::MAX, 2_000, 0, 1), whole.clone()].concat()), (0, false));
    assert_eq!(walked(&[head(i64::MAX, 0, 2_000, 0, 1), whole].concat()), (0, false));
    assert_eq!(walked(&[head(0, 0, 0, 0, i32::MIN), Vec::new()].concat()), (0, true));
}
