//! `ip_in_cidr(text, network)`: whether an address is of a network, for searches and for everyone's SQL.

use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use ipnet::IpNet;

/// The function's name in SQL.
const NAME: &str = "ip_in_cidr";

/// Gives a session the function.
pub(super) fn register(context: &SessionContext) {
    let signature = Signature::user_defined(Volatility::Immutable);
    context.register_udf(ScalarUDF::new_from_impl(InNetwork { signature }));
}

/// Whether one of the addresses that a text lists, with commas between them, is of a network. Text that is no address is
/// of none; IPv4 written as IPv6 is IPv4.
#[derive(Debug, PartialEq, Eq, Hash)]
struct InNetwork {
    signature: Signature,
}

impl ScalarUDFImpl for InNetwork {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Boolean)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        match types {
            [text, network] if is_text(text) && is_text(network) => Ok(vec![kept(text), DataType::Utf8]),
            _ => plan_err!("{NAME} takes a text and a network such as '192.0.2.0/24'"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let [texts, networks] = arguments.args.as_slice() else {
            return exec_err!("{NAME} takes two arguments");
        };
        let is_constant = matches!((texts, networks), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { arguments.number_rows };
        let texts = texts.to_array(rows)?;
        let found = match networks {
            ColumnarValue::Scalar(network) => match text_of(network)? {
                None => Arc::new(BooleanArray::new_null(rows)),
                Some(network) => in_one(&texts, parsed(&network)?)?,
            },
            ColumnarValue::Array(networks) => in_each(&texts, networks)?,
        };
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// Dictionaries stay, so that each distinct text is looked at once.
fn kept(text: &DataType) -> DataType {
    match text {
        DataType::Null => DataType::Utf8,
        other => other.clone(),
    }
}

fn text_of(network: &ScalarValue) -> Result<Option<String>, DataFusionError> {
    match network.try_as_str() {
        Some(text) => Ok(text.map(str::to_owned)),
        None => exec_err!("{NAME} takes a network as text"),
    }
}

fn parsed(network: &str) -> Result<IpNet, DataFusionError> {
    let host = || network.parse::<IpAddr>().ok().map(IpNet::from);
    network
        .parse()
        .ok()
        .or_else(host)
        .ok_or_else(|| exec_datafusion_err!("`{network}` is not a network; write it as 192.0.2.0/24"))
}

fn in_one(texts: &ArrayRef, network: IpNet) -> Result<ArrayRef, DataFusionError> {
    if let Some(dictionary) = texts.as_any_dictionary_opt() {
        let of_values = in_one(dictionary.values(), network)?;
        return Ok(take(&of_values, dictionary.keys(), None)?);
    }
    let texts = cast(texts, &DataType::Utf8View)?;
    let found = texts.as_string_view().iter();
    Ok(Arc::new(
        found
            .map(|text| Some(lists_one_in(text?, network)))
            .collect::<BooleanArray>(),
    ))
}

fn in_each(texts: &ArrayRef, networks: &ArrayRef) -> Result<ArrayRef, DataFusionError> {
    let texts = cast(texts, &DataType::Utf8View)?;
    let networks = cast(networks, &DataType::Utf8View)?;
    let pairs = texts.as_string_view().iter().zip(networks.as_string_view());
    let found = pairs.map(|(text, network)| match (text, network) {
        (Some(text), Some(network)) => Ok(Some(lists_one_in(text, parsed(network)?))),
        _ => Ok(None),
    });
    Ok(Arc::new(found.collect::<Result<BooleanArray, DataFusionError>>()?))
}

fn lists_one_in(text: &str, network: IpNet) -> bool {
    let addresses = text
        .split(',')
        .filter_map(|address| address.trim().parse::<IpAddr>().ok());
    addresses
        .map(|address| address.to_canonical())
        .any(|address| network.contains(&address))
}
