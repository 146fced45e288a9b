//! A long list, page by page: from a position to the request of its page ([`request`]), and from the
//! answer to its rows and the next position ([`turn`]). Sends nothing, and keeps nothing but the
//! [`Position`], which is plain data of bounded size.

mod check;
mod link;
mod next_url;
mod position;
mod request;
mod seen;
mod turn;

pub(crate) use check::check;
pub use position::{Position, Wanted};
pub use request::{PageRequest, page_request};
pub use turn::{Page, PageAnswer, turn};
