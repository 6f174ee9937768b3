//! The use that services charged by use are counted with: small, as in a practice lab, and shown beside the row.
//!
//! Free tiers are left out, so that the estimate does not hang on the age of an account.

/// Requests, messages, events or invocations an hour.
pub const REQUESTS_PER_HOUR: f64 = 100.0;
/// What a bucket, table, file system, log group or registry holds, in GB.
pub const STORED_GB: f64 = 1.0;
/// What goes through a stream, log group or distribution, in GB a month.
pub const GB_PER_MONTH: f64 = 1.0;
/// How long a function runs for one invocation, in seconds.
pub const SECONDS_PER_INVOCATION: f64 = 1.0;
/// Minutes an hour in which a build project or a batch job works.
pub const WORK_MINUTES_PER_HOUR: f64 = 1.0;
/// Minutes that a crawl is charged for at the least; one an hour is counted.
pub const LEAST_CRAWL_MINUTES: f64 = 10.0;
/// Changes of configuration an hour, for AWS Config.
pub const CHANGES_PER_HOUR: f64 = 10.0;
/// What the root volume of an instance has when nothing is said, in GiB, as the images of Amazon Linux have it.
pub const ROOT_VOLUME_GIB: f64 = 8.0;
/// Load balancer capacity units that an idle load balancer is counted with.
pub const CAPACITY_UNITS: f64 = 1.0;
/// Availability zones where a list of subnets is not known.
pub const ZONES: u32 = 2;
