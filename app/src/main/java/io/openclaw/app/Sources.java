package io.openclaw.app;

import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several sources of releases as one: the first that gives the right bytes. A fault names each that
 * was tried. Thread-safe; blocks.
 */
final class Sources implements ReleaseSource {
  /** A source with its name for a person. */
  record Named(String name, ReleaseSource source) {}

  @FunctionalInterface
  private interface Fetch {
    byte[] from(ReleaseSource source) throws IOException, InterruptedException;
  }

  @FunctionalInterface
  private interface Check {
    /** What is wrong with the bytes; null for nothing. */
    @Nullable String fault(byte[] bytes);
  }

  private final List<Named> sources;
  private final ReleaseKeys keys;

  /**
   * @param sources in the order in which they are tried
   * @param keys whose manifests count
   */
  Sources(List<Named> sources, ReleaseKeys keys) {
    this.sources = List.copyOf(sources);
    this.keys = keys;
  }

  @Override
  public byte[] manifest(ReleaseRef ref) throws IOException, InterruptedException {
    return first(source -> source.manifest(ref), document -> fault(ref, document));
  }

  private @Nullable String fault(ReleaseRef ref, byte[] document) {
    try {
      SignedManifest signed = SignedManifest.read(document);
      return signed.id().equals(ref.id()) ? keys.fault(signed) : "another release of that number";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  @Override
  public byte[] blob(BlobWish wish) throws IOException, InterruptedException {
    return first(
        source -> source.blob(wish),
        bytes -> Sha256.hex(bytes).equals(wish.sha256()) ? null : "other bytes");
  }

  private byte[] first(Fetch fetch, Check check) throws IOException, InterruptedException {
    if (sources.isEmpty()) {
      throw new IOException("there is no other region, and no release.source");
    }
    List<String> faults = new ArrayList<>();
    for (Named each : sources) {
      try {
        byte[] bytes = fetch.from(each.source());
        String fault = check.fault(bytes);
        if (fault == null) {
          return bytes;
        }
        faults.add(each.name() + ": " + fault);
      } catch (IOException e) {
        faults.add(each.name() + ": " + e.getMessage());
      }
    }
    throw new IOException(String.join("; ", faults));
  }
}
