//! Arrow types beside DuckLake types.

use arrow::datatypes::{DataType, TimeUnit};

/// The one time zone of stored times.
const UTC: &str = "UTC";

/// A column type as the catalogue records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LakeType {
    Varchar,
    Int64,
    Float64,
    Boolean,
    TimestampTz,
}

impl LakeType {
    /// Returns the catalogue type of an Arrow type, where the store can keep it.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Utf8 => Some(Self::Varchar),
            DataType::Dictionary(_, value) if **value == DataType::Utf8 => Some(Self::Varchar),
            DataType::Int64 => Some(Self::Int64),
            DataType::Float64 => Some(Self::Float64),
            DataType::Boolean => Some(Self::Boolean),
            DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == UTC => Some(Self::TimestampTz),
            _ => None,
        }
    }

    /// Returns the type that the catalogue calls `name`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "varchar" => Some(Self::Varchar),
            "int64" => Some(Self::Int64),
            "float64" => Some(Self::Float64),
            "boolean" => Some(Self::Boolean),
            "timestamptz" => Some(Self::TimestampTz),
            _ => None,
        }
    }

    /// Returns the catalogue's name of the type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Varchar => "varchar",
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Boolean => "boolean",
            Self::TimestampTz => "timestamptz",
        }
    }

    /// Returns the Arrow type that scans give.
    pub(crate) fn arrow(self, is_dictionary: bool) -> DataType {
        match self {
            Self::Varchar if is_dictionary => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Self::Varchar => DataType::Utf8,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        }
    }
}

/// Returns whether text of this type comes as a dictionary.
pub(crate) fn is_dictionary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(..))
}
