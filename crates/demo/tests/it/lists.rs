//! The published lists load without a remark, and the second version holds the first.

use std::collections::BTreeSet;

use sekisho_demo::{allow_list, indicator_list};
use sekisho_hunt::{AllowList, IndicatorList, lists};

fn list(version: u8) -> IndicatorList {
    lists::parse("list.yaml", indicator_list(version).unwrap().as_bytes()).unwrap()
}

fn indicators(version: u8) -> BTreeSet<String> {
    list(version)
        .indicators
        .iter()
        .map(|indicator| format!("{:?} {}", indicator.kind, indicator.label()))
        .collect()
}

#[test]
fn the_second_version_holds_the_first() {
    let (first, second) = (indicators(1), indicators(2));
    assert_eq!((first.len(), second.len()), (7, 11));
    assert!(first.is_subset(&second));
    assert!(indicator_list(0).is_none() && indicator_list(3).is_none());
}

#[test]
fn the_allow_list_names_the_app_and_its_networks() {
    let list = AllowList::parse("allow.yaml", allow_list().as_bytes()).unwrap();
    assert_eq!(list.apps, ["Tsumugi Connect"]);
    assert_eq!(list.ranges.len(), 2);
}
