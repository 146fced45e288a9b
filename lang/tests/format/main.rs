//! The formatter: what it writes, that it changes no meaning, loses no comment, and is content with its own
//! work; over written cases, every script of the repository, and generated ones.

mod corpus;
mod generated;
mod style;
