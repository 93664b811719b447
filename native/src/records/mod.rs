//! Records as Kafka's client hands them over, without an object for each: one is made where Python looks at it.

pub mod walk;

use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySlice, PyTuple};

use crate::guarded;
use crate::json::{Odd, Read};
use walk::{headers, Cursor, Place, Record};

/// Of a record: its timestamp is the producer's, or the broker's.
const CREATE_TIME: u8 = 0;
const LOG_APPEND_TIME: u8 = 1;

/// A record of a batch: places of its bytes are those of all that are taken together.
#[derive(Clone)]
pub struct Entry {
    pub timestamp: i64,
    pub by_broker: bool,
    offset: i64,
    key: Option<Place>,
    value: Option<Place>,
    pub headers: u32,
    headers_at: u32,
}

/// Records and their bytes, without the rest of the batches that they are of.
#[derive(Clone, Default)]
struct All {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Places of those that have headers.
    with_headers: Vec<usize>,
}

/// The records of one batch of Kafka.
#[pyclass(module = "signal_engine_native")]
pub struct RecordBatch {
    bytes: Py<PyBytes>,
    /// Of its records, among the bytes.
    from: usize,
    until: usize,
    cursor: Read<Cursor>,
    /// Whether Kafka's client has to read from here on.
    #[pyo3(get)]
    is_odd: bool,
    #[pyo3(get)]
    is_done: bool,
}

#[pymethods]
impl RecordBatch {
    /// `bytes` from `at` up to `until` are the batch; `unpacked` are its records if those are compressed.
    #[new]
    fn new(bytes: Bound<'_, PyBytes>, at: usize, until: usize, unpacked: Option<Bound<'_, PyBytes>>) -> RecordBatch {
        let cursor = bytes.as_bytes().get(at..until).ok_or(Odd).and_then(Cursor::new);
        let (bytes, from, until) = match unpacked {
            Some(unpacked) => {
                let length = unpacked.as_bytes().len();
                (unpacked, 0, length)
            }
            None => (bytes, at.saturating_add(walk::HEAD), until),
        };
        RecordBatch { bytes: bytes.unbind(), from, until, cursor, is_odd: false, is_done: false }
    }
}

/// Takes records until there is no more room.
#[pyclass(module = "signal_engine_native")]
pub struct TakenRecords {
    all: All,
    new_record: Py<PyAny>,
    most: usize,
    /// Bytes of keys, values and headers that there is room for; less than 0 once it is full.
    #[pyo3(get)]
    left: i64,
    /// Breaks on purpose, for tests of what happens then.
    broken: bool,
}

#[pymethods]
impl TakenRecords {
    /// Room for `most` records, and for `left` bytes of their keys, values and headers, which the last may pass.
    /// `new_record` makes a record of the tuple of its fields.
    #[new]
    #[pyo3(signature = (new_record, most, left, *, broken = false))]
    fn new(new_record: Py<PyAny>, most: Option<usize>, left: i64, broken: bool) -> TakenRecords {
        TakenRecords { all: All::default(), new_record, most: most.unwrap_or(usize::MAX), left, broken }
    }

    #[getter]
    fn is_full(&self) -> bool {
        self.left < 0 || self.all.entries.len() >= self.most
    }

    /// Takes what there is room for of a batch from position `next` on: the offset of the last one, if there is any.
    fn add(&mut self, batch: &Bound<'_, RecordBatch>, next: i64) -> PyResult<Option<i64>> {
        let (py, mut batch) = (batch.py(), batch.try_borrow_mut()?);
        let (bytes, entries, with_headers) = (self.all.bytes.len(), self.all.entries.len(), self.all.with_headers.len());
        let added = guarded(|| {
            assert!(!self.broken, "broken on purpose");
            Ok(self.take(py, &mut batch, next))
        });
        if added.is_err() {
            self.all.bytes.truncate(bytes);
            self.all.entries.truncate(entries);
            self.all.with_headers.truncate(with_headers);
        }
        added
    }

    /// What was taken; nothing of it is left here.
    fn taken(&mut self, py: Python<'_>) -> Records {
        let all = std::mem::take(&mut self.all);
        let until = all.entries.len();
        Records { all: Arc::new(all), new_record: self.new_record.clone_ref(py), from: 0, until }
    }
}

impl TakenRecords {
    fn take(&mut self, py: Python<'_>, batch: &mut RecordBatch, mut next: i64) -> Option<i64> {
        let RecordBatch { bytes, from, until, cursor: Ok(cursor), is_odd, is_done } = batch else {
            batch.is_odd = true;
            return None;
        };
        let Some(records) = bytes.bind(py).as_bytes().get(*from..*until) else {
            *is_odd = true;
            return None;
        };
        let mut last = None;
        loop {
            match cursor.is_done(records) {
                Ok(false) if self.is_full() => break,
                Ok(false) => {}
                Ok(true) => {
                    *is_done = true;
                    break;
                }
                Err(Odd) => {
                    *is_odd = true;
                    break;
                }
            }
            let taken = cursor.next(records).and_then(|record| match record.offset < next {
                true => Ok(None), // it was read before
                false => self.all.add(&record, records).map(|_| Some(record)),
            });
            match taken {
                Ok(None) => {}
                Ok(Some(record)) => {
                    self.left -= record.bytes as i64;
                    next = record.offset.saturating_add(1);
                    last = Some(record.offset);
                }
                Err(Odd) => {
                    *is_odd = true;
                    break;
                }
            }
        }
        last
    }
}

impl All {
    fn add(&mut self, record: &Record, records: &[u8]) -> Read<()> {
        let moved = self.bytes.len();
        if u32::try_from(moved + record.ends - record.begins).is_err() {
            return Err(Odd);
        }
        let to = |at: u32| (moved + at as usize - record.begins) as u32;
        let there = |place: Option<Place>| place.map(|Place(begins, ends)| Place(to(begins), to(ends)));
        if record.headers > 0 {
            self.with_headers.push(self.entries.len());
        }
        self.entries.push(Entry {
            offset: record.offset,
            timestamp: record.timestamp,
            by_broker: record.by_broker,
            key: there(record.key),
            value: there(record.value),
            headers: record.headers,
            headers_at: to(record.headers_at),
        });
        self.bytes.extend_from_slice(&records[record.begins..record.ends]);
        Ok(())
    }
}

/// Records in order, or some of them.
#[pyclass(frozen, sequence, module = "signal_engine_native")]
pub struct Records {
    all: Arc<All>,
    new_record: Py<PyAny>,
    from: usize,
    until: usize,
}

#[pymethods]
impl Records {
    fn __len__(&self) -> usize {
        self.until - self.from
    }

    fn __getitem__<'py>(&self, py: Python<'py>, place: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let length = self.__len__() as isize;
            if let Ok(slice) = place.cast::<PySlice>() {
                let those = slice.indices(length)?;
                if those.step != 1 {
                    return Err(PyValueError::new_err("records are taken one after another"));
                }
                let from = self.from + those.start as usize;
                let until = from + those.slicelength;
                let some = Records { all: self.all.clone(), new_record: self.new_record.clone_ref(py), from, until };
                return Ok(Bound::new(py, some)?.into_any());
            }
            let place: isize = place.extract()?;
            let place = if place < 0 { place + length } else { place };
            if !(0..length).contains(&place) {
                return Err(PyIndexError::new_err("there is no such record"));
            }
            self.record(py, self.from + place as usize)
        })
    }

    /// Those that have headers.
    fn with_headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guarded(|| {
            let those = &self.all.with_headers;
            let first = those.partition_point(|place| *place < self.from);
            let some = those[first..].iter().take_while(|place| **place < self.until);
            let records: PyResult<Vec<_>> = some.map(|place| self.record(py, *place)).collect();
            PyList::new(py, records?)
        })
    }

    /// The latest of their timestamps (ms), of which there is one.
    fn latest(&self) -> PyResult<i64> {
        let latest = self.entries().iter().map(|one| one.timestamp).max();
        latest.ok_or_else(|| PyValueError::new_err("there are no records"))
    }

    /// Their offsets.
    fn offsets(&self) -> Vec<i64> {
        self.entries().iter().map(|one| one.offset).collect()
    }

    /// Bytes of all their values.
    fn value_bytes(&self) -> usize {
        self.entries().iter().filter_map(|one| self.value(one)).map(<[u8]>::len).sum()
    }
}

impl Records {
    pub fn entries(&self) -> &[Entry] {
        &self.all.entries[self.from..self.until]
    }

    /// The value of one of the entries; none if it is null.
    pub fn value(&self, entry: &Entry) -> Option<&[u8]> {
        entry.value.map(|place| self.bytes(place))
    }

    fn bytes(&self, Place(begins, ends): Place) -> &[u8] {
        &self.all.bytes[begins as usize..ends as usize]
    }

    fn record<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Bound<'py, PyAny>> {
        let one = &self.all.entries[place];
        let some = |place: Option<Place>| place.map(|place| PyBytes::new(py, self.bytes(place)));
        let Ok(named) = headers(&self.all.bytes, one.headers_at, one.headers) else {
            return Err(PyValueError::new_err("headers were read before"));
        };
        let named: Vec<_> = named.into_iter().map(|(name, value)| (name, value.map(|value| PyBytes::new(py, value)))).collect();
        let by = if one.by_broker { LOG_APPEND_TIME } else { CREATE_TIME };
        let fields = (one.offset, one.timestamp, by, some(one.key), some(one.value), PyTuple::new(py, named)?);
        self.new_record.bind(py).call1((fields,))
    }
}
