//! `chaos`
fn main() {}
