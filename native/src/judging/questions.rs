//! What Python is asked once for each class of events: rules, texts, personas, facets. The answers are remembered.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;

use super::events::{Asked, Event};
use super::score::IsNamed;
use super::writing;
use crate::json::Read;

/// Answers of one sort; where there are more, it begins anew.
pub const MOST_REMEMBERED: usize = 16_384;
/// Characters of which a key may consist to be remembered.
const LONGEST_KEY: usize = 2_048;

/// What the rules say of a class of events.
#[derive(Clone, Copy, FromPyObject)]
pub struct Rule(pub f64, pub bool, pub bool, pub Option<bool>);

/// Whom a title belongs to.
#[derive(Debug)]
pub struct Persona {
    pub name: Arc<str>,
    /// None where there is no title.
    pub called: Option<Arc<str>>,
    /// The title as it is counted where it belongs to nobody.
    pub counted: Option<Arc<str>>,
}

/// Each takes an event, but for the last two.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Questions {
    rule: Py<PyAny>,
    line: Py<PyAny>,
    persona: Py<PyAny>,
    facet: Py<PyAny>,
    is_named: Py<PyAny>,
    rounded: Py<PyAny>,
}

struct Remembered<T>(HashMap<Vec<u8>, T>);

impl<T: Clone> Remembered<T> {
    fn of(&mut self, key: &[u8], ask: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
        if let Some(known) = self.0.get(key) {
            return Ok(known.clone());
        }
        let answer = ask()?;
        if key.len() <= LONGEST_KEY {
            if self.0.len() >= MOST_REMEMBERED {
                self.0.clear();
            }
            self.0.insert(key.to_vec(), answer.clone());
        }
        Ok(answer)
    }
}

pub struct Answers {
    questions: Questions,
    rules: Remembered<Rule>,
    lines: Remembered<Arc<[u8]>>,
    personas: Remembered<Arc<Persona>>,
    facets: Remembered<Arc<str>>,
    named: Remembered<bool>,
    rounded: Remembered<Arc<[u8]>>,
    key: Vec<u8>,
}

impl Answers {
    pub fn new(questions: Questions) -> Answers {
        Answers {
            questions,
            rules: Remembered(HashMap::new()),
            lines: Remembered(HashMap::new()),
            personas: Remembered(HashMap::new()),
            facets: Remembered(HashMap::new()),
            named: Remembered(HashMap::new()),
            rounded: Remembered(HashMap::new()),
            key: Vec::new(),
        }
    }

    pub fn rule(&mut self, event: &Event<'_, '_>) -> PyResult<Read<Rule>> {
        self.begin(event.asked);
        for (place, limits) in &event.asked.rule {
            let field = event.fields.at(*place);
            let told = match limits.as_slice() {
                [] => field.and_then(|field| field.tell(&mut self.key)),
                limits => field.and_then(|field| field.measure(limits, &mut self.key)),
            };
            if told.is_err() {
                return Ok(Err(crate::json::Odd));
            }
        }
        let ask = || self.questions.rule.bind(event.py).call1((event.python()?,))?.extract();
        self.rules.of(&self.key, ask).map(Ok)
    }

    /// The event's line of text, as JSON.
    pub fn line(&mut self, event: &Event<'_, '_>) -> PyResult<Read<Arc<[u8]>>> {
        self.begin(event.asked);
        for place in &event.asked.line {
            if event.fields.at(*place).and_then(|field| field.tell(&mut self.key)).is_err() {
                return Ok(Err(crate::json::Odd));
            }
        }
        let ask = || {
            let line: String = self.questions.line.bind(event.py).call1((event.python()?,))?.extract()?;
            let mut json = Vec::with_capacity(line.len() + 2);
            writing::text(&line, &mut json);
            Ok(json.into())
        };
        self.lines.of(&self.key, ask).map(Ok)
    }

    pub fn persona(&mut self, event: &Event<'_, '_>, title: usize) -> PyResult<Read<Arc<Persona>>> {
        self.key.clear();
        if event.fields.at(title).and_then(|field| field.tell(&mut self.key)).is_err() {
            return Ok(Err(crate::json::Odd));
        }
        let ask = || {
            let answer = self.questions.persona.bind(event.py).call1((event.python()?,))?;
            let (name, called, counted): (String, Option<String>, Option<String>) = answer.extract()?;
            Ok(Arc::new(Persona { name: name.into(), called: called.map(Arc::from), counted: counted.map(Arc::from) }))
        };
        self.personas.of(&self.key, ask).map(Ok)
    }

    pub fn facet(&mut self, event: &Event<'_, '_>) -> PyResult<Read<Arc<str>>> {
        self.begin(event.asked);
        if event.fields.at(event.asked.facet).and_then(|field| field.tell(&mut self.key)).is_err() {
            return Ok(Err(crate::json::Odd));
        }
        let ask = || {
            let facet: String = self.questions.facet.bind(event.py).call1((event.python()?,))?.extract()?;
            Ok(facet.into())
        };
        self.facets.of(&self.key, ask).map(Ok)
    }

    /// Points rounded as histories have them, as JSON.
    pub fn rounded(&mut self, py: Python<'_>, points: f64) -> PyResult<Arc<[u8]>> {
        let ask = || {
            let mut json = Vec::with_capacity(8);
            writing::float(self.questions.rounded.bind(py).call1((points,))?.extract()?, &mut json);
            Ok(json.into())
        };
        self.rounded.of(&points.to_bits().to_le_bytes(), ask)
    }

    fn is_named(&mut self, py: Python<'_>, persona: &str) -> PyResult<bool> {
        let ask = || self.questions.is_named.bind(py).call1((persona,))?.extract();
        self.named.of(persona.as_bytes(), ask)
    }

    /// Does `work`, which asks whether personas are somebody.
    pub fn asking<T>(&mut self, py: Python<'_>, work: impl FnOnce(IsNamed<'_>) -> T) -> PyResult<T> {
        let mut failed = None;
        let done = work(&mut |persona: &Arc<str>| self.is_named(py, persona).unwrap_or_else(|error| {
            failed = Some(error);
            false
        }));
        failed.map_or(Ok(done), Err)
    }

    fn begin(&mut self, asked: &Asked) {
        self.key.clear();
        self.key.push(asked.number);
    }
}
