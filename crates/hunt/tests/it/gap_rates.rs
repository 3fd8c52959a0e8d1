//! How often chance alone looks like a loss, and how often a loss is seen, on simulated traffic.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use sekisho_event::time::{MICROS_PER_HOUR, Range, parse_instant};
use sekisho_hunt::{Hunt, HuntOptions, HuntResult, Matcher, Verdict, lists};

const DAYS: i64 = 28;

/// A small generator, so that figures are the same on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A Poisson count.
    fn count(&mut self, rate: f64) -> u64 {
        let limit = (-rate).exp();
        let (mut product, mut count) = (self.next(), 0);
        while product > limit {
            product *= self.next();
            count += 1;
        }
        count
    }
}

/// Four weeks of a table that works from 8 to 20 hours on weekdays at `rate`, and at a tenth of it otherwise.
fn hours(rate: f64, seed: u64) -> Vec<u64> {
    let mut chance = Chance(seed);
    (0..DAYS * 24)
        .map(|hour| {
            let is_weekday = hour / 24 % 7 < 5;
            let is_day = (8..20).contains(&(hour % 24));
            chance.count(if is_weekday && is_day { rate } else { rate / 10.0 })
        })
        .collect()
}

fn hunt(hours: &[u64], table: &str, has_hourly_files: bool) -> HuntResult {
    hunt_from("2025-11-03T00:00:00Z", hours, table, has_hourly_files)
}

fn hunt_from(start: &str, hours: &[u64], table: &str, has_hourly_files: bool) -> HuntResult {
    let start = parse_instant(start, None).unwrap();
    let mut times = Vec::new();
    let mut files = Vec::new();
    for (hour, &count) in (0i64..).zip(hours) {
        for number in 0..count as i64 {
            times.push(start + hour * MICROS_PER_HOUR + number * MICROS_PER_HOUR / (count as i64 + 1));
            files.push(if has_hourly_files {
                format!("f{hour}")
            } else {
                "all".to_owned()
            });
        }
    }
    let same =
        |text: &str| -> ArrayRef { Arc::new(times.iter().map(|_| Some(text)).collect::<DictionaryArray<Int32Type>>()) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("org", same("A")),
        ("table", same(table)),
        ("src_ip", same("203.0.113.1")),
        (
            "file",
            Arc::new(
                files
                    .iter()
                    .map(|file| Some(file.as_str()))
                    .collect::<DictionaryArray<Int32Type>>(),
            ),
        ),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(times.clone()).with_timezone("UTC")),
        ),
    ];
    let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = columns.iter().map(|(name, _)| {
        let ty = if *name == "time" {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        } else {
            text.clone()
        };
        Field::new(*name, ty, true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(schema, columns.iter().map(|(_, column)| Arc::clone(column)).collect()).unwrap();
    let matcher = Matcher::new(&[lists::parse("l.txt", b"192.0.2.7").unwrap()]).unwrap();
    let mut hunt = Hunt::new(&matcher, Range::default(), HuntOptions::default());
    hunt.push(&batch).unwrap();
    hunt.finish()
}

const SEEDS: u64 = 25;

fn tables_with_gaps(rate: f64, has_hourly_files: bool) -> usize {
    (0..SEEDS)
        .filter(|&seed| {
            let result = hunt(&hours(rate, seed), "salesforce.ApiEvent", has_hourly_files);
            result.coverage.iter().any(|table| table.gap_count > 0)
        })
        .count()
}

#[test]
fn chance_alone_is_rarely_a_loss() {
    for rate in [0.2, 1.0, 3.0, 10.0, 50.0] {
        let streams = tables_with_gaps(rate, false);
        let files = tables_with_gaps(rate, true);
        println!(
            "rate {rate}: of {SEEDS} tables of four weeks, {streams} streams and {files} tables of hourly files have a false gap"
        );
        assert!(streams <= 1, "rate {rate}: {streams} streams");
        assert!(files <= 4, "rate {rate}: {files} tables of hourly files");
    }
}

#[test]
fn a_lost_working_hour_of_a_busy_table_is_always_seen() {
    // Wednesday of the second week, 11 hours.
    let lost = (9 * 24 + 11) as usize;
    for (rate, has_hourly_files) in [(20.0, true), (40.0, false)] {
        for seed in 0..SEEDS {
            let mut hours = hours(rate, seed);
            hours[lost] = 0;
            let result = hunt(&hours, "salesforce.ApiEvent", has_hourly_files);
            let gaps = &result.coverage[0].gaps;
            assert!(
                gaps.iter().any(|gap| gap.from.0 % MICROS_PER_HOUR == 0),
                "rate {rate}, seed {seed}: {gaps:?}"
            );
        }
    }
}

/// A Monday.
const MONDAY: &str = "2025-11-10T00:00:00Z";

#[test]
fn a_hole_in_a_table_that_never_sleeps_is_seen_however_little_history_there_is() {
    let mut failures = Vec::new();
    for days in 1..=10usize {
        for (first_hour, length) in [(9, 6), (3, 6), (14, 3), (20, 24), (30, 24)] {
            // The hole ends before the last hours of the data, so that it is a hole and not the end.
            let Some(from) = (days * 24).checked_sub(first_hour + length).filter(|&from| from > 8) else {
                continue;
            };
            for (start, rate) in [(MONDAY, 60.0), ("2025-11-13T00:00:00Z", 60.0), (MONDAY, 20.0)] {
                let mut even = vec![rate as u64; days * 24];
                let mut chance = Chance(days as u64);
                let mut uneven: Vec<u64> = (0..days * 24).map(|_| chance.count(rate)).collect();
                for hours in [&mut even, &mut uneven] {
                    hours[from..from + length].fill(0);
                    let result = hunt_from(start, hours, "salesforce.ApiEvent", false);
                    let is_seen = result.verdict == Verdict::Inconclusive && result.coverage[0].gap_count == 1;
                    if !is_seen {
                        failures.push(format!("{start}, {days} days, {length} hours from {from}, rate {rate}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A table that works from `first` to `last` hours of UTC on days that are not a weekend of `zone_hours` east of it,
/// and is silent otherwise.
fn office_hours(rate: f64, days: i64, start_day: i64, zone_hours: i64, seed: u64) -> Vec<u64> {
    let mut chance = Chance(seed);
    (0..days * 24)
        .map(|hour| {
            let local = hour + start_day * 24 + zone_hours;
            let is_open = local.div_euclid(24).rem_euclid(7) < 5 && (8..20).contains(&local.rem_euclid(24));
            if is_open { chance.count(rate) } else { 0 }
        })
        .collect()
}

#[test]
fn nights_and_weekends_of_a_young_office_are_quiet() {
    let mut false_gaps = Vec::new();
    let mut total = 0;
    for zone_hours in [0, 1, 9, -5, -8] {
        for days in 3..=14 {
            for start_day in 0..7 {
                for rate in [5.0, 20.0, 60.0] {
                    let hours = office_hours(rate, days, start_day, zone_hours, 7 * days as u64);
                    if hours.iter().all(|&count| count == 0) {
                        continue;
                    }
                    let start = format!("2025-11-{}T00:00:00Z", 10 + start_day);
                    let result = hunt_from(&start, &hours, "salesforce.ApiEvent", false);
                    total += 1;
                    if let Some(gap) = result.coverage[0].gaps.first() {
                        let from = (gap.from.0 - parse_instant(&start, None).unwrap()) / MICROS_PER_HOUR;
                        let to = (gap.to.0 - parse_instant(&start, None).unwrap()) / MICROS_PER_HOUR;
                        false_gaps.push(format!(
                            "UTC{zone_hours:+}, {days} days from day {start_day}, rate {rate}: {from}..{to} {gap:?}"
                        ));
                    }
                }
            }
        }
    }
    println!("{} of {total} young offices have a false gap", false_gaps.len());
    assert!(false_gaps.is_empty(), "{}", false_gaps.join("\n"));
}

#[test]
fn a_lost_afternoon_of_a_young_office_is_seen() {
    let mut failures = Vec::new();
    for zone_hours in [0, 9, -5] {
        for days in 3..=9i64 {
            for rate in [20.0, 60.0] {
                // Of the second working day, from 11 to 17 hours.
                let from = (24 + 11 - zone_hours) as usize;
                let mut hours = office_hours(rate, days, 0, zone_hours, 11 * days as u64);
                hours[from..from + 6].fill(0);
                let result = hunt_from(MONDAY, &hours, "salesforce.ApiEvent", false);
                let start = parse_instant(MONDAY, None).unwrap() + from as i64 * MICROS_PER_HOUR;
                let gaps = &result.coverage[0].gaps;
                if gaps.len() != 1 || gaps[0].from.0 != start {
                    failures.push(format!("UTC{zone_hours:+}, {days} days, rate {rate}: {gaps:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn chance_alone_is_rarely_a_loss_with_little_history() {
    for rate in [0.2, 1.0, 3.0, 10.0, 50.0] {
        let mut with_gaps = 0;
        let mut total = 0;
        for days in 1..=10 {
            for seed in 0..10 {
                let hours = &hours(rate, seed)[..days * 24];
                let from_friday = &self::hours(rate, seed)[4 * 24..(4 + days) * 24];
                for (start, hours) in [(MONDAY, hours), ("2025-11-14T00:00:00Z", from_friday)] {
                    if hours.iter().all(|&count| count == 0) {
                        continue;
                    }
                    let result = hunt_from(start, hours, "salesforce.ApiEvent", false);
                    total += 1;
                    with_gaps += usize::from(result.coverage[0].gap_count > 0);
                }
            }
        }
        println!("rate {rate}: {with_gaps} of {total} young tables have a false gap");
        assert!(with_gaps * 100 <= total, "rate {rate}: {with_gaps} of {total}");
    }
}

#[test]
fn bursts_that_do_not_come_back_are_not_lost() {
    for days in 2..=8i64 {
        for hours_of_day in [&[2][..], &[2, 3, 4], &[1, 7, 13, 19]] {
            let mut hours = vec![0; (days * 24) as usize];
            for day in (0..days - 1).filter(|day| day % 2 == 0) {
                for hour in hours_of_day {
                    hours[day as usize * 24 + hour] = 500;
                }
            }
            hours[days as usize * 24 - 1] = 1;
            let result = hunt_from(MONDAY, &hours, "salesforce.ApiEvent", false);
            assert_eq!(result.coverage[0].gap_count, 0, "{days} days, {hours_of_day:?}");
        }
    }
}

#[test]
fn ten_years_of_rare_events_are_judged_in_seconds() {
    let mut chance = Chance(7);
    let hours: Vec<u64> = (0..10 * 365 * 24).map(|_| chance.count(0.3)).collect();
    let start = std::time::Instant::now();
    let result = hunt(&hours, "salesforce.LoginEvent", false);
    println!("ten years of rare events: {:?}", start.elapsed());
    assert_eq!(result.coverage[0].gap_count, 0);
    assert!(start.elapsed().as_secs() < 60, "even unoptimised");
}
