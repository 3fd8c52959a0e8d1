//! The functions that our rules put into plans. None has a place in SQL: each belongs to one plan.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, Int32Array, Int64Array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, exec_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::texts::Texts;
use super::times::Times;
use super::values::{OfValue, Remembered, dictionary};

/// What a number stands for.
#[derive(Debug, Clone)]
pub(super) enum Code {
    /// A text.
    Text(Arc<Texts>),
    /// A time in UTC.
    Time(Arc<Times>),
}

impl Code {
    fn address(&self) -> usize {
        match self {
            Self::Text(texts) => Arc::as_ptr(texts) as usize,
            Self::Time(times) => Arc::as_ptr(times) as usize,
        }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

/// Returns what an expression of values is for each row of a column that is a dictionary.
pub(super) fn per_value(of: OfValue, column: Expr) -> Expr {
    call(
        PerValue {
            of,
            remembered: Remembered::default(),
            signature: any(1),
        },
        vec![column],
    )
}

/// Returns the code of the text that an expression of values is for each row; `of` is `None` for the values themselves.
pub(super) fn code_of_text(texts: &Arc<Texts>, of: Option<OfValue>, column: Expr) -> Expr {
    call(
        CodeOfText {
            texts: Arc::clone(texts),
            of,
            remembered: Remembered::default(),
            signature: any(1),
        },
        vec![column],
    )
}

/// Returns the code of a time.
pub(super) fn code_of_time(times: &Arc<Times>, time: Expr) -> Expr {
    call(
        CodeOfTime {
            times: Arc::clone(times),
            signature: any(1),
        },
        vec![time],
    )
}

/// Returns what a code stands for.
pub(super) fn meaning_of(code: Code, number: Expr) -> Expr {
    call(
        MeaningOf {
            code,
            signature: any(1),
        },
        vec![number],
    )
}

/// Returns the code of which `expr` is the meaning, if it is one.
pub(super) fn code_in(expr: &Expr) -> Option<(Code, &Expr)> {
    let Expr::ScalarFunction(function) = expr else {
        return None;
    };
    let meaning = function.func.inner().downcast_ref::<MeaningOf>()?;
    Some((meaning.code.clone(), function.args.first()?))
}

/// Returns two codes as one number.
pub(super) fn pair(high: Expr, low: Expr) -> Expr {
    call(Pair { signature: any(2) }, vec![high, low])
}

/// Returns one code of a pair.
pub(super) fn part(part: Part, pair: Expr) -> Expr {
    call(
        PartOf {
            part,
            signature: any(1),
        },
        vec![pair],
    )
}

fn call(function: impl ScalarUDFImpl + 'static, arguments: Vec<Expr>) -> Expr {
    ScalarUDF::new_from_impl(function).call(arguments)
}

fn any(arguments: usize) -> Signature {
    Signature::any(arguments, Volatility::Immutable)
}

fn array(arguments: &ScalarFunctionArgs, position: usize) -> Result<ArrayRef, DataFusionError> {
    arguments
        .args
        .get(position)
        .ok_or_else(|| exec_datafusion_err!("an argument is missing"))?
        .to_array(arguments.number_rows)
}

#[derive(Debug)]
struct PerValue {
    of: OfValue,
    remembered: Remembered<Results>,
    signature: Signature,
}

/// What an expression is for each value of a dictionary, and at the end for null.
#[derive(Debug)]
struct Results {
    each: ArrayRef,
    /// Where a condition is the same for all of them: most dictionaries do not hold the value that is looked for.
    same: Option<bool>,
}

impl Results {
    fn new(each: ArrayRef) -> Self {
        let same = each
            .as_boolean_opt()
            .filter(|each| each.null_count() == 0)
            .and_then(|each| match each.true_count() {
                0 => Some(false),
                count if count == each.len() => Some(true),
                _ => None,
            });
        Self { each, same }
    }

    /// Returns the results of rows.
    fn of(&self, rows: &DictionaryArray<Int32Type>) -> Result<ArrayRef, DataFusionError> {
        if let Some(same) = self.same {
            let all = match same {
                true => BooleanBuffer::new_set(rows.len()),
                false => BooleanBuffer::new_unset(rows.len()),
            };
            return Ok(Arc::new(BooleanArray::new(all, None)));
        }
        if rows.keys().null_count() == 0 {
            return Ok(take(&self.each, rows.keys(), None)?);
        }
        let null = i32::try_from(rows.values().len()).unwrap_or(i32::MAX);
        let keys: Int32Array = rows.keys().iter().map(|key| Some(key.unwrap_or(null))).collect();
        Ok(take(&self.each, &keys, None)?)
    }
}

impl PartialEq for PerValue {
    fn eq(&self, other: &Self) -> bool {
        self.of.logical == other.of.logical
    }
}

impl Eq for PerValue {}

impl Hash for PerValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.of.logical.hash(state);
    }
}

impl ScalarUDFImpl for PerValue {
    fn name(&self) -> &'static str {
        "per_value"
    }

    fn schema_name(&self, arguments: &[Expr]) -> Result<String, DataFusionError> {
        let arguments: Vec<String> = arguments.iter().map(|expr| expr.schema_name().to_string()).collect();
        Ok(format!("per_value({}, {})", self.of.logical, arguments.join(", ")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(self.of.data_type.clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let column = array(&arguments, 0)?;
        let rows = dictionary(&column)?;
        let values = rows.values();
        let results = match self.remembered.take(values) {
            Some(results) => results,
            None => Results::new(self.of.of(values)?),
        };
        let found = results.of(rows)?;
        self.remembered.put(values, results);
        Ok(ColumnarValue::Array(found))
    }
}

/// The codes of a dictionary's values, worked out as rows need them.
#[derive(Debug)]
struct Codes {
    /// The texts, `None` where the values are the texts.
    texts: Option<ArrayRef>,
    /// By value, and at the end for null.
    codes: Vec<i32>,
}

/// The code of a value that no row needed yet.
const UNSEEN: i32 = -2;

/// The code of a value that has no text.
const NO_TEXT: i32 = -1;

#[derive(Debug)]
struct CodeOfText {
    texts: Arc<Texts>,
    of: Option<OfValue>,
    remembered: Remembered<Codes>,
    signature: Signature,
}

impl PartialEq for CodeOfText {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.texts, &other.texts)
    }
}

impl Eq for CodeOfText {}

impl Hash for CodeOfText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.texts) as usize).hash(state);
    }
}

impl CodeOfText {
    fn begin(&self, values: &ArrayRef) -> Result<Codes, DataFusionError> {
        let texts = self.of.as_ref().map(|of| of.of(values)).transpose()?;
        let mut codes = vec![UNSEEN; values.len() + 1];
        if let (None, Some(null)) = (&texts, codes.last_mut()) {
            *null = NO_TEXT;
        }
        Ok(Codes { texts, codes })
    }

    /// Gives every value that a row needs a code.
    fn complete(&self, values: &ArrayRef, known: &mut Codes, keys: &[i32]) -> Result<(), DataFusionError> {
        let Codes { texts, codes } = known;
        let mut needed = Vec::new();
        for key in keys {
            if let Some(code) = codes.get_mut(*key as usize)
                && *code == UNSEEN
            {
                *code = NO_TEXT;
                needed.push(*key as usize);
            }
        }
        if needed.is_empty() {
            return Ok(());
        }
        let texts: &dyn Array = texts.as_deref().unwrap_or(values);
        needed.retain(|value| texts.is_valid(*value));
        let mut place = needed.iter();
        let set = |code: i32| {
            if let Some(slot) = place.next().and_then(|value| codes.get_mut(*value)) {
                *slot = code;
            }
        };
        match (texts.as_string_view_opt(), texts.as_string_opt::<i32>()) {
            (Some(texts), _) => self.texts.codes_of(needed.iter().map(|value| texts.value(*value)), set),
            (_, Some(texts)) => self.texts.codes_of(needed.iter().map(|value| texts.value(*value)), set),
            _ => Err(exec_datafusion_err!("texts were expected, not {}", texts.data_type())),
        }
    }
}

impl ScalarUDFImpl for CodeOfText {
    fn name(&self) -> &'static str {
        "code_of_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let column = array(&arguments, 0)?;
        let rows = dictionary(&column)?;
        let values = rows.values();
        let mut known = match self.remembered.take(values) {
            Some(known) => known,
            None => self.begin(values)?,
        };
        let null = i32::try_from(values.len()).unwrap_or(i32::MAX);
        let with_nulls: Vec<i32>;
        let keys: &[i32] = match rows.keys().nulls() {
            None => rows.keys().values(),
            Some(_) => {
                with_nulls = rows.keys().iter().map(|key| key.unwrap_or(null)).collect();
                &with_nulls
            }
        };
        self.complete(values, &mut known, keys)?;
        let code_of = |key: &i32| known.codes.get(*key as usize).copied().unwrap_or(NO_TEXT);
        let codes: Vec<i32> = keys.iter().map(code_of).collect();
        self.remembered.put(values, known);
        let is_text: Option<NullBuffer> = codes
            .contains(&NO_TEXT)
            .then(|| codes.iter().map(|code| *code != NO_TEXT).collect());
        Ok(ColumnarValue::Array(Arc::new(Int32Array::new(codes.into(), is_text))))
    }
}

#[derive(Debug)]
struct CodeOfTime {
    times: Arc<Times>,
    signature: Signature,
}

impl PartialEq for CodeOfTime {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.times, &other.times)
    }
}

impl Eq for CodeOfTime {}

impl Hash for CodeOfTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.times) as usize).hash(state);
    }
}

impl ScalarUDFImpl for CodeOfTime {
    fn name(&self) -> &'static str {
        "code_of_time"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let column = array(&arguments, 0)?;
        let times = column
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| exec_datafusion_err!("times were expected, not {}", column.data_type()))?;
        Ok(ColumnarValue::Array(Arc::new(self.times.codes_of(times))))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct MeaningOf {
    code: Code,
    signature: Signature,
}

impl ScalarUDFImpl for MeaningOf {
    fn name(&self) -> &'static str {
        "meaning_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(match self.code {
            Code::Text(_) => DataType::Utf8View,
            Code::Time(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let column = array(&arguments, 0)?;
        let codes = codes(&column)?;
        Ok(ColumnarValue::Array(match &self.code {
            Code::Text(texts) => texts.texts_of(codes)?,
            Code::Time(times) => Arc::new(times.times_of(codes).with_timezone("UTC")),
        }))
    }
}

fn codes(column: &ArrayRef) -> Result<&Int32Array, DataFusionError> {
    column
        .as_primitive_opt::<Int32Type>()
        .ok_or_else(|| exec_datafusion_err!("codes were expected, not {}", column.data_type()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Pair {
    signature: Signature,
}

impl ScalarUDFImpl for Pair {
    fn name(&self) -> &'static str {
        "pair"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let columns = [array(&arguments, 0)?, array(&arguments, 1)?];
        let (high, low) = (codes(&columns[0])?, codes(&columns[1])?);
        let joined = |high: i32, low: i32| (i64::from(high) << 32) | i64::from(low as u32);
        let pairs: Vec<i64> = if high.null_count() + low.null_count() == 0 {
            let both = high.values().iter().zip(low.values());
            both.map(|(high, low)| joined(*high, *low)).collect()
        } else {
            let both = high.iter().zip(low.iter());
            both.map(|(high, low)| joined(high.unwrap_or(NO_TEXT), low.unwrap_or(NO_TEXT)))
                .collect()
        };
        Ok(ColumnarValue::Array(Arc::new(Int64Array::from(pairs))))
    }
}

/// Which code of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    High,
    Low,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PartOf {
    part: Part,
    signature: Signature,
}

impl ScalarUDFImpl for PartOf {
    fn name(&self) -> &'static str {
        match self.part {
            Part::High => "first_of_pair",
            Part::Low => "second_of_pair",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let column = array(&arguments, 0)?;
        let pairs = column
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| exec_datafusion_err!("pairs were expected, not {}", column.data_type()))?;
        let shift = match self.part {
            Part::High => 32,
            Part::Low => 0,
        };
        let codes: Int32Array = pairs
            .iter()
            .map(|pair| pair.map(|pair| (pair >> shift) as i32).filter(|code| *code != NO_TEXT))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(codes)))
    }
}
