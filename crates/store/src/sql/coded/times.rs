//! Times that repeat, such as days, as numbers.

use std::sync::{Mutex, PoisonError};

use arrow::array::{Int32Array, PrimitiveArray};
use arrow::datatypes::TimestampMicrosecondType;
use hashbrown::HashMap;

/// The distinct times of one column of a query: hours at the finest, so even a century of them is small.
#[derive(Debug, Default)]
pub(super) struct Times {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    times: Vec<i64>,
    codes: HashMap<i64, i32>,
}

impl Times {
    /// Returns the codes of times.
    pub(super) fn codes_of(&self, times: &PrimitiveArray<TimestampMicrosecondType>) -> Int32Array {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows next to each other are mostly of one day.
        let mut last: Option<(i64, i32)> = None;
        let mut code_of = |time: i64| match last {
            Some((other, code)) if other == time => code,
            _ => {
                let code = kept.code_of(time);
                last = Some((time, code));
                code
            }
        };
        let codes = times.values().iter().map(|time| code_of(*time)).collect::<Vec<i32>>();
        Int32Array::new(codes.into(), arrow::array::Array::nulls(times).cloned())
    }

    /// Returns the times of codes.
    pub(super) fn times_of(&self, codes: &Int32Array) -> PrimitiveArray<TimestampMicrosecondType> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let time_of = |code: i32| {
            usize::try_from(code)
                .ok()
                .and_then(|code| kept.times.get(code).copied())
        };
        codes.iter().map(|code| code.and_then(time_of)).collect()
    }
}

impl Kept {
    fn code_of(&mut self, time: i64) -> i32 {
        let next = i32::try_from(self.times.len()).unwrap_or(i32::MAX);
        let code = *self.codes.entry(time).or_insert(next);
        if code == next {
            self.times.push(time);
        }
        code
    }
}
