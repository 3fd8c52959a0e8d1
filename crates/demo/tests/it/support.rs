//! A demo in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::OnceLock;

use sekisho_demo::{Act, GroundTruth, Options, generate};

/// Everything of one demo.
pub(crate) struct Demo {
    pub(crate) truth: GroundTruth,
    /// Org and lines by path.
    pub(crate) files: BTreeMap<String, (&'static str, Vec<u8>)>,
    /// Paths in the order in which they were handed over.
    pub(crate) order: Vec<String>,
}

/// Returns the demo as it is shown, made once for all tests.
pub(crate) fn whole() -> &'static Demo {
    static WHOLE: OnceLock<Demo> = OnceLock::new();
    WHOLE.get_or_init(|| Demo::of(Options::default()))
}

/// Returns a smaller one.
pub(crate) fn small() -> &'static Demo {
    static SMALL: OnceLock<Demo> = OnceLock::new();
    SMALL.get_or_init(|| Demo::at(5))
}

impl Demo {
    pub(crate) fn at(scale: u32) -> Self {
        Self::of(Options {
            scale,
            ..Options::default()
        })
    }

    pub(crate) fn of(options: Options) -> Self {
        let mut files = BTreeMap::new();
        let mut order = Vec::new();
        let truth = generate::<Infallible>(&options, &mut |file| {
            assert!(file.path.starts_with(&format!("{}/", file.org)), "{}", file.path);
            assert!(!file.bytes.is_empty(), "{}", file.path);
            let before = files.insert(file.path.clone(), (file.org, file.bytes));
            assert!(before.is_none(), "{} twice", file.path);
            order.push(file.path);
            Ok(())
        });
        let Ok(truth) = truth;
        Self { truth, files, order }
    }

    /// Returns a physical line, from 1.
    pub(crate) fn line(&self, path: &str, line: u64) -> &str {
        let (_, bytes) = &self.files[path];
        let text = std::str::from_utf8(bytes).unwrap();
        let index = usize::try_from(line).unwrap() - 1;
        text.split('\n')
            .nth(index)
            .unwrap_or_else(|| panic!("{path} has no line {line}"))
    }

    /// Returns the rows of an act as they stand in the files.
    pub(crate) fn rows_of(&self, act: &Act) -> Vec<String> {
        let mut rows: Vec<String> = places(act)
            .into_iter()
            .map(|(path, line)| self.line(&path, line).to_owned())
            .collect();
        rows.sort();
        rows
    }
}

/// Returns file and line of every row of an act.
pub(crate) fn places(act: &Act) -> Vec<(String, u64)> {
    act.events
        .iter()
        .flat_map(|lines| {
            let of_file = lines.lines.iter().flat_map(|[first, last]| *first..=*last);
            of_file.map(|line| (lines.file.clone(), line))
        })
        .collect()
}
