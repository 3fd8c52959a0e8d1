//! The same options give the same bytes, on every machine and for ever.

use sekisho_demo::{DemoFile, Options, generate};
use sha2::{Digest, Sha256};

use crate::support::{Demo, small, whole};

/// Changes only with the generator; what is tuned on the demo must then be looked at again.
const AT_5: &str = "c6001e87e830ab5764fdf37041ef49fa44ea5daffc803f324036c1613bc4a7bc";
const AT_100: &str = "0810aec620f5fe5bfae480f480e210b74f0a3c58b5c45d6cb4987c117e16ae91";

fn digest(demo: &Demo) -> String {
    let mut hash = Sha256::new();
    for path in &demo.order {
        let (_, bytes) = &demo.files[path];
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.update(serde_json::to_vec(&demo.truth).unwrap());
    format!("{:x}", hash.finalize())
}

#[test]
fn the_small_demo_is_the_same_for_ever() {
    assert_eq!(digest(small()), digest(&Demo::at(5)));
    assert_eq!(digest(small()), AT_5);
}

#[test]
fn the_demo_is_the_same_for_ever_and_has_about_300_000_events() {
    let demo = whole();
    assert!(
        (280_000..=330_000).contains(&demo.truth.events),
        "{} events",
        demo.truth.events
    );
    assert!(
        (1_000..=6_000).contains(&demo.files.len()),
        "{} files",
        demo.files.len()
    );
    let largest = demo.files.values().map(|(_, bytes)| bytes.len()).max();
    assert!(largest < Some(4_000_000), "{largest:?} bytes in one file");
    assert_eq!(digest(demo), AT_100);
}

#[test]
fn another_seed_gives_other_bytes_of_the_same_kind() {
    let (ours, other) = (small(), Demo::of(Options { seed: 7, scale: 5 }));
    assert_ne!(digest(ours), digest(&other));
    assert_ne!(ours.truth.acts, other.truth.acts);
    let difference = ours.truth.events.abs_diff(other.truth.events);
    assert!(difference * 10 < ours.truth.events, "{difference}");
}

#[test]
fn normal_life_grows_with_the_scale_and_the_acts_do_not() {
    let (small, whole) = (small(), whole());
    // Services keep their hours at any scale.
    assert!(whole.truth.events > 5 * small.truth.events, "{}", small.truth.events);
    for (one, other) in small.truth.acts.iter().zip(&whole.truth.acts) {
        assert_eq!(small.rows_of(one), whole.rows_of(other), "{}", one.id);
        assert_eq!(
            (&one.from, &one.to, &one.session_keys),
            (&other.from, &other.to, &other.session_keys)
        );
    }
}

#[test]
fn a_refused_file_ends_it() {
    let mut given = 0;
    let result = generate(&Options::default(), &mut |_: DemoFile| {
        given += 1;
        if given == 3 { Err("full") } else { Ok(()) }
    });
    assert_eq!(result.unwrap_err(), "full");
    assert_eq!(given, 3);
}

#[test]
fn no_scale_is_too_small() {
    let events = Demo::at(0).truth.events;
    assert!((1_000..50_000).contains(&events), "{events}");
}
