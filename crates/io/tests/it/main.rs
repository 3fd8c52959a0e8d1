//! Opening files as their users hand them over, and as an attacker would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "tests read what they wrote themselves")]

mod directories;
mod hostile;
mod make;
mod packed;
mod whole;
