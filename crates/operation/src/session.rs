//! `session`: the tree of a login, from its key or from the key of one of its sessions.

use sekisho_event::common::{self, EVENTS};
use sekisho_event::time::Range;
use sekisho_store::ScanRange;

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::inputs::ReadReport;
use crate::source::{Source, open_store, visible_events, visit};
