package io.openclaw.release;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Where releases and their blobs are kept; a port. What is read is verified, and what is written is
 * durable when the method returns. A release is in force when {@link #stable(Stable)} says so, not
 * before.
 */
public interface ReleaseStore {
  /** The release in force; missing where there never was one. */
  Found<ReleaseRef> stable() throws IOException;

  /** Puts a release in force: all of it must be there. */
  void stable(ReleaseRef next) throws IOException;

  /** The versions of which there is a manifest, good or bad, in ascending order. */
  List<Long> versions() throws IOException;

  /** A manifest that a trusted key has signed. */
  Found<SignedManifest> manifest(long version) throws IOException;

  /** Stores a manifest under its version. */
  void put(SignedManifest signed) throws IOException;

  /** The bytes of that digest. */
  Found<byte[]> blob(String sha256) throws IOException;

  /** Whether something is stored under that digest; not whether it is whole. */
  boolean has(String sha256) throws IOException;

  /**
   * Stores a blob.
   *
   * @throws IllegalArgumentException where the bytes have another digest
   */
  void put(String sha256, byte[] bytes) throws IOException;

  /**
   * Forgets old releases and what only they need.
   *
   * @param keep how many of the newest releases stay; the one in force always does
   * @param staged digests that a release needs which is on its way, and not among these yet
   * @param nowMillis the time: blobs that no release names stay for an hour
   */
  void prune(int keep, Set<String> staged, long nowMillis) throws IOException;
}
