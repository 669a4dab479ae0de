package io.openclaw.app;

import io.openclaw.release.Manifest;

/**
 * A blob that is to be fetched.
 *
 * @param bytesMax how large it may be
 * @param base the digest of a blob of this disk that is likely to be like it; empty where there is
 *     none
 */
record BlobWish(String sha256, long bytesMax, String base) {
  /** One of which nothing is known. */
  static BlobWish any(String sha256) {
    return new BlobWish(sha256, Manifest.BLOB_BYTES_MAX, "");
  }
}
