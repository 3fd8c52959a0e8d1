//! `date_trunc` of times in UTC, where an hour and a day are numbers of microseconds and no calendar is needed. The
//! engine has that way for times without a zone alone; with one it asks the calendar row by row, some 50 times slower.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, FieldRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// The function's name in SQL.
const NAME: &str = "date_trunc";

/// The zone of every stored time.
const UTC: &str = "UTC";

/// Puts our way of truncating in the place of the engine's.
pub(super) fn register(context: &SessionContext) {
    let inner = context
        .state()
        .scalar_functions()
        .get(NAME)
        .map(|function| function.as_ref().clone());
    if let Some(inner) = inner {
        context.register_udf(ScalarUDF::new_from_impl(InUtc { inner }));
    }
}

/// The engine's function, given times in UTC as times without a zone.
#[derive(Debug, PartialEq, Eq, Hash)]
struct InUtc {
    inner: ScalarUDF,
}

impl ScalarUDFImpl for InUtc {
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

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties, DataFusionError> {
        self.inner.inner().output_ordering(inputs)
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let Some(bare) = arguments.args.get(1).and_then(without_zone) else {
            return self.inner.invoke_with_args(arguments);
        };
        if let Some(times) = arguments.args.get_mut(1) {
            *times = ColumnarValue::Array(bare);
        }
        // Not the function around it, which holds the result against the type that was promised.
        let truncated = self.inner.inner().invoke_with_args(arguments)?;
        let ColumnarValue::Array(times) = &truncated else {
            return Ok(truncated);
        };
        Ok(match times.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => ColumnarValue::Array(Arc::new(times.clone().with_timezone(UTC))),
            None => truncated,
        })
    }
}

/// Returns a column of times in UTC as times without a zone.
fn without_zone(value: &ColumnarValue) -> Option<ArrayRef> {
    let ColumnarValue::Array(times) = value else {
        return None;
    };
    let DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) = times.data_type() else {
        return None;
    };
    let times = times.as_primitive_opt::<TimestampMicrosecondType>()?;
    (&**zone == UTC).then(|| Arc::new(times.clone().with_timezone_opt(None::<Arc<str>>)) as ArrayRef)
}
