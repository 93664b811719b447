//! What the walk of records is held against, in tests and in fuzzing: another reading of the same bytes, without shifts, places
//! and limits. It takes pieces off the front and calculates in numbers in which nothing overflows.

use signal_engine_native::records::walk::{headers, Cursor, Place, Record, HEAD};

/// A record as it is read here: offset, timestamp, key, value, headers.
type Naive<'a> = (i64, i64, Option<&'a [u8]>, Option<&'a [u8]>, Vec<(&'a str, Option<&'a [u8]>)>);

/// Walks a batch to its end and asserts that each record is what it is here, and that both end at the same place. The number of
/// records; whether it was walked to its end.
pub fn walked(batch: &[u8]) -> (usize, bool) {
    let Ok(mut cursor) = Cursor::new(batch) else {
        assert!(batch.len() < HEAD, "left a head that is whole");
        return (0, false);
    };
    let (head, records) = batch.split_at(HEAD);
    let (mut rest, many) = (records, i64::from(i32::from_be_bytes(head[57..].try_into().unwrap())));
    for number in 0.. {
        if number >= many {
            assert_eq!(cursor.is_done(records).ok(), rest.is_empty().then_some(true), "the end");
            return (number as usize, rest.is_empty());
        }
        assert_eq!(cursor.is_done(records), Ok(false), "more records come");
        let begins = records.len() - rest.len();
        match (cursor.next(records), naive(head, &mut rest)) {
            (Ok(read), Some(expected)) => {
                assert_eq!((read.begins, read.ends), (begins, records.len() - rest.len()), "places");
                compare(records, &read, &expected);
                assert_eq!(read.by_broker, by_broker(head), "whose timestamp it is");
            }
            (Err(_), None) => return (number as usize, false),
            (read, expected) => panic!("record {number} is {read:?}, and here {expected:?}"),
        }
    }
    unreachable!("a batch has an end");
}

fn compare(records: &[u8], read: &Record, expected: &Naive<'_>) {
    let bytes = |place: Option<Place>| {
        place.map(|Place(begins, ends)| {
            assert!(read.begins <= begins as usize && ends as usize <= read.ends, "bytes of another record");
            &records[begins as usize..ends as usize]
        })
    };
    let named = headers(records, read.headers_at, read.headers).expect("headers were read before");
    assert_eq!(&(read.offset, read.timestamp, bytes(read.key), bytes(read.value), named), expected);
}

/// Takes a record off the front; none where it is not whole or its numbers are none that there are.
fn naive<'a>(head: &[u8], rest: &mut &'a [u8]) -> Option<Naive<'a>> {
    let eight = |at: usize| i128::from(i64::from_be_bytes(head[at..at + 8].try_into().unwrap()));
    let mut record = some(number(rest)?, rest)?;
    let own = &mut record;
    if *some(1, own)?.first()? >= 0x80 {
        return None;
    }
    let (later, behind) = (number(own)?, number(own)?);
    let timestamp = if by_broker(head) { eight(35) } else { eight(27) + later };
    let (key, value) = (nullable(own)?, nullable(own)?);
    let mut named = Vec::new();
    for _ in 0..u32::try_from(number(own)?).ok()? {
        let length = number(own)?;
        named.push((std::str::from_utf8(some(length, own)?).ok()?, nullable(own)?));
    }
    let offset = i64::try_from(eight(0) + behind).ok().filter(|offset| *offset >= 0)?;
    own.is_empty().then_some((offset, i64::try_from(timestamp).ok()?, key, value, named))
}

fn by_broker(head: &[u8]) -> bool {
    head[22] / 8 % 2 == 1
}

fn nullable<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    match number(rest)? {
        -1 => Some(None),
        length => some(length, rest).map(Some),
    }
}

fn some<'a>(length: i128, rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (found, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = behind;
    Some(found)
}

/// A number of 64 bits in zigzag, in at most ten bytes of seven bits.
fn number(rest: &mut &[u8]) -> Option<i128> {
    let last = rest.iter().take(10).position(|byte| *byte < 0x80)?;
    let folded = rest[..=last].iter().rev().fold(0_u128, |sum, byte| sum * 128 + u128::from(byte % 128));
    *rest = &rest[last + 1..];
    let folded = i128::from(u64::try_from(folded).ok()?);
    Some(if folded % 2 == 0 { folded / 2 } else { -(folded / 2) - 1 })
}
