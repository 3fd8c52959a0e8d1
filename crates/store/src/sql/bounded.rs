//! Functions whose result can be far larger than their arguments. The engine's memory pool does not see them work, so
//! they get a bound of their own or are left out.

use arrow::array::{Array, AsArray};
use arrow::compute::{cast, max};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// The bytes such a function may make of one batch: thousands for every row of a full batch.
const MAX_FUNCTION_BYTES: u64 = 64 * 1024 * 1024;

/// The bytes of the widest character that padding may repeat.
const WIDEST_CHAR_BYTES: u64 = 4;

/// Functions that make lists as long as a number says. Nothing that is asked of events needs them; the table functions
/// of the same names make their rows one batch at a time and stay.
const LIST_MAKERS: [&str; 10] = [
    "generate_series",
    "range",
    "gen_series",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "space",
    "make_range",
    "array_fill",
];

/// Functions that make text as long as a number says.
const TEXT_MAKERS: [&str; 3] = ["repeat", "lpad", "rpad"];

/// Bounds or removes the functions of a session that could make huge values.
pub(super) fn bound_functions(context: &SessionContext) {
    for name in LIST_MAKERS {
        context.deregister_udf(name);
    }
    for name in TEXT_MAKERS {
        let inner = context
            .state()
            .scalar_functions()
            .get(name)
            .map(|function| function.as_ref().clone());
        if let Some(inner) = inner {
            context.register_udf(ScalarUDF::new_from_impl(Bounded { inner }));
        }
    }
}

/// A function of text and a number, with a bound on what it makes.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: ScalarUDF,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        self.inner.return_type(arguments)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef, DataFusionError> {
        self.inner.return_field_from_args(arguments)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        self.inner.inner().coerce_types(types)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let rows = arguments.number_rows as u64;
        let count = arguments.args.get(1).map_or(Ok(0), greatest)?;
        let unit = match (self.inner.name(), arguments.args.first()) {
            ("repeat", Some(text)) => text_bytes(text, rows)?,
            _ => rows.saturating_mul(WIDEST_CHAR_BYTES),
        };
        if count.saturating_mul(unit) > MAX_FUNCTION_BYTES {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "{} would make more than {MAX_FUNCTION_BYTES} bytes at once",
                self.inner.name()
            )));
        }
        self.inner.invoke_with_args(arguments)
    }
}

/// Returns the greatest number in `value`, 0 where there is none above.
fn greatest(value: &ColumnarValue) -> Result<u64, DataFusionError> {
    let greatest = match value.cast_to(&DataType::Int64, None)? {
        ColumnarValue::Scalar(ScalarValue::Int64(number)) => number,
        ColumnarValue::Array(numbers) => numbers.as_primitive_opt::<Int64Type>().and_then(max),
        ColumnarValue::Scalar(_) => None,
    };
    Ok(greatest.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

/// Returns the bytes of text in `rows` rows of `value`.
fn text_bytes(value: &ColumnarValue, rows: u64) -> Result<u64, DataFusionError> {
    let (array, times) = match value {
        ColumnarValue::Array(array) => (array.clone(), 1),
        ColumnarValue::Scalar(scalar) => (scalar.to_array()?, rows),
    };
    let text = cast(&array, &DataType::Utf8)?;
    let bytes = text
        .as_string_opt::<i32>()
        .map_or(0, |text| (0..text.len()).map(|row| text.value_length(row)).sum());
    Ok(u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(times))
}
