//! Reads the ordinary events: what is ordinary, Python says. The fields of each kind and what they take are handed over
//! as values, made of the models.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::checks::Check;
use crate::guarded;
use crate::json::Value;
use crate::model::{Field, Model, Ordinary, MAX_FIELDS};

/// What of an event a field is, apart from one of its fields.
#[derive(Clone, Copy)]
enum Part {
    Id,
    Account,
    Confidence,
    Field,
}

/// A field as Python takes it.
struct Kept {
    name: Py<PyString>,
    slot: usize,
    part: Part,
    choices: Vec<Py<PyString>>,
}

struct KeptKind {
    name: Py<PyString>,
    fields: Vec<Kept>,
}

/// Reads records and lines; `None` for all that is left to Python.
#[pyclass(frozen, module = "signal_engine_native")]
pub struct Reader {
    pub model: Model,
    kinds: Vec<KeptKind>,
    /// By how many ms an event may lie ahead of its record.
    max_ahead: i64,
    normalise: Py<PyAny>,
    new_event: Py<PyAny>,
    /// Breaks on purpose, for tests of what happens then.
    broken: bool,
}

/// A kind with its fields, as (name, required, check).
type Described<'py> = (String, Vec<(String, bool, Bound<'py, PyTuple>)>);

#[pymethods]
impl Reader {
    /// `max_bytes` of a value; `max_ahead` in ms; `normalise` gives an account's name as text, or something else;
    /// `new_event` makes an event of the tuple of its fields.
    #[new]
    #[pyo3(signature = (kinds, max_bytes, max_ahead, normalise, new_event, *, broken = false))]
    fn new(
        py: Python<'_>,
        kinds: Vec<Described<'_>>,
        max_bytes: usize,
        max_ahead: i64,
        normalise: Py<PyAny>,
        new_event: Py<PyAny>,
        broken: bool,
    ) -> PyResult<Reader> {
        let mut described = Vec::new();
        for (kind, fields) in kinds {
            let fields: PyResult<Vec<Field>> = fields
                .into_iter()
                .map(|(name, required, check)| Ok(Field { name, required, check: check_of(&check)? }))
                .collect();
            described.push((kind, fields?));
        }
        let names: Vec<String> = described.iter().map(|(name, _)| name.clone()).collect();
        let model = Model::new(described, max_bytes)
            .ok_or_else(|| PyValueError::new_err(format!("more than {MAX_FIELDS} fields, or a kind without occurred_at")))?;
        let kept = |(number, name): (usize, &String)| KeptKind {
            name: PyString::intern(py, name).unbind(),
            fields: model.fields(number).map(|(field, slot)| kept(py, field, slot)).collect(),
        };
        let kinds = names.iter().enumerate().map(kept).collect();
        Ok(Reader { model, kinds, max_ahead, normalise, new_event, broken })
    }

    /// The event in a record of the topic of `kind`; `timestamp` (ms) is the record's own.
    fn record<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        value: Option<&Bound<'py, PyBytes>>,
        timestamp: i64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(value) = value else { return Ok(None) };
        guarded(|| {
            assert!(!self.broken, "broken on purpose");
            let Some(kind) = self.model.kind(kind) else { return Ok(None) };
            self.ordinary(kind, value.as_bytes(), timestamp).map_or(Ok(None), |found| self.event(py, &found))
        })
    }

    /// The event in a line of a file of events.
    fn line<'py>(&self, py: Python<'py>, value: &Bound<'py, PyBytes>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(|| {
            assert!(!self.broken, "broken on purpose");
            self.model.line(value.as_bytes()).map_or(Ok(None), |found| self.event(py, &found))
        })
    }
}

impl Reader {
    /// What a record of a kind holds, if that is ordinary; `timestamp` (ms) is the record's own.
    pub fn ordinary<'a>(&self, kind: usize, value: &'a [u8], timestamp: i64) -> Option<Ordinary<'a>> {
        let found = self.model.record(kind, value).ok()?;
        (found.occurred_at <= timestamp.saturating_add(self.max_ahead)).then_some(found)
    }

    fn event<'py>(&self, py: Python<'py>, found: &Ordinary<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let kind = &self.kinds[found.kind];
        let fields = PyDict::new(py);
        let (mut id, mut account, mut confidence) = (None, None, None);
        for field in &kind.fields {
            let Some(value) = python(py, found.of(field.slot), &field.choices)? else { continue };
            fields.set_item(field.name.bind(py), &value)?;
            match field.part {
                Part::Id => id = Some(value),
                Part::Account => account = Some(value),
                Part::Confidence => confidence = Some(value),
                Part::Field => {}
            }
        }
        let (Some(id), Some(account)) = (id, account) else { return Ok(None) };
        let account = self.normalise.bind(py).call1((account,))?;
        if !account.is_exact_instance_of::<PyString>() {
            return Ok(None);
        }
        let confidence = confidence.unwrap_or_else(|| PyFloat::new(py, 1.0).into_any());
        let parts = (account, kind.name.bind(py), id, found.occurred_at, confidence, fields, false, py.None());
        self.new_event.bind(py).call1((parts,)).map(Some)
    }
}

fn kept(py: Python<'_>, field: &Field, slot: usize) -> Kept {
    let part = match field.name.as_str() {
        "event_id" => Part::Id,
        "account_id" => Part::Account,
        "confidence" => Part::Confidence,
        _ => Part::Field,
    };
    let choices = field.check.choices().iter().map(|choice| PyString::intern(py, choice).unbind()).collect();
    Kept { name: PyString::intern(py, &field.name).unbind(), slot, part, choices }
}

/// The value as Python has it; `None` where there is none.
fn python<'py>(py: Python<'py>, value: &Value<'_>, choices: &[Py<PyString>]) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(Some(match value {
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::Choice(place) => choices[*place].bind(py).clone().into_any(),
        Value::Float(number) => PyFloat::new(py, *number).into_any(),
        Value::Integer(number) => PyInt::new(py, *number).into_any(),
        Value::Flag(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Texts(texts) => PyList::new(py, texts)?.into_any(),
        Value::Missing | Value::Other => return Ok(None),
    }))
}

fn check_of(check: &Bound<'_, PyTuple>) -> PyResult<Check> {
    let name: String = check.get_item(0)?.extract()?;
    Ok(match name.as_str() {
        "text" => Check::Text { min: check.get_item(1)?.extract()?, max: check.get_item(2)?.extract()? },
        "choice" => Check::Choice(check.get_item(1)?.extract()?),
        "address" => Check::Address,
        "instant" => Check::Instant,
        "number" => Check::Number { least: check.get_item(1)?.extract()?, most: check.get_item(2)?.extract()? },
        "count" => Check::Count { most: check.get_item(1)?.extract()? },
        "flag" => Check::Flag,
        "texts" => Check::Texts,
        "python" => Check::Python,
        other => return Err(PyValueError::new_err(format!("unknown check {other}"))),
    })
}
