//! The library that makes calls fail (`tests/faults/shim.c`): built by the tests, loaded into the child alone.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const CONTROL: &str = "SEKISHO_FAULT_CONTROL";
const ROOT: &str = "SEKISHO_FAULT_ROOT";
const STASH: &str = "SEKISHO_FAULT_STASH";

/// The bytes of `struct control`.
const CONTROL_BYTES: usize = 496;
const WORDS: usize = 10;
const AT: usize = 4;
const FIRED: usize = 8;
const CUT_NOW: usize = 9;

/// What the calls that are counted together have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calls {
    /// They change files or folders, or make changes durable.
    Change,
    Read,
    /// They write data.
    Data,
    Sync,
}

/// What becomes of the call that is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Eio,
    Enospc,
    /// Half of the bytes are written, and the call says so.
    ShortWrite,
    /// Half of the bytes are written, and the call says that the disk is full.
    PartThenEnospc,
    KillBefore,
    KillAfter,
    /// A random part of the bytes is written, then the process is killed.
    TornWrite,
    /// What is not durable is lost, then the process is killed.
    PowerCut,
    /// This call and all later ones that need room fail.
    FullDisk,
    /// The sync fails, and no later one makes up for it.
    LostSync,
}

/// Which call is hit, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) fault: Fault,
    pub(crate) calls: Calls,
    /// From 1; 0 is none.
    pub(crate) at: u64,
    pub(crate) seed: u64,
}

impl Plan {
    pub(crate) const NONE: Self = Self {
        fault: Fault::None,
        calls: Calls::Change,
        at: 0,
        seed: 0,
    };
}

/// What the library saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    counts: [u64; 4],
    pub(crate) fired: u64,
    /// The call that was hit first, and its file.
    pub(crate) hit: String,
}

impl Seen {
    pub(crate) fn count(&self, calls: Calls) -> u64 {
        self.counts[calls as usize]
    }
}

/// The built library.
#[derive(Debug)]
pub(crate) struct Shim {
    _dir: tempfile::TempDir,
    library: PathBuf,
}

impl Shim {
    /// Builds the library; says that `test` is skipped where there is no compiler.
    pub(crate) fn build(test: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("faults.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let built = Command::new("cc")
            .args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .status();
        match built {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                println!("skipped: {test}: no C compiler");
                None
            }
            built => {
                assert!(built.unwrap().success(), "the library does not build");
                Some(Self { _dir: dir, library })
            }
        }
    }

    /// Loads the library into `command` for calls below `root`; `control` and `stash` lie elsewhere on the same disk.
    pub(crate) fn load(&self, command: &mut Command, root: &Path, control: &Path, stash: &Path) {
        command
            .env("LD_PRELOAD", &self.library)
            .env(ROOT, root)
            .env(STASH, stash)
            .env(CONTROL, control);
    }
}

/// Writes the settings of a run.
pub(crate) fn set(control: &Path, plan: Plan) {
    let mut words = [0u64; WORDS];
    words[AT..AT + 4].copy_from_slice(&[plan.at, plan.calls as u64, plan.fault as u64, plan.seed]);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    bytes.resize(CONTROL_BYTES, 0);
    std::fs::write(control, bytes).unwrap();
}

pub(crate) fn seen(control: &Path) -> Seen {
    let bytes = std::fs::read(control).unwrap();
    let word = |index: usize| u64::from_ne_bytes(bytes[index * 8..index * 8 + 8].try_into().unwrap());
    let text = |from: usize, to: usize| {
        let part = &bytes[from..to];
        let end = part.iter().position(|byte| *byte == 0).unwrap_or(part.len());
        String::from_utf8_lossy(&part[..end]).into_owned()
    };
    let head = WORDS * 8;
    Seen {
        counts: [word(0), word(1), word(2), word(3)],
        fired: word(FIRED),
        hit: format!("{} {}", text(head, head + 16), text(head + 16, CONTROL_BYTES)),
    }
}

/// The child's side of the control file.
#[derive(Debug)]
pub(crate) struct Switch(File);

impl Switch {
    pub(crate) fn open() -> Self {
        let path = std::env::var_os(CONTROL).unwrap();
        Self(OpenOptions::new().write(true).open(path).unwrap())
    }

    /// Lets no call fail any more.
    pub(crate) fn mend(&self) {
        self.put(AT, 0);
    }

    /// Makes the next changing call a power cut.
    pub(crate) fn cut_power(&self) {
        self.put(CUT_NOW, 1);
    }

    fn put(&self, word: usize, value: u64) {
        self.0.write_all_at(&value.to_ne_bytes(), word as u64 * 8).unwrap();
    }
}
