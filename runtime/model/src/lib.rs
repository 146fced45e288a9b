//! The nouns of Sluis. No I/O.
