//! Tests of the store from outside.

mod conformance;
mod crash;
mod damage;
mod opening;
