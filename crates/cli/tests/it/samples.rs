//! Small logs in true form, with invented data.

/// One user's API reads: one from a listed address by a scripting client, one ordinary.
pub(crate) const REST_API: &str = "\
\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"RUN_TIME\",\"CPU_TIME\",\"URI\",\"SESSION_KEY\",\"LOGIN_KEY\",\"USER_AGENT\",\"METHOD\",\"STATUS_CODE\",\"DB_TOTAL_TIME\",\"ROWS_PROCESSED\",\"TIMESTAMP_DERIVED\",\"USER_ID_DERIVED\",\"CLIENT_IP\",\"CONNECTED_APP_ID\"
\"RestApi\",\"20251123070102.13\",\"TID:1\",\"00D5g00000AbCdE\",\"0055g00000AAAAA\",\"120\",\"12\",\"/services/data/v60.0/query\",\"aB+/c1D2e3F4g5H6\",\"Zx9+/Yw8Vu7Ts6Rq\",\"python-requests/2.32.3\",\"GET\",\"200\",\"5000000\",\"2000\",\"2025-11-23T07:01:02.130Z\",\"0055g00000AAAAAAA0\",\"203.0.113.9\",\"0H45g0000000001\"
\"RestApi\",\"20251123070203.000\",\"TID:2\",\"00D5g00000AbCdE\",\"0055g00000BBBBB\",\"80\",\"9\",\"/services/data/v60.0/sobjects\",\"ab+/C1d2E3f4G5h6\",\"zX9+/yW8vU7tS6rQ\",\"9999\",\"GET\",\"200\",\"3000000\",\"1\",\"2025-11-23T07:02:03.000Z\",\"0055g00000BBBBBAA0\",\"Salesforce.com IP\",\"\"
";

/// Logins that the API reads belong to.
pub(crate) const LOGIN: &str = "\
\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"LOGIN_KEY\",\"SESSION_KEY\",\"LOGIN_STATUS\",\"SOURCE_IP\",\"BROWSER_TYPE\",\"USER_NAME\",\"TIMESTAMP_DERIVED\",\"CLIENT_IP\"
\"Login\",\"20251123070000.000\",\"TID:0\",\"00D5g00000AbCdE\",\"0055g00000AAAAA\",\"Zx9+/Yw8Vu7Ts6Rq\",\"aB+/c1D2e3F4g5H6\",\"LOGIN_NO_ERROR\",\"203.0.113.9\",\"python-requests/2.32.3\",\"alice@example.com\",\"2025-11-23T07:00:00.000Z\",\"203.0.113.9\"
";

/// GitLab audit events as streamed.
pub(crate) const GITLAB: &str = r#"{"id":7,"author_id":1,"entity_id":6,"entity_type":"Project","details":{"author_name":"root","target_id":6,"target_type":"Project","target_details":"group/app","custom_message":"Created project access token with token_id: 12 with scopes: [:api] and Maintainer access level.","ip_address":"198.51.100.7","entity_path":"group/app"},"ip_address":"198.51.100.7","author_name":"root","entity_path":"group/app","target_details":"group/app","created_at":"2025-11-23T08:00:00.000Z","target_type":"Project","target_id":6,"event_type":"project_access_token_created"}
{"id":8,"author_id":2,"entity_id":6,"entity_type":"Project","details":{"author_name":"bob","custom_message":"=cmd|'/c calc'!A1","ip_address":"198.51.100.8"},"ip_address":"198.51.100.8","author_name":"bob","entity_path":"group/app","target_details":"group/app","created_at":"2025-11-23T08:05:00.000Z","target_type":"Project","target_id":6,"event_type":"project_archived"}
"#;

/// A rule for the first GitLab event.
pub(crate) const RULE: &str = "\
title: Project access token created
id: 5d2b3c1e-7a68-4d0f-9a52-0c8a4f2e9b11
status: test
author: Sekisho
logsource:
    product: gitlab
    service: audit
detection:
    selection:
        event_type: project_access_token_created
        details.custom_message|contains: ':api'
    condition: selection
level: medium
tags:
    - attack.persistence
";

/// A list that the API reads match by address and by client.
pub(crate) const LIST: &str = "\
name: example-advisory
version: \"1\"
as_of: 2025-11-23
source: example
indicators:
  - {kind: ip, value: 203.0.113.9, match: exact}
  - {kind: user_agent, value: python-requests/2.32.3, match: token}
";
