//! What a client may take. Every limit has its reason; reaching one is said in the answer.

use std::time::Duration;

/// Connections open at once: a browser opens six a page, so this is some forty pages; past it new ones wait in the
/// listener's own queue.
pub const MAX_CONNECTIONS: usize = 256;

/// Bytes of a request's line and headers. Browsers send 1 to 2 KiB; the rest is for a long search.
pub const MAX_HEAD_BYTES: usize = 32 * 1_024;

/// Headers of a request. Browsers send about 15.
pub const MAX_HEADERS: usize = 64;

/// Bytes of a request's target. A search of 8 KiB, percent-encoded, with its parameters.
pub const MAX_TARGET_BYTES: usize = 28 * 1_024;

/// Time to send a request's head, and to keep a connection without one: slow senders must not hold all connections.
pub const HEAD_TIME_LIMIT: Duration = Duration::from_secs(15);

/// Time until an answer begins. Nobody waits longer for a page, and a proxy or a browser would give up by itself.
pub const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(60);

/// Operations over many events at once. Each uses several threads and up to the store's memory limit.
pub const HEAVY_AT_ONCE: usize = 4;

/// Operations over many events that wait for their turn: two pages of the console ask for about ten each.
pub const HEAVY_WAITING: usize = 32;

/// Operations on the catalogue alone at once; they take milliseconds.
pub const LIGHT_AT_ONCE: usize = 8;

/// Operations on the catalogue alone that wait for their turn.
pub const LIGHT_WAITING: usize = 64;

/// Requests at once for the answer about the whole store. One works it out and the others wait for that one, each on a
/// thread of its own, apart from searches so that those go on meanwhile.
pub const WHOLE_AT_ONCE: usize = 8;

/// Requests for the answer about the whole store that wait without a thread.
pub const WHOLE_WAITING: usize = 64;

/// Pieces of an export that are ready before the client took them; a piece has at most a few thousand rows.
pub const EXPORT_PIECES_READY: usize = 4;

/// Time for a client to take a piece of an export: one that stopped reading must not hold the place of a search.
pub const EXPORT_STALL_LIMIT: Duration = Duration::from_secs(30);

/// When a client that was turned away may ask again, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 2;

/// Time that open requests are given to end when the server is told to stop.
pub const STOP_TIME_LIMIT: Duration = Duration::from_secs(5);
