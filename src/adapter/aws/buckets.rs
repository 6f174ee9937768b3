//! Buckets through the S3 client: whether one is there, how full it is, and emptying it to the last version.

use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use tokio::runtime::Runtime;

use super::clients::Wiring;
use super::errors::api_error;
use crate::lab::port::{ApiError, Failure, Presence};

/// Buckets of one account or emulator.
#[derive(Debug)]
pub struct Buckets {
    client: Client,
    runtime: Arc<Runtime>,
}

impl Buckets {
    /// Makes the client.
    pub fn new(wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        Self {
            client: wiring.s3(),
            runtime,
        }
    }

    /// Asks whether a bucket is there.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn presence(&self, bucket: &str) -> Result<Presence, ApiError> {
        let call = self.client.head_bucket().bucket(bucket);
        match self.runtime.block_on(call.send()) {
            Ok(_) => Ok(Presence::Present),
            Err(error) => {
                let status = error.raw_response().map(|raw| raw.status().as_u16());
                let error = api_error("HeadBucket", &error);
                match status {
                    Some(404) => Ok(Presence::Absent),
                    // It is there, and it is another's.
                    Some(301 | 403) => Ok(Presence::Unknown(error.code)),
                    _ if error.is_missing() => Ok(Presence::Absent),
                    _ => Err(error),
                }
            }
        }
    }

    /// Counts objects, versions and delete markers; 0 for a bucket that is not there.
    ///
    /// # Errors
    /// When the bucket cannot be listed.
    pub fn size(&self, bucket: &str) -> Result<u64, ApiError> {
        let mut count = 0;
        let mut page = Page::default();
        loop {
            let (ids, next) = self.page(bucket, page)?;
            count += u64::try_from(ids.len()).unwrap_or(u64::MAX);
            match next {
                Some(next) => page = next,
                None => return Ok(count),
            }
        }
    }

    /// Removes everything that is in a bucket; gives how many objects, versions and markers went.
    ///
    /// # Errors
    /// When something cannot be listed or removed.
    pub fn empty(&self, bucket: &str) -> Result<u64, ApiError> {
        let mut removed = 0;
        loop {
            // Always the first page: what it named is gone the next time.
            let (ids, _) = self.page(bucket, Page::default())?;
            if ids.is_empty() {
                break;
            }
            removed += u64::try_from(ids.len()).unwrap_or(u64::MAX);
            self.remove(bucket, ids)?;
        }
        self.abort_uploads(bucket)?;
        Ok(removed)
    }

    fn page(
        &self,
        bucket: &str,
        from: Page,
    ) -> Result<(Vec<ObjectIdentifier>, Option<Page>), ApiError> {
        let call = self
            .client
            .list_object_versions()
            .bucket(bucket)
            .set_key_marker(from.key)
            .set_version_id_marker(from.version);
        let page = match self.runtime.block_on(call.send()) {
            Ok(page) => page,
            Err(error) => {
                let error = api_error("ListObjectVersions", &error);
                return if error.is_missing() {
                    Ok((Vec::new(), None))
                } else {
                    Err(error)
                };
            }
        };
        let versions = page
            .versions()
            .iter()
            .map(|one| (one.key(), one.version_id()));
        let markers = page
            .delete_markers()
            .iter()
            .map(|one| (one.key(), one.version_id()));
        let ids = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                ObjectIdentifier::builder()
                    .key(key?)
                    .set_version_id(version.map(str::to_owned))
                    .build()
                    .ok()
            })
            .collect();
        let next = page.is_truncated().unwrap_or(false).then(|| Page {
            key: page.next_key_marker().map(str::to_owned),
            version: page.next_version_id_marker().map(str::to_owned),
        });
        Ok((ids, next))
    }

    fn remove(&self, bucket: &str, ids: Vec<ObjectIdentifier>) -> Result<(), ApiError> {
        let odd = |message: String| ApiError {
            operation: "DeleteObjects",
            failure: Failure::Other,
            code: "NotDeleted".to_owned(),
            message,
        };
        let delete = Delete::builder()
            .set_objects(Some(ids))
            .quiet(true)
            .build()
            .map_err(|error| odd(error.to_string()))?;
        let call = self.client.delete_objects().bucket(bucket).delete(delete);
        let done = self
            .runtime
            .block_on(call.send())
            .map_err(|error| api_error("DeleteObjects", &error))?;
        match done.errors().first() {
            None => Ok(()),
            Some(error) => Err(odd(format!(
                "{}: {}",
                error.key().unwrap_or_default(),
                error.message().or(error.code()).unwrap_or_default()
            ))),
        }
    }

    fn abort_uploads(&self, bucket: &str) -> Result<(), ApiError> {
        let call = self.client.list_multipart_uploads().bucket(bucket);
        let page = match self.runtime.block_on(call.send()) {
            Ok(page) => page,
            Err(error) => {
                let error = api_error("ListMultipartUploads", &error);
                return if error.is_missing() {
                    Ok(())
                } else {
                    Err(error)
                };
            }
        };
        for upload in page.uploads() {
            let call = self
                .client
                .abort_multipart_upload()
                .bucket(bucket)
                .set_key(upload.key().map(str::to_owned))
                .set_upload_id(upload.upload_id().map(str::to_owned));
            self.runtime
                .block_on(call.send())
                .map_err(|error| api_error("AbortMultipartUpload", &error))?;
        }
        Ok(())
    }
}

/// Where a listing goes on.
#[derive(Debug, Default)]
struct Page {
    key: Option<String>,
    version: Option<String>,
}
