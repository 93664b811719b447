//! A row of the fit table, as far as judging asks: what tells one class of rows from another.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyString;
use serde::Deserialize;

use super::questions::MOST_REMEMBERED;
use crate::json::{Odd, Read};

const VERSION: u8 = 2;
const DECISIONS: [&str; 4] = ["chase", "deprioritize", "unknown", "ignore"];

type Text<'a> = Option<Cow<'a, str>>;

/// As `wire/storage/fit_rows.py` writes it. Every text is read, so that none is taken which Python cannot read.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Row<'a>(
    u8,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Vec<Decision<'a>>,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Text<'a>,
    bool,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Text<'a>,
);

/// ICP, its version, what it says, fit, tier, reasons.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Decision<'a>(
    #[serde(borrow)] Cow<'a, str>,
    i64,
    #[serde(borrow)] Cow<'a, str>,
    Option<f64>,
    #[serde(borrow)] Text<'a>,
    #[serde(borrow)] Vec<Cow<'a, str>>,
);

/// What a fit means.
#[derive(FromPyObject)]
pub struct FitMeaning {
    /// Whether somebody may be alerted of the account.
    pub eligible: bool,
    /// Whether a hand raise is passed on where nobody may.
    pub triaged: bool,
    /// The lists on which it may be: each with the place of its pins and the weight of its tier.
    pub places: Vec<(Py<PyString>, Py<PyString>, f64)>,
    /// The places of the pins of all lists that know it.
    pub pins: Vec<Py<PyString>>,
}

/// What Python was asked once for each class of rows.
#[derive(Default)]
pub struct Fits(HashMap<Box<[u8]>, Arc<FitMeaning>>);

impl Fits {
    /// `ask`: what the fit of an account means; `name` is one of this class.
    pub fn of(&mut self, class: &[u8], ask: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> PyResult<Arc<FitMeaning>> {
        if let Some(known) = self.0.get(class) {
            return Ok(known.clone());
        }
        let opened = Arc::new(ask.call1((name,))?.extract::<FitMeaning>()?);
        if self.0.len() >= MOST_REMEMBERED {
            self.0.clear();
        }
        self.0.insert(class.into(), opened.clone());
        Ok(opened)
    }
}

/// All of a row on which alerts and places on lists depend: equal classes are equal in that. `Odd` for one that Python must read.
pub fn class(row: &[u8]) -> Read<Vec<u8>> {
    let row: Row<'_> = serde_json::from_str(std::str::from_utf8(row).map_err(|_| Odd)?).map_err(|_| Odd)?;
    let Row(VERSION, _, decisions, _, _, _, _, suppressed, _, relation, _, _) = row else { return Err(Odd) };
    let mut class = vec![u8::from(suppressed)];
    told(Some(&relation), &mut class);
    for Decision(icp, _, decision, fit, tier, _) in &decisions {
        if !DECISIONS.contains(&&**decision) {
            return Err(Odd);
        }
        told(Some(icp), &mut class);
        told(Some(decision), &mut class);
        told(tier.as_deref(), &mut class);
        match fit {
            Some(fit) => class.extend_from_slice(&fit.to_bits().to_le_bytes()),
            None => class.extend_from_slice(&[0xff; 8]), // no number that JSON can have
        }
    }
    Ok(class)
}

fn told(text: Option<&str>, class: &mut Vec<u8>) {
    let Some(text) = text else { return class.extend_from_slice(&u32::MAX.to_le_bytes()) };
    class.extend_from_slice(&(text.len() as u32).to_le_bytes());
    class.extend_from_slice(text.as_bytes());
}
