package io.openclaw.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * A release as it was read back from a store, all of it verified.
 *
 * @param document the content's canonical bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record StoredRelease(SignedManifest signed, byte[] document, Content content) {

  /** Its number and id. */
  public ReleaseRef ref() {
    return new ReleaseRef(signed.manifest().version(), signed.id());
  }

  /** Reads a release; what is missing or corrupt is named. */
  public static Found<StoredRelease> read(ReleaseStore store, long version) throws IOException {
    String what = "release " + version;
    Found<SignedManifest> manifest = store.manifest(version);
    if (!(manifest instanceof Found.Whole<SignedManifest>(SignedManifest signed))) {
      return manifest instanceof Found.Corrupt<SignedManifest>(String _, String why)
          ? new Found.Corrupt<>(what, why)
          : new Found.Missing<>(what);
    }
    return read(signed, blobs(store));
  }

  /** Reads the release of a manifest; a blob that is missing or corrupt makes it corrupt. */
  public static Found<StoredRelease> read(
      SignedManifest signed, Function<String, Found<byte[]>> blobs) {
    String what = "release " + signed.manifest().version();
    Found<byte[]> blob = blobs.apply(signed.manifest().content());
    if (!(blob instanceof Found.Whole<byte[]>(byte[] document))) {
      return new Found.Corrupt<>(what, blob.fault());
    }
    ContentJson.Reading reading = ContentJson.read(document, new BlobModels(blobs));
    Content content = reading.content();
    return content == null
        ? new Found.Corrupt<>(what, String.join("; ", reading.complaints()))
        : new Found.Whole<>(new StoredRelease(signed, document, content));
  }

  /** A store's blobs as a function. */
  public static Function<String, Found<byte[]>> blobs(ReleaseStore store) {
    return sha256 -> {
      try {
        return store.blob(sha256);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
