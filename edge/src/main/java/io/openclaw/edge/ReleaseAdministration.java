package io.openclaw.edge;

/**
 * Publishing and showing releases, as the admin API and {@code openclaw release} offer it; a port.
 * Thread-safe; reads and writes the disk, so not for an event loop.
 */
public interface ReleaseAdministration {
  /** Bytes of one blob. */
  int BLOB_BYTES_MAX = 64 << 20;

  /** What is in force, and the releases that are kept. */
  Answered list();

  /** One release, by its version as written in a path. */
  Answered show(String version);

  /** Checks a proposal, and unless it is a trial puts it in force. */
  Answered publish(byte[] body);

  /** How far the fleet's regions are. */
  Answered rollout();

  /** Ends a soak, or moves the primary. */
  Answered direct(byte[] body);

  /** The bytes of that digest. */
  Answered blob(String sha256);

  /** Stores bytes under their digest. */
  Answered putBlob(String sha256, byte[] bytes);
}
