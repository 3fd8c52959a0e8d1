//! The acts in AWS: the key that stood in a CI/CD variable.

use crate::acts::index;
use crate::aws::{Call, Cloud, DEPLOY};
use crate::clock::{SECOND, utc};

/// Only in the list's second version.
const LISTED_LATER: &str = "203.0.113.61";
const UNLISTED: &str = "203.0.113.63";
const AGENT: &str = "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0 exe/x86_64 prompt/off";
const BUCKET: &str = "kaede-crm-backup";

/// Everything that happens there.
pub(crate) fn aws(cloud: &mut Cloud<'_>) {
    cloud.act = Some(index("A26"));
    let start = utc(15, 22, 10);
    let denied = Call {
        error: Some("AccessDenied"),
        ..Call::read("iam", "ListUsers")
    };
    let tried = [
        Call::read("sts", "GetCallerIdentity"),
        Call::read("s3", "ListBuckets"),
        denied,
        Call::read("iam", "GetAccountSummary"),
    ];
    for (step, call) in (0..).zip(tried) {
        cloud.call(start + step * 14 * SECOND, DEPLOY, LISTED_LATER, AGENT, call);
    }

    cloud.act = Some(index("A27"));
    let mut at = utc(15, 22, 31);
    for part in 0..240 {
        let key = format!("salesforce/2025-11-14/contact-{part:04}.csv.gz");
        cloud.object(at, (DEPLOY, LISTED_LATER, AGENT), "GetObject", BUCKET, &key);
        at += cloud.random.between(4, 16) * SECOND;
    }

    cloud.act = Some(index("A28"));
    let create = Call {
        is_read_only: false,
        parameters: Some("{\"userName\":\"ci-deploy\"}"),
        ..Call::read("iam", "CreateAccessKey")
    };
    cloud.call(utc(15, 23, 31), DEPLOY, UNLISTED, AGENT, create);
    cloud.act = None;
}
