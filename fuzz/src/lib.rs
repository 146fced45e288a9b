//! What the fuzz targets share: the generator of scripts and the driver of the property tests, and
//! values of every kind. Each target says in its first lines what must never happen.

#[path = "../../lang/tests/driven/mod.rs"]
pub mod driven;
#[path = "../../lang/tests/generator/mod.rs"]
pub mod generator;
pub mod values;
