//! The native part of Signal Engine: it reads the ordinary events and judges them, and knows no rule.
//!
//! It never refuses anything: what is not ordinary for certain it gives back, and the Python definition decides that.

pub mod checks;
pub mod instants;
pub mod json;
pub mod judging;
pub mod model;
mod reader;
pub mod records;

use std::cell::RefCell;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// What Python and this agree on; another number is another agreement, and this is not used then.
const AGREEMENT: u32 = 7;

thread_local! {
    static PANICKED_AT: RefCell<Option<(String, u32)>> = const { RefCell::new(None) };
}

/// A panic as an ordinary error that says where it was, and not what a record holds.
fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let (file, line) = PANICKED_AT.take().unwrap_or_else(|| ("an unknown place".to_owned(), 0));
        Err(PyRuntimeError::new_err(format!("the native part panicked in {file}, line {line}")))
    })
}

#[pymodule]
fn signal_engine_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // The default hook prints messages, and those of the standard library quote texts.
    set_hook(Box::new(|panic| {
        PANICKED_AT.set(panic.location().map(|at| (at.file().to_owned(), at.line())));
    }));
    module.add("AGREEMENT", AGREEMENT)?;
    module.add_class::<reader::Reader>()?;
    module.add_class::<judging::Judge>()?;
    module.add_class::<judging::Held>()?;
    module.add_class::<judging::Events>()?;
    module.add_class::<records::RecordBatch>()?;
    module.add_class::<records::TakenRecords>()?;
    module.add_class::<records::Records>()?;
    module.add_function(wrap_pyfunction!(judging::arithmetic, module)?)?;
    module.add_function(wrap_pyfunction!(judging::partition, module)?)
}
