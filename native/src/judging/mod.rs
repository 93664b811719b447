//! Judges the events of accounts about which people decided nothing as `core/flow.py` does, on flat states. What alerts say,
//! and what is not ordinary, is Python's.

mod account;
mod batch;
mod calls;
mod deciding;
mod events;
mod evidence;
mod fit;
mod flow;
mod held;
mod ids;
mod judge;
mod levels;
mod numbers;
mod policy;
mod questions;
mod replay;
mod score;
mod stored;
mod taking;
mod writing;

pub use account::Account;
pub use calls::Audience;
pub use events::Events;
pub use fit::class;
pub use flow::{apply, screened, Outcome, Signal};
pub use held::{Held, Hold};
pub use ids::id_hash;
pub use judge::{arithmetic, partition, Judge};
pub use policy::{Group, KindPolicy, Policy, Threshold};
pub use questions::Persona;
pub use score::{evaluate, IsNamed, Score};
pub use stored::{decode, encode};
