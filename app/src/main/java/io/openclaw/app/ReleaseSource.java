package io.openclaw.app;

import io.openclaw.release.ReleaseRef;
import java.io.IOException;

/**
 * Where releases come from that are not on this disk: other regions, or a read-only location; a
 * port. What it gives is not trusted: the caller checks digests and signatures. Thread-safe;
 * blocks.
 */
interface ReleaseSource {
  /** From nowhere: a node alone. */
  ReleaseSource NONE =
      new ReleaseSource() {
        @Override
        public byte[] manifest(ReleaseRef ref) throws IOException {
          throw new IOException("there is no other region, and no release.source");
        }

        @Override
        public byte[] blob(BlobWish wish) throws IOException {
          throw new IOException("there is no other region, and no release.source");
        }
      };

  /**
   * The signed manifest of a release.
   *
   * @throws IOException where nobody gives it
   */
  byte[] manifest(ReleaseRef ref) throws IOException, InterruptedException;

  /**
   * The bytes of a digest.
   *
   * @throws IOException where nobody gives them
   */
  byte[] blob(BlobWish wish) throws IOException, InterruptedException;
}
