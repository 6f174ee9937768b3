//! One line per type: which rule counts it. Types without a line are free, unpriced or unknown as the table says.

use super::rows::{Row, Stack};
use super::table::TypeKind;
use super::usage;
use crate::lab::evaluate::Resource;

mod compute;
mod containers;
mod data;
mod database;
mod network;
mod operations;
mod serverless;
mod storage;
mod tables;

/// A way of counting a resource.
type Rule = fn(&mut Stack<'_>, &Resource);

/// The rules by type, in alphabetical order so that a type is found by bisection.
const RULES: &[(&str, Rule)] = &[
    ("AWS::ACMPCA::CertificateAuthority", operations::private_ca),
    ("AWS::AmazonMQ::Broker", data::mq),
    ("AWS::ApiGateway::RestApi", serverless::rest_api),
    ("AWS::ApiGateway::Stage", serverless::rest_stage),
    ("AWS::ApiGatewayV2::Api", serverless::http_api),
    ("AWS::AppRunner::Service", containers::app_runner),
    ("AWS::AppSync::ApiCache", serverless::app_sync_cache),
    ("AWS::AppSync::GraphQLApi", serverless::app_sync),
    ("AWS::Athena::WorkGroup", data::athena),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        compute::auto_scaling_group,
    ),
    ("AWS::Backup::BackupPlan", storage::backup),
    ("AWS::Budgets::BudgetsAction", operations::budgets_action),
    ("AWS::CertificateManager::Certificate", operations::free),
    ("AWS::Cloud9::EnvironmentEC2", compute::cloud9),
    ("AWS::CloudFront::Distribution", serverless::distribution),
    ("AWS::CloudFront::Function", serverless::edge_function),
    ("AWS::CloudHSM::Cluster", operations::cloud_hsm),
    ("AWS::CloudTrail::Trail", operations::trail),
    ("AWS::CloudWatch::Alarm", operations::alarm),
    (
        "AWS::CloudWatch::CompositeAlarm",
        operations::composite_alarm,
    ),
    ("AWS::CloudWatch::Dashboard", operations::dashboard),
    ("AWS::CodeArtifact::Repository", serverless::artifacts),
    ("AWS::CodeBuild::Project", serverless::code_build),
    ("AWS::CodeCommit::Repository", operations::code_commit),
    ("AWS::CodePipeline::Pipeline", serverless::code_pipeline),
    ("AWS::Cognito::UserPool", serverless::user_pool),
    ("AWS::Config::ConfigRule", operations::config_rule),
    (
        "AWS::Config::ConfigurationRecorder",
        operations::config_recorder,
    ),
    ("AWS::DAX::Cluster", database::dax),
    ("AWS::DMS::ReplicationInstance", data::dms),
    ("AWS::DataSync::Task", storage::data_sync),
    ("AWS::DirectConnect::Connection", network::direct_connect),
    (
        "AWS::DirectoryService::MicrosoftAD",
        operations::microsoft_ad,
    ),
    ("AWS::DirectoryService::SimpleAD", operations::simple_ad),
    ("AWS::DocDB::DBCluster", database::docdb_cluster),
    ("AWS::DocDB::DBInstance", database::docdb),
    ("AWS::DynamoDB::GlobalTable", tables::global_table),
    ("AWS::DynamoDB::Table", tables::table),
    ("AWS::EC2::ClientVpnEndpoint", network::client_vpn),
    (
        "AWS::EC2::ClientVpnTargetNetworkAssociation",
        network::client_vpn_association,
    ),
    ("AWS::EC2::EIP", network::elastic_ip),
    ("AWS::EC2::Instance", compute::instance),
    ("AWS::EC2::NatGateway", network::nat_gateway),
    ("AWS::EC2::TrafficMirrorSession", network::traffic_mirror),
    (
        "AWS::EC2::TransitGatewayAttachment",
        network::transit_gateway_attachment,
    ),
    (
        "AWS::EC2::TransitGatewayVpcAttachment",
        network::transit_gateway_attachment,
    ),
    ("AWS::EC2::VPCEndpoint", network::endpoint),
    ("AWS::EC2::VPNConnection", network::vpn),
    ("AWS::EC2::Volume", compute::volume),
    ("AWS::ECR::Repository", containers::repository),
    ("AWS::ECS::Service", containers::service),
    ("AWS::ECS::TaskDefinition", operations::free),
    ("AWS::EFS::FileSystem", storage::efs),
    ("AWS::EKS::Cluster", containers::eks_cluster),
    ("AWS::EKS::Nodegroup", containers::node_group),
    ("AWS::EMR::Cluster", data::emr),
    ("AWS::ElastiCache::CacheCluster", database::cache_cluster),
    (
        "AWS::ElastiCache::ReplicationGroup",
        database::replication_group,
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        database::serverless_cache,
    ),
    ("AWS::ElasticBeanstalk::Environment", compute::beanstalk),
    (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        network::classic_load_balancer,
    ),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        network::load_balancer,
    ),
    ("AWS::Elasticsearch::Domain", data::elasticsearch),
    ("AWS::Events::Archive", serverless::event_archive),
    ("AWS::Events::EventBus", serverless::event_bus),
    ("AWS::FSx::FileSystem", storage::fsx),
    ("AWS::GlobalAccelerator::Accelerator", network::accelerator),
    ("AWS::Glue::Crawler", data::glue),
    ("AWS::Glue::Job", data::glue),
    ("AWS::GuardDuty::Detector", operations::guard_duty),
    ("AWS::IoT::TopicRule", serverless::topic_rule),
    ("AWS::KMS::Key", operations::kms_key),
    ("AWS::KMS::ReplicaKey", operations::kms_key),
    ("AWS::Kendra::Index", data::kendra),
    ("AWS::Kinesis::Stream", data::kinesis),
    ("AWS::Kinesis::StreamConsumer", data::stream_consumer),
    ("AWS::KinesisAnalyticsV2::Application", data::flink),
    ("AWS::KinesisFirehose::DeliveryStream", data::firehose),
    ("AWS::Lambda::Alias", serverless::provisioned_concurrency),
    ("AWS::Lambda::Function", serverless::function),
    ("AWS::Lambda::Version", serverless::provisioned_concurrency),
    ("AWS::Logs::LogGroup", operations::log_group),
    ("AWS::MSK::Cluster", data::msk),
    ("AWS::MSK::ServerlessCluster", data::msk_serverless),
    ("AWS::MWAA::Environment", data::mwaa),
    ("AWS::Neptune::DBCluster", database::neptune_cluster),
    ("AWS::Neptune::DBInstance", database::neptune),
    ("AWS::NetworkFirewall::Firewall", network::firewall),
    (
        "AWS::OpenSearchServerless::Collection",
        data::search_collection,
    ),
    ("AWS::OpenSearchService::Domain", data::search_domain),
    ("AWS::Pipes::Pipe", serverless::pipe),
    ("AWS::RDS::DBCluster", database::aurora_cluster),
    ("AWS::RDS::DBInstance", database::instance),
    ("AWS::RDS::DBProxy", database::proxy),
    ("AWS::Redshift::Cluster", database::redshift),
    (
        "AWS::RedshiftServerless::Workgroup",
        database::redshift_serverless,
    ),
    ("AWS::Route53::HealthCheck", network::health_check),
    ("AWS::Route53::HostedZone", network::hosted_zone),
    (
        "AWS::Route53Resolver::ResolverEndpoint",
        network::resolver_endpoint,
    ),
    ("AWS::S3::Bucket", storage::bucket),
    ("AWS::SNS::Topic", serverless::topic),
    ("AWS::SQS::Queue", serverless::queue),
    ("AWS::SSM::Parameter", operations::parameter),
    ("AWS::SageMaker::Endpoint", data::sagemaker_endpoint),
    ("AWS::SageMaker::NotebookInstance", data::sagemaker_notebook),
    ("AWS::Scheduler::Schedule", serverless::schedule),
    ("AWS::SecretsManager::Secret", operations::secret),
    (
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        network::dns_namespace,
    ),
    (
        "AWS::ServiceDiscovery::PublicDnsNamespace",
        network::dns_namespace,
    ),
    ("AWS::Shield::Protection", operations::shield),
    (
        "AWS::StepFunctions::StateMachine",
        serverless::state_machine,
    ),
    ("AWS::StorageGateway::NFSFileShare", storage::file_share),
    ("AWS::StorageGateway::SMBFileShare", storage::file_share),
    ("AWS::Synthetics::Canary", operations::canary),
    ("AWS::Transfer::Server", storage::transfer),
    ("AWS::WAFv2::WebACL", operations::web_acl),
    ("AWS::WorkSpaces::Workspace", operations::workspace),
];

/// Counts a resource.
pub(super) fn apply(stack: &mut Stack<'_>, resource: &Resource) {
    let type_name = resource.type_name.as_str();
    if let Ok(at) = RULES.binary_search_by(|(known, _)| (*known).cmp(type_name))
        && let Some((_, rule)) = RULES.get(at)
    {
        rule(stack, resource);
        return;
    }
    let row = stack.row(resource);
    if type_name.starts_with("Custom::") {
        stack.push(row.note("custom-resource", &[]));
        return;
    }
    match stack.table.kind(type_name) {
        TypeKind::Free => stack.push(row),
        TypeKind::Priced | TypeKind::Unpriced => stack.push(row.unpriced(type_name)),
        TypeKind::Unknown => {
            stack.unknown(resource);
            stack.push(row.unpriced(type_name));
        }
    }
}

/// Adds requests at the assumed rate; `unit` is how many requests the price is for.
fn requests<'a>(row: Row<'a>, key: &str, value: &str, unit: f64) -> Row<'a> {
    row.add(key, value, usage::REQUESTS_PER_HOUR / unit)
        .by_use(&format!("{} requests/h", usage::REQUESTS_PER_HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(RULES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
