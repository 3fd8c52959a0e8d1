//! How often chance alone looks like a loss, and how often a loss is seen, on simulated traffic.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use sekisho_event::time::{MICROS_PER_HOUR, Range, parse_instant};
use sekisho_hunt::{Hunt, HuntOptions, HuntResult, Matcher, lists};

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
    let start = parse_instant("2025-11-03T00:00:00Z", None).unwrap();
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
