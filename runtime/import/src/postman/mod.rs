//! stub
use crate::draft::{Draft, Options};
use crate::error::ImportError;
pub fn read(_t: &str, _o: &Options) -> Result<Draft, ImportError> {
    Ok(Draft::default())
}
