"""The reaper's code against a local emulator: what is over goes, everything else stays.

Run by labs_reaper.rs with the emulator's address in AWS_ENDPOINT_URL and the code's folder on PYTHONPATH. The emulator
deletes full buckets without a murmur, so the state after a failed deletion is put in by hand; the bucket is real.
"""
import datetime
import json
import unittest
from unittest import mock

import boto3
import reaper

TEMPLATE = """
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: Enabled}}
"""
NOW = datetime.datetime.now(datetime.timezone.utc)
OVER = (NOW - datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
LATER = (NOW + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

ssm = boto3.client("ssm")
cfn = boto3.client("cloudformation")
s3 = boto3.client("s3")


def stack(name, lease, tags=True):
    """Makes a stack with a bucket that holds two versions, a marker and an unfinished upload."""
    given = [{"Key": "juku-lease", "Value": lease}, {"Key": "juku-lab", "Value": "x"}] if tags else []
    arn = cfn.create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=given)["StackId"]
    cfn.get_waiter("stack_create_complete").wait(StackName=arn, WaiterConfig={"Delay": 1})
    bucket = cfn.describe_stack_resources(StackName=arn)["StackResources"][0]["PhysicalResourceId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="a", Body=b"2")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.create_multipart_upload(Bucket=bucket, Key="b")
    return arn, bucket


def record(lease, arn, expires_at, name=None):
    """Writes what `lab up` writes."""
    value = {"schema": 1, "lease": lease, "stack_id": arn, "expires_at": expires_at}
    ssm.put_parameter(Name=name or f"/juku/leases/{lease}", Value=json.dumps(value), Type="String", Overwrite=True)


def standing(arn):
    return reaper.find(cfn, arn) is not None


def versions(bucket):
    page = s3.list_object_versions(Bucket=bucket)
    return len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))


class Reaper(unittest.TestCase):
    def tearDown(self):
        for one in ssm.get_parameters_by_path(Path=reaper.PATH)["Parameters"]:
            ssm.delete_parameter(Name=one["Name"])

    def reap(self):
        return {name.removeprefix(reaper.PATH): did for name, did in reaper.handler({}, None).items()}

    def test_what_is_over_goes_and_its_record_after_it(self):
        arn, _ = stack("juku-over", "over-1")
        record("over-1", arn, OVER)
        self.assertTrue(self.reap()["over-1"].startswith("deleting"))
        cfn.get_waiter("stack_delete_complete").wait(StackName=arn, WaiterConfig={"Delay": 1})
        self.assertFalse(standing(arn))
        self.assertEqual(self.reap(), {"over-1": "gone"})
        self.assertEqual(self.reap(), {})

    def test_what_lives_stays(self):
        arn, bucket = stack("juku-lives", "lives-1")
        record("lives-1", arn, LATER)
        self.assertEqual(self.reap(), {"lives-1": "left"})
        self.assertTrue(standing(arn))
        self.assertEqual(versions(bucket), 3)

    def test_what_is_not_ours_stays_whatever_a_record_says(self):
        other, bucket = stack("payroll", "foreign-1")
        record("foreign-1", other, OVER)
        untagged, _ = stack("juku-untagged", "untagged-1", tags=False)
        record("untagged-1", untagged, OVER)
        relabelled, _ = stack("juku-relabelled", "another-lease")
        record("relabelled-1", relabelled, OVER)
        misnamed, _ = stack("juku-misnamed", "misnamed-1")
        record("misnamed-1", misnamed, OVER, name="/juku/leases/elsewhere")
        self.assertEqual(set(self.reap().values()), {"not ours"})
        for arn in (other, untagged, relabelled, misnamed):
            self.assertTrue(standing(arn), arn)
        self.assertEqual(versions(bucket), 3)

    def test_a_stack_of_the_same_name_that_came_later_stays(self):
        first, _ = stack("juku-again", "again-1")
        record("again-1", first, OVER)
        self.reap()
        cfn.get_waiter("stack_delete_complete").wait(StackName=first, WaiterConfig={"Delay": 1})
        second, _ = stack("juku-again", "again-2")
        record("again-2", second, LATER)
        self.assertEqual(self.reap(), {"again-1": "gone", "again-2": "left"})
        self.assertTrue(standing(second))

    def test_a_bad_record_does_not_save_the_others(self):
        ssm.put_parameter(Name="/juku/leases/bad", Value="no json", Type="String")
        arn, _ = stack("juku-beside", "beside-1")
        record("beside-1", arn, OVER)
        did = self.reap()
        self.assertTrue(did["bad"].startswith("failed"), did)
        self.assertTrue(did["beside-1"].startswith("deleting"), did)

    def failed(self, bucket, status):
        """A client of CloudFormation that tells of a deletion that failed."""
        client = mock.Mock()
        tags = [{"Key": "juku-lease", "Value": "stuck-1"}]
        client.describe_stacks.return_value = {
            "Stacks": [{"StackName": "juku-stuck", "StackStatus": "DELETE_FAILED", "Tags": tags}]}
        client.get_paginator.return_value.paginate.return_value = [{"StackResourceSummaries": [
            {"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": bucket, "ResourceStatus": status},
            {"ResourceType": "AWS::IAM::Role", "PhysicalResourceId": "r", "ResourceStatus": "DELETE_FAILED"}]}]
        return client

    def look(self, client, arn, status=None):
        if status:
            client.describe_stacks.return_value["Stacks"][0]["StackStatus"] = status
        make = boto3.client
        with mock.patch.object(boto3, "client", lambda name, **more: client if name == "cloudformation" else make(name, **more)):
            return self.reap()

    def test_a_bucket_that_stopped_the_deletion_is_emptied_and_the_stack_deleted_again(self):
        arn, bucket = stack("juku-stuck", "stuck-1")
        record("stuck-1", arn, OVER)
        client = self.failed(bucket, "DELETE_FAILED")
        self.assertEqual(self.look(client, arn), {"stuck-1": "deleting, 3 objects removed"})
        client.delete_stack.assert_called_once_with(StackName=arn)
        self.assertEqual(versions(bucket), 0)
        self.assertEqual(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []), [])

    def test_a_bucket_that_the_template_retains_keeps_what_is_in_it(self):
        arn, bucket = stack("juku-kept", "stuck-1")
        record("stuck-1", arn, OVER)
        client = self.failed(bucket, "DELETE_SKIPPED")
        self.look(client, arn)
        self.assertEqual(versions(bucket), 3)

    def test_a_stack_that_moves_is_left_to_itself(self):
        arn, bucket = stack("juku-moves", "stuck-1")
        record("stuck-1", arn, OVER)
        client = self.failed(bucket, "DELETE_FAILED")
        for status in ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
            self.assertEqual(self.look(client, arn, status), {"stuck-1": "moving"})
        client.delete_stack.assert_not_called()
        for status in ("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_FAILED"):
            self.assertTrue(self.look(client, arn, status)["stuck-1"].startswith("deleting"), status)


if __name__ == "__main__":
    unittest.main()
