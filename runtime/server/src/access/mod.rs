//! Who asks, and whether they may: one gate in front of everything under the API's root, and one table
//! that tells what each route demands. A route that is not in the table is refused, whoever asks.

pub mod caller;
pub mod cookie;
pub mod gate;
pub mod same_site;
pub mod table;

pub use caller::Caller;
