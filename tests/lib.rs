//! What more than one area of the tests needs. The tests themselves stand in `<area>/main.rs`, one
//! target an area, declared in `Cargo.toml`.

pub mod packages;
pub mod peers;
pub mod place;
