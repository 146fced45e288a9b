//! What more than one area of the tests needs.
