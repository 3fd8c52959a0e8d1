//! Hunts written as text: each file in `tests/fixtures/scenarios` is one test.

use std::path::Path;

use sekisho_hunt::HuntOptions;
use sekisho_hunt::scenario::Scenario;

#[test]
fn every_scenario_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() >= 35, "scenarios are there");
    let mut failures = Vec::new();
    for path in names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let result = scenario.run(HuntOptions::default()).unwrap();
        let mismatches = scenario.mismatches(&result);
        failures.extend(mismatches.into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
