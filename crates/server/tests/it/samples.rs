//! Small logs in true form, with invented data.

/// One user's API reads, and another's.
pub(crate) const REST_API: &str = "\
\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"RUN_TIME\",\"URI\",\"SESSION_KEY\",\"LOGIN_KEY\",\"USER_AGENT\",\"METHOD\",\"STATUS_CODE\",\"ROWS_PROCESSED\",\"TIMESTAMP_DERIVED\",\"USER_ID_DERIVED\",\"CLIENT_IP\"
\"RestApi\",\"20251123070102.13\",\"TID:1\",\"00D5g00000AbCdE\",\"0055g00000AAAAA\",\"120\",\"/services/data/v60.0/query\",\"aB+/c1D2e3F4g5H6\",\"Zx9+/Yw8Vu7Ts6Rq\",\"python-requests/2.32.3\",\"GET\",\"200\",\"2000\",\"2025-11-23T07:01:02.130Z\",\"0055g00000AAAAAAA0\",\"203.0.113.9\"
\"RestApi\",\"20251123070203.000\",\"TID:2\",\"00D5g00000AbCdE\",\"0055g00000BBBBB\",\"80\",\"/services/data/v60.0/sobjects\",\"ab+/C1d2E3f4G5h6\",\"zX9+/yW8vU7tS6rQ\",\"=cmd|'/c calc'!A1\",\"GET\",\"200\",\"1\",\"2025-11-23T07:02:03.000Z\",\"0055g00000BBBBBAA0\",\"198.51.100.9\"
";

/// The login that the first user's reads belong to.
pub(crate) const LOGIN: &str = "\
\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"LOGIN_KEY\",\"SESSION_KEY\",\"LOGIN_STATUS\",\"SOURCE_IP\",\"BROWSER_TYPE\",\"USER_NAME\",\"TIMESTAMP_DERIVED\",\"CLIENT_IP\"
\"Login\",\"20251123070000.000\",\"TID:0\",\"00D5g00000AbCdE\",\"0055g00000AAAAA\",\"Zx9+/Yw8Vu7Ts6Rq\",\"aB+/c1D2e3F4g5H6\",\"LOGIN_NO_ERROR\",\"203.0.113.9\",\"python-requests/2.32.3\",\"alice@kaede.example\",\"2025-11-23T07:00:00.000Z\",\"203.0.113.9\"
";

/// A list that the first user's reads match.
pub(crate) const LIST: &str = "\
name: example-advisory
version: \"1\"
as_of: 2025-11-23
source: example
indicators:
  - {kind: ip, value: 203.0.113.9, match: exact}
";

/// The session of the first user, as a query writes it.
pub(crate) const SESSION_KEY: &str = "aB%2B/c1D2e3F4g5H6";
