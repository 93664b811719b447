//! Any bytes as a batch of Kafka's records: nothing panics, and each record is what a naive reading makes of the same bytes.

#![no_main]

#[path = "../../tests/measure/batches.rs"]
mod batches;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|batch: &[u8]| {
    let _ = batches::walked(batch);
});
