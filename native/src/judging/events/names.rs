//! Whom the names in events mean. Python says it, once for each text; names that are plain mean themselves.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyString};

/// Texts; where there are more, it begins anew.
const MOST_REMEMBERED: usize = 131_072;
/// Bytes of a text to be remembered.
const LONGEST: usize = 512;
/// Characters of a label.
const LONGEST_LABEL: usize = 63;

/// What Python says of names.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Naming {
    /// Text -> the account that it means; none where Python must see the event.
    name_of: Py<PyAny>,
    /// Under which any label is an account, but for those of the next two.
    suffixes: Py<PyFrozenSet>,
    no_companies: Py<PyFrozenSet>,
    mail_providers: Py<PyFrozenSet>,
}

/// An account whose events need not be Python's, and its partition.
pub struct Named {
    pub text: Arc<str>,
    pub name: Py<PyString>,
    pub partition: i64,
}

pub struct Names {
    naming: Naming,
    known: HashMap<Box<str>, Option<Arc<Named>>>,
    /// By what it is known, and the number of partitions if that is by murmur2.
    by: Option<(Py<PyAny>, Option<i64>)>,
}

impl Names {
    pub fn new(naming: Naming) -> Names {
        Names { naming, known: HashMap::new(), by: None }
    }

    /// The account that a text names, and its partition by `partition_of`; none where Python must see the event.
    pub fn of(&mut self, text: &str, partition_of: &Bound<'_, PyAny>) -> PyResult<Option<Arc<Named>>> {
        let murmur2_of = match &self.by {
            Some((by, murmur2_of)) if by.bind(partition_of.py()).is(partition_of) => *murmur2_of,
            _ => {
                let murmur2_of = match partition_of.getattr_opt(intern!(partition_of.py(), "murmur2_of"))? {
                    Some(partitions) => Some(partitions.extract()?).filter(|partitions| *partitions > 0),
                    None => None,
                };
                self.known.clear();
                self.by = Some((partition_of.clone().unbind(), murmur2_of));
                murmur2_of
            }
        };
        if let Some(known) = self.known.get(text) {
            return Ok(known.clone());
        }
        let found = self.asked(text, partition_of, murmur2_of)?;
        if text.len() <= LONGEST {
            if self.known.len() >= MOST_REMEMBERED {
                self.known.clear();
            }
            self.known.insert(text.into(), found.clone());
        }
        Ok(found)
    }

    fn asked(&self, text: &str, partition_of: &Bound<'_, PyAny>, murmur2_of: Option<i64>) -> PyResult<Option<Arc<Named>>> {
        let py = partition_of.py();
        let answer = match self.is_plain(py, text)? {
            true => PyString::new(py, text).into_any(),
            false => self.naming.name_of.bind(py).call1((text,))?,
        };
        let Ok(name) = answer.cast_exact::<PyString>() else { return Ok(None) };
        let text = name.to_str()?;
        let partition = match murmur2_of {
            Some(partitions) => partition(text, partitions),
            None => partition_of.call1((name,))?.extract()?,
        };
        Ok(Some(Arc::new(Named { text: text.into(), name: name.clone().unbind(), partition })))
    }

    /// Whether a text is an account for certain, as it is: two labels, and no company registers under the first.
    fn is_plain(&self, py: Python<'_>, text: &str) -> PyResult<bool> {
        let Some((label, suffix)) = text.split_once('.') else { return Ok(false) };
        let is_label = !label.starts_with("xn--")
            && label.len() <= LONGEST_LABEL
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !(label.is_empty() || label.starts_with('-') || label.ends_with('-'));
        Ok(is_label
            && suffix.bytes().all(|byte| byte.is_ascii_lowercase())
            && self.naming.suffixes.bind(py).contains(suffix)?
            && !self.naming.no_companies.bind(py).contains(text)?
            && !self.naming.mail_providers.bind(py).contains(text)?)
    }
}

/// The partition of a key, as Kafka's default partitioners compute it.
pub fn partition(key: &str, partitions: i64) -> i64 {
    i64::from(murmur2(key.as_bytes()) & 0x7fff_ffff) % partitions
}

/// Austin Appleby's MurmurHash2 with the seed of Kafka.
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let pieces = bytes.chunks_exact(4);
    let rest = pieces.remainder();
    for piece in pieces {
        let mut k = u32::from_le_bytes([piece[0], piece[1], piece[2], piece[3]]).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}
