"""Lists what exists in an emulator, one JSON document for each line read: {"region": …} -> {"s3 Buckets": […], …}.

One process with its clients serves many inventories, because making a client takes longer than asking.
"""
import json
import sys

import botocore.config
import botocore.session
import jmespath

ENDPOINT = sys.argv[1]
# Service, operation, arguments, where the names are.
LISTS = [
    ("cloudformation", "describe_stacks", {}, "Stacks[].StackName"),
    ("s3", "list_buckets", {}, "Buckets[].Name"),
    ("lambda", "list_functions", {}, "Functions[].FunctionName"),
    ("lambda", "list_event_source_mappings", {}, "EventSourceMappings[].UUID"),
    ("sqs", "list_queues", {}, "QueueUrls"),
    ("sns", "list_topics", {}, "Topics[].TopicArn"),
    ("sns", "list_subscriptions", {}, "Subscriptions[].SubscriptionArn"),
    ("dynamodb", "list_tables", {}, "TableNames"),
    ("logs", "describe_log_groups", {}, "logGroups[].logGroupName"),
    ("events", "list_event_buses", {}, "EventBuses[].Name"),
    ("events", "list_rules", {}, "Rules[].Name"),
    ("scheduler", "list_schedule_groups", {}, "ScheduleGroups[].Name"),
    ("scheduler", "list_schedules", {}, "Schedules[].Name"),
    ("stepfunctions", "list_state_machines", {}, "stateMachines[].name"),
    ("kinesis", "list_streams", {}, "StreamNames"),
    ("secretsmanager", "list_secrets", {}, "SecretList[].ARN"),
    # juku marks a run of an emulator with one parameter of its own.
    ("ssm", "describe_parameters", {}, "Parameters[?Name != '/juku/instance'].Name"),
    ("iam", "list_roles", {}, "Roles[].RoleName"),
    ("iam", "list_users", {}, "Users[].UserName"),
    ("iam", "list_policies", {"Scope": "Local"}, "Policies[].PolicyName"),
    ("iam", "list_instance_profiles", {}, "InstanceProfiles[].InstanceProfileName"),
    ("ec2", "describe_vpcs", {}, "Vpcs[].VpcId"),
    ("ec2", "describe_subnets", {}, "Subnets[].SubnetId"),
    ("ec2", "describe_security_groups", {}, "SecurityGroups[].GroupId"),
    ("ec2", "describe_route_tables", {}, "RouteTables[].RouteTableId"),
    ("ec2", "describe_internet_gateways", {}, "InternetGateways[].InternetGatewayId"),
    ("ec2", "describe_vpc_endpoints", {}, "VpcEndpoints[].VpcEndpointId"),
    ("ec2", "describe_network_interfaces", {}, "NetworkInterfaces[].NetworkInterfaceId"),
    ("ec2", "describe_launch_templates", {}, "LaunchTemplates[].LaunchTemplateId"),
    ("ec2", "describe_instances", {},
     "Reservations[].Instances[?State.Name != 'terminated'][].InstanceId"),
    ("elbv2", "describe_load_balancers", {}, "LoadBalancers[].LoadBalancerArn"),
    ("elbv2", "describe_target_groups", {}, "TargetGroups[].TargetGroupArn"),
    ("apigateway", "get_rest_apis", {}, "items[].id"),
    ("apigatewayv2", "get_apis", {}, "Items[].ApiId"),
    ("appsync", "list_graphql_apis", {}, "graphqlApis[].apiId"),
    ("cognito-idp", "list_user_pools", {"MaxResults": 60}, "UserPools[].Id"),
    ("cognito-identity", "list_identity_pools", {"MaxResults": 60}, "IdentityPools[].IdentityPoolId"),
    ("cloudfront", "list_distributions", {}, "DistributionList.Items[].Id"),
    ("cloudfront", "list_functions", {}, "FunctionList.Items[].Name"),
    ("cloudfront", "list_origin_access_controls", {}, "OriginAccessControlList.Items[].Id"),
    ("route53", "list_hosted_zones", {}, "HostedZones[].Id"),
    ("route53", "list_health_checks", {}, "HealthChecks[].Id"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms[].AlarmName"),
    ("autoscaling", "describe_auto_scaling_groups", {}, "AutoScalingGroups[].AutoScalingGroupName"),
    ("autoscaling", "describe_policies", {}, "ScalingPolicies[].PolicyName"),
    ("ecs", "list_clusters", {}, "clusterArns"),
    ("rds", "describe_db_instances", {}, "DBInstances[].DBInstanceIdentifier"),
    ("budgets", "describe_budgets", {"AccountId": "000000000000"}, "Budgets[].BudgetName"),
]

session = botocore.session.get_session()
clients = {}


def client(service, region):
    if (service, region) not in clients:
        clients[service, region] = session.create_client(
            service, region_name=region, endpoint_url=ENDPOINT,
            config=botocore.config.Config(inject_host_prefix=False, retries={"max_attempts": 1}))
    return clients[service, region]


def living_keys(region):
    """Keys that wait for their deletion count as gone: on AWS nothing deletes one at once."""
    kms = client("kms", region)
    ids = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    states = {one: kms.describe_key(KeyId=one)["KeyMetadata"]["KeyState"] for one in ids}
    return [one for one, state in states.items() if state != "PendingDeletion"]


for line in sys.stdin:
    region = json.loads(line)["region"]
    found = {"kms keys": sorted(living_keys(region))}
    for service, operation, arguments, names in LISTS:
        answer = getattr(client(service, region), operation)(**arguments)
        found[f"{service} {operation}"] = sorted(jmespath.search(names, answer) or [])
    print(json.dumps(found), flush=True)
