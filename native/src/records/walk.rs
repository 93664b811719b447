//! Walks the records of a batch (v2) as Kafka stores them, once it is unpacked.
//!
//! Whatever is not whole for certain is `Odd`: Kafka's client reads that, and says what is wrong with it.

use crate::json::{Odd, Read};

/// Bytes of a batch before its records.
pub const HEAD: usize = 61;
const BASE_OFFSET: usize = 0;
const ATTRIBUTES: usize = 22;
const FIRST_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
const COUNT: usize = 57;
/// Of the attributes: the broker's clock gave the timestamp, which is the same of all records.
const LOG_APPEND_TIME: u8 = 0x08;
/// Bits of the longest number.
const BITS: u32 = 64;

/// What a batch says of all its records, and how far it was walked.
#[derive(Clone, Debug)]
pub struct Cursor {
    base_offset: i64,
    first_timestamp: i64,
    /// Of all records, where the broker's clock counts.
    appended: Option<i64>,
    left: i32,
    at: usize,
}

/// One record: places of bytes count from the first of the batch's records.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub offset: i64,
    pub timestamp: i64,
    pub by_broker: bool,
    pub key: Option<Place>,
    pub value: Option<Place>,
    pub headers: u32,
    /// Where the first header begins.
    pub headers_at: u32,
    /// Bytes of its key, its value and its headers.
    pub bytes: usize,
    pub begins: usize,
    pub ends: usize,
}

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place(pub u32, pub u32);

impl Cursor {
    /// Of a batch that begins with `head`; none unless that is one of this format, or part of one.
    pub fn new(head: &[u8]) -> Read<Cursor> {
        if head.len() < HEAD {
            return Err(Odd);
        }
        let by_broker = head[ATTRIBUTES] & LOG_APPEND_TIME != 0;
        Ok(Cursor {
            base_offset: number(head, BASE_OFFSET)?,
            first_timestamp: number(head, FIRST_TIMESTAMP)?,
            appended: by_broker.then_some(number(head, MAX_TIMESTAMP)?),
            left: (number(head, COUNT)? >> 32) as i32,
            at: 0,
        })
    }

    /// Whether all records were walked; `Odd` if something is behind the last.
    pub fn is_done(&self, records: &[u8]) -> Read<bool> {
        match (self.left > 0, self.at == records.len()) {
            (true, _) => Ok(false),
            (false, true) => Ok(true),
            (false, false) => Err(Odd),
        }
    }

    /// The next of the records, of which there is one.
    pub fn next(&mut self, records: &[u8]) -> Read<Record> {
        let mut from = From { bytes: records, at: self.at };
        let length = usize::try_from(from.number()?).map_err(|_| Odd)?;
        let ends = from.at.checked_add(length).filter(|ends| *ends <= records.len()).ok_or(Odd)?;
        from.attributes()?;
        let timestamp = self.first_timestamp.checked_add(from.number()?);
        let offset = self.base_offset.checked_add(from.number()?).ok_or(Odd)?;
        let (key, value) = (from.nullable()?, from.nullable()?);
        let headers = u32::try_from(from.number()?).map_err(|_| Odd)?;
        let headers_at = u32::try_from(from.at).map_err(|_| Odd)?;
        let mut bytes: usize = [key, value].iter().flatten().map(|Place(begins, ends)| (ends - begins) as usize).sum();
        for _ in 0..headers {
            let (name, value) = from.header()?;
            bytes += name.len() + value.map_or(0, <[u8]>::len);
        }
        if from.at != ends || offset < 0 {
            return Err(Odd);
        }
        let (begins, by_broker) = (self.at, self.appended.is_some());
        let timestamp = self.appended.or(timestamp).ok_or(Odd)?;
        self.at = ends;
        self.left -= 1;
        Ok(Record { offset, timestamp, by_broker, key, value, headers, headers_at, bytes, begins, ends })
    }
}

/// The name and the value of a header; a value may be null.
type Header<'a> = (&'a str, Option<&'a [u8]>);

/// The headers of a record, which was walked before.
pub fn headers(bytes: &[u8], at: u32, number: u32) -> Read<Vec<Header<'_>>> {
    let mut from = From { bytes, at: at as usize };
    (0..number).map(|_| from.header()).collect()
}

struct From<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> From<'a> {
    /// A number of variable length, in zigzag.
    fn number(&mut self) -> Read<i64> {
        let (mut found, mut shift) = (0u64, 0);
        loop {
            let byte = *self.bytes.get(self.at).ok_or(Odd)?;
            self.at += 1;
            let low = u64::from(byte & 0x7f);
            if shift >= BITS || (low << shift) >> shift != low {
                return Err(Odd);
            }
            found |= low << shift;
            if byte & 0x80 == 0 {
                return Ok((found >> 1) as i64 ^ -((found & 1) as i64));
            }
            shift += 7;
        }
    }

    /// Of a record; so far there are none.
    fn attributes(&mut self) -> Read<()> {
        self.at += 1;
        self.bytes.get(self.at - 1).filter(|byte| **byte < 0x80).map(|_| ()).ok_or(Odd)
    }

    /// Bytes with their length before them; none for the length -1.
    fn nullable(&mut self) -> Read<Option<Place>> {
        match self.number()? {
            -1 => Ok(None),
            length => {
                let begins = self.at;
                self.some(length)?;
                let place = |at: usize| u32::try_from(at).map_err(|_| Odd);
                Ok(Some(Place(place(begins)?, place(self.at)?)))
            }
        }
    }

    fn some(&mut self, length: i64) -> Read<&'a [u8]> {
        let ends = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length)).ok_or(Odd)?;
        let found = self.bytes.get(self.at..ends).ok_or(Odd)?;
        self.at = ends;
        Ok(found)
    }

    fn header(&mut self) -> Read<Header<'a>> {
        let length = self.number()?;
        let name = std::str::from_utf8(self.some(length)?).map_err(|_| Odd)?;
        let value = self.nullable()?;
        Ok((name, value.map(|Place(begins, ends)| &self.bytes[begins as usize..ends as usize])))
    }
}

fn number(bytes: &[u8], at: usize) -> Read<i64> {
    let mut eight = [0; 8];
    for (to, from) in eight.iter_mut().zip(bytes.get(at..).ok_or(Odd)?) {
        *to = *from;
    }
    Ok(i64::from_be_bytes(eight))
}
