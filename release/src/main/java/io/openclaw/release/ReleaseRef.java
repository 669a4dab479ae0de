package io.openclaw.release;

/**
 * A release by its number and its id; two releases of one number, of which one was never in force,
 * are told apart by the id.
 *
 * @param version 0 for what the configuration says
 * @param id the SHA-256 of its manifest; empty for version 0
 */
public record ReleaseRef(long version, String id) {
  /** What the configuration says: no release at all. */
  public static final ReleaseRef NONE = new ReleaseRef(0, "");

  public ReleaseRef {
    if (version < 0
        || version > Manifest.VERSION_MAX
        || (version == 0 ? !id.isEmpty() : !Sha256.isHex(id))) {
      throw new IllegalArgumentException(
          "release: " + version + " " + id + " (expected: a version with its id)");
    }
  }

  /** For a person: {@code 42 (0c1d2e3f4a5b)}. */
  @Override
  public String toString() {
    return version == 0 ? "0 (configuration)" : version + " (" + id.substring(0, 12) + ")";
  }
}
