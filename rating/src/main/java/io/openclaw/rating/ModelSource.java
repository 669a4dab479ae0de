package io.openclaw.rating;

/**
 * A model's bytes with the name and label under which they are loaded.
 *
 * @param name the name under which tenants refer to the model
 * @param version the label of this version
 * @param bytes the whole file; never changed after
 */
@SuppressWarnings("ArrayRecordComponent") // see above; never compared
public record ModelSource(String name, String version, byte[] bytes) {
  /** SHA-256 of the bytes, lower-case hex: the model's identity. */
  public String digest() {
    return Digests.sha256(bytes);
  }
}
