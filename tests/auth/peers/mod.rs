//! The schemes against servers that others wrote: each goes through a released connector and the
//! engine, is told the truth about a wrong secret, and shows no secret on the way.

mod authlib;
mod authlib_oauth1;
mod digest;
mod glewlwyd;
mod keys;
mod moto;
mod nginx;
mod node_red;
mod oidc;
mod oidc_device;
mod openbao;
mod radicale;
mod signatures;
