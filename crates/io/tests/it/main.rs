//! Opening files as their users hand them over, and as an attacker would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read what they made themselves"
)]

mod directories;
mod hostile;
mod make;
mod packed;
mod whole;
