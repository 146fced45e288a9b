//! What must hold whoever attacks and whatever breaks.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod api;
mod fuzz;
mod knocks;
mod leak;
mod marks;
mod service;
mod surfaces;
mod world;
