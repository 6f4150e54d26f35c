//! web

pub mod charts;
