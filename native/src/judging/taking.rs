//! Takes the ordinary records of a fetch, whether those are objects of Python or were walked here.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::events::Events;
use super::judge::Judge;
use crate::json::Value;
use crate::model::Ordinary;
use crate::reader::Reader;
use crate::records::Records;

/// Of a record: its instant is the producer's.
const CREATE_TIME: i64 = 0;
/// Records that are read in one go, some 100 us, while other threads have the interpreter.
const AT_ONCE: usize = 64;
/// Records from which on that is worth the handing over.
const WORTH_DETACHING: usize = 16;

/// What a record holds, and when it arrived (ms); none of a record with headers or without a value.
type Readable<'a> = Option<(&'a [u8], i64)>;

impl Judge {
    /// See `take`; `of` is the fetch, its kind, the clock (ms), and the partition here.
    pub(super) fn take_records(
        &mut self,
        events: &mut Events,
        of: (u32, &str, i64, i64),
        records: &Bound<'_, PyAny>,
        partition_of: &Bound<'_, PyAny>,
        aliased: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<u32>> {
        let (py, (fetch, kind, clock, here)) = (records.py(), of);
        let kind = self.kinds.iter().position(|one| one.name.bind(py) == kind);
        let Some((kind, columns)) = kind.and_then(|kind| Some((kind, self.columns[kind].as_ref()?))) else {
            return Ok((0..records.len()? as u32).collect());
        };
        let (reader, any_alias, names) = (self.reader.get(), aliased.is_truthy()?, &mut self.names);
        let mut take = |found: &Ordinary<'_>, place: u32, now: i64| -> PyResult<bool> {
            let Value::Text(text) = found.of(columns.account) else { return Ok(false) };
            let Some(named) = names.of(text, partition_of)? else { return Ok(false) };
            if named.partition != here || any_alias && aliased.contains(&named.name)? {
                return Ok(false);
            }
            Ok(events.take(found, columns, kind, &named, (fetch, place, now)).is_ok())
        };
        let (mut left, mut place) = (Vec::new(), 0);
        let mut take_all = |some: &[Readable<'_>]| -> PyResult<()> {
            for (found, one) in read(py, reader, columns.kind, some).iter().zip(some) {
                let is_taken = match (found, one) {
                    (Some(found), Some((_, now))) => take(found, place, *now)?,
                    _ => false,
                };
                if !is_taken {
                    left.push(place);
                }
                place += 1;
            }
            Ok(())
        };
        if let Ok(records) = records.cast::<Records>() {
            let records = records.get();
            for some in records.entries().chunks(AT_ONCE) {
                let readable = some.iter().map(|one| {
                    let now = if one.by_broker { one.timestamp } else { one.timestamp.min(clock) };
                    records.value(one).filter(|_| one.headers == 0).map(|value| (value, now))
                });
                take_all(&readable.collect::<Vec<_>>())?;
            }
            return Ok(left);
        }
        let mut next = records.try_iter()?;
        loop {
            let some: Vec<_> = next.by_ref().take(AT_ONCE).map(|record| plain(&record?, clock)).collect::<PyResult<_>>()?;
            if some.is_empty() {
                return Ok(left);
            }
            take_all(&some.iter().map(|one| one.as_ref().map(|(value, now)| (value.as_bytes(), *now))).collect::<Vec<_>>())?;
        }
    }
}

/// `Readable` of an object of Python.
fn plain<'py>(record: &Bound<'py, PyAny>, clock: i64) -> PyResult<Option<(Bound<'py, PyBytes>, i64)>> {
    let py = record.py();
    if record.getattr(intern!(py, "headers"))?.is_truthy()? {
        return Ok(None);
    }
    let (value, stamp) = (record.getattr(intern!(py, "value"))?, record.getattr(intern!(py, "timestamp"))?);
    let (Ok(value), Ok(stamp)) = (value.cast_into::<PyBytes>(), stamp.extract::<i64>()) else { return Ok(None) };
    let is_producers = record.getattr(intern!(py, "timestamp_type"))?.eq(CREATE_TIME)?;
    Ok(Some((value, if is_producers { stamp.min(clock) } else { stamp })))
}

/// Those of some records that are ordinary for certain. Other threads have the interpreter meanwhile: the group's heartbeats
/// and the clients of servers do not wait until a batch of thousands is read.
fn read<'a>(py: Python<'_>, reader: &Reader, kind: usize, some: &[Readable<'a>]) -> Vec<Option<Ordinary<'a>>> {
    let read = || some.iter().map(|one| one.and_then(|(value, now)| reader.ordinary(kind, value, now))).collect();
    if some.len() < WORTH_DETACHING { read() } else { py.detach(read) }
}
