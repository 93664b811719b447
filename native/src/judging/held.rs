//! Accounts as the judge holds them, and how it takes them as they are stored.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::account::Account;
use super::fit::class;
use super::replay::Noted;
use super::stored::{decode, encode};
use crate::guarded;

/// An account's state, as the judge keeps it.
#[pyclass(module = "signal_engine_native")]
pub struct Held {
    pub account: Account,
    /// The class of its row of the fit table; empty where it has none.
    pub fit: Box<[u8]>,
    pub noted: Noted,
}

#[pymethods]
impl Held {
    /// As `wire.storage.state` writes it.
    fn encode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| Ok(PyBytes::new(py, &encode(&self.account))))
    }
}

/// Takes accounts as they are stored.
#[pyclass(frozen, module = "signal_engine_native")]
pub struct Hold {
    /// The numbers of those that there are.
    pub kinds: Box<[u8]>,
}

#[pymethods]
impl Hold {
    /// The account in a stored state, and its row of the fit table; an empty state is a blank account. None where Python
    /// must read them.
    #[pyo3(signature = (state, row = None))]
    fn __call__(&self, state: &[u8], row: Option<&[u8]>) -> PyResult<Option<Held>> {
        guarded(|| {
            let account = if state.is_empty() { Ok(Account::blank()) } else { decode(state) };
            let (Ok(account), Ok(fit)) = (account, row.map_or(Ok(Vec::new()), class)) else { return Ok(None) };
            let is_known = account.kinds.iter().all(|kind| self.kinds.contains(&kind.number));
            Ok(is_known.then(|| Held { account, fit: fit.into(), noted: Noted::default() }))
        })
    }
}
