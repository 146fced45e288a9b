//! The inputs of an API in the order in which its author declared them.

use crate::connector::Input;
use crate::ordered::Ordered;

/// Inputs by name, in declared order.
pub type Inputs = Ordered<Input>;
