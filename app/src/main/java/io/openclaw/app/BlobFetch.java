package io.openclaw.app;

import io.openclaw.release.BlobBases;
import io.openclaw.release.BlobDelta;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts on this disk what of a release is missing or corrupt there: the content first, since it says
 * which model is like which, then all else, several at a time. Thread-safe; blocks.
 */
final class BlobFetch {
  /** Blobs under way. */
  static final int PARALLEL_MAX = 8;

  /** Bytes under way for each of them: of large blobs fewer are under way. */
  private static final long BYTES_EACH = 4L << 20;

  private final ReleaseStore store;
  private final ReleaseSource source;

  BlobFetch(ReleaseStore store, ReleaseSource source) {
    this.store = store;
    this.source = source;
  }

  /** A blob of this disk, or fetched and put there. */
  byte[] one(BlobWish wish) throws IOException, InterruptedException {
    Found<byte[]> found = store.blob(wish.sha256());
    if (found instanceof Found.Whole<byte[]>(byte[] stored)) {
      return stored;
    }
    try {
      byte[] fetched = source.blob(wish);
      store.put(wish.sha256(), fetched);
      return fetched;
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(found.fault() + "; " + e.getMessage(), e);
    }
  }

  /**
   * All blobs of a release.
   *
   * @param heldContent the digest of the content that is served; of no use where it is not on disk
   */
  void all(Manifest manifest, String heldContent) throws IOException, InterruptedException {
    List<Manifest.Blob> missing = new ArrayList<>();
    for (Manifest.Blob blob : manifest.blobs()) {
      if (!(store.blob(blob.sha256()) instanceof Found.Whole<byte[]>)) {
        missing.add(blob);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    Manifest.Blob content = null;
    for (Manifest.Blob blob : missing) {
      content = blob.sha256().equals(manifest.content()) ? blob : content;
    }
    if (content != null) {
      one(new BlobWish(content.sha256(), content.size(), heldContent));
      missing.remove(content);
    }
    boolean large = missing.stream().anyMatch(blob -> blob.size() >= BlobDelta.BYTES_MIN);
    Map<String, String> bases = large ? bases(manifest, heldContent) : Map.of();
    several(
        missing.stream()
            .map(
                blob ->
                    new BlobWish(blob.sha256(), blob.size(), bases.getOrDefault(blob.sha256(), "")))
            .toList());
  }

  private Map<String, String> bases(Manifest manifest, String heldContent) throws IOException {
    return store.blob(manifest.content()) instanceof Found.Whole<byte[]>(byte[] wanted)
            && store.blob(heldContent) instanceof Found.Whole<byte[]>(byte[] held)
        ? BlobBases.of(wanted, held)
        : Map.of();
  }

  /** The first fault ends all. */
  private void several(List<BlobWish> wishes) throws IOException, InterruptedException {
    if (wishes.size() <= 1) {
      for (BlobWish wish : wishes) {
        one(wish);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable IOException> fault = new AtomicReference<>();
    Semaphore room = new Semaphore(PARALLEL_MAX, true);
    Callable<Boolean> worker =
        () -> {
          for (int i = next.getAndIncrement();
              i < wishes.size() && fault.get() == null;
              i = next.getAndIncrement()) {
            one(wishes.get(i), room, fault);
          }
          return true;
        };
    List<Callable<Boolean>> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(PARALLEL_MAX, wishes.size()); i++) {
      workers.add(worker);
    }
    try (ExecutorService pool =
        Executors.newFixedThreadPool(
            workers.size(), Thread.ofPlatform().name("release-fetch-", 0).daemon().factory())) {
      for (Future<Boolean> done : pool.invokeAll(workers)) {
        var _ = done.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("fetching", e);
    }
    IOException first = fault.get();
    if (first != null) {
      throw first;
    }
  }

  private void one(BlobWish wish, Semaphore room, AtomicReference<@Nullable IOException> fault)
      throws InterruptedException {
    int share = Math.clamp(1 + wish.bytesMax() / BYTES_EACH, 1, PARALLEL_MAX);
    room.acquire(share);
    try {
      one(wish);
    } catch (IOException e) {
      fault.compareAndSet(null, e);
    } finally {
      room.release(share);
    }
  }
}
