//! The readers of foreign descriptions, over small files that show one thing each.
