"""Deletes the stacks of juku labs whose lease is over, until they are gone. The record names the stack by its ARN."""
import datetime
import json
import boto3
from botocore.exceptions import ClientError

PATH = "/juku/leases/"

def handler(event, context):
    ssm = boto3.client("ssm")
    now = datetime.datetime.now(datetime.timezone.utc)
    done = {}
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=PATH)
    for record in [one for page in pages for one in page["Parameters"]]:
        name = record["Name"]
        try:
            done[name] = look(ssm, name, record["Value"], now)
        except Exception as error:  # One lease in trouble must not save the others; the next run tries again.
            done[name] = f"failed: {error}"
        print(json.dumps({"lease": name, "did": done[name]}))
    return done

def look(ssm, name, value, now):
    lease = json.loads(value)
    if now < datetime.datetime.fromisoformat(lease["expires_at"]):
        return "left"
    arn = lease["stack_id"]
    region = arn.split(":")[3]
    cfn = boto3.client("cloudformation", region_name=region)
    stack = find(cfn, arn)
    if stack is None:
        ssm.delete_parameter(Name=name)
        return "gone"
    tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
    # A stack under review has no resources, and may not show its tags yet.
    ours = tags.get("juku-lease") == lease["lease"] or stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    if not stack["StackName"].startswith("juku-") or not ours or name != PATH + lease["lease"]:
        return "not ours"
    if stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] not in (
            "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS"):
        return "moving"
    emptied = empty(cfn, arn, region) if stack["StackStatus"] == "DELETE_FAILED" else 0
    cfn.delete_stack(StackName=arn)
    return f"deleting, {emptied} objects removed"

def find(cfn, arn):
    try:
        stack = cfn.describe_stacks(StackName=arn)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

def empty(cfn, arn, region):
    """Empties the buckets that stopped the deletion; one that the template retains never does."""
    count = 0
    s3 = boto3.resource("s3", region_name=region)
    for page in cfn.get_paginator("list_stack_resources").paginate(StackName=arn):
        for one in page["StackResourceSummaries"]:
            if one["ResourceType"] == "AWS::S3::Bucket" and one["ResourceStatus"] == "DELETE_FAILED":
                bucket = s3.Bucket(one["PhysicalResourceId"])
                count += sum(len(batch.get("Deleted", [])) for batch in bucket.object_versions.delete())
                for upload in bucket.multipart_uploads.all():
                    upload.abort()
    return count
