package io.openclaw.release;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * A blob as fewer bytes: one zstd frame, alone or as a patch against another blob, which both sides
 * hold (what the {@code zstd} tool calls {@code --patch-from}). The frame says how large the blob
 * is, so nothing is unpacked beyond what was allowed.
 *
 * <p>Native code; where it does not load, {@link #isAvailable} says so. Thread-safe.
 */
public final class BlobDelta {
  /** Smaller blobs are not worth it. */
  public static final int BYTES_MIN = 64 << 10;

  /** Bytes of an unpacked blob. */
  public static final int BYTES_MAX = (int) Manifest.BLOB_BYTES_MAX;

  private static final int LEVEL = 3;
  private static final int WINDOW_LOG_MIN = 17;

  /** Reaches from the end of the largest blob to the beginning of the largest base. */
  private static final int WINDOW_LOG_MAX = 27;

  /** 64 MiB of native memory. */
  private static final int HASH_LOG_MAX = 24;

  private static final boolean LOADED = load();

  private BlobDelta() {}

  private static boolean load() {
    try {
      Native.load();
      return true;
    } catch (LinkageError e) {
      System.getLogger("io.openclaw.release")
          .log(Level.WARNING, "zstd does not load here: blobs travel whole", e);
      return false;
    }
  }

  /** Whether the native library has loaded. */
  public static boolean isAvailable() {
    return LOADED;
  }

  /**
   * Packs a blob.
   *
   * @param base what the other side holds; empty for nothing
   * @throws IllegalArgumentException where one of them is too large
   */
  public static byte[] encode(byte[] bytes, byte[] base) {
    if (bytes.length > BYTES_MAX || base.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          Math.max(bytes.length, base.length) + " bytes (expected: at most " + BYTES_MAX + ")");
    }
    int reachLog =
        Long.SIZE - Long.numberOfLeadingZeros(Math.max(1L, 1L * bytes.length + base.length - 1));
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context
          .setLevel(LEVEL)
          .setLong(Math.clamp(reachLog, WINDOW_LOG_MIN, WINDOW_LOG_MAX))
          .setContentSize(true)
          .setChecksum(true);
      if (base.length > 0) {
        // The level's own tables have room for the last 100,000 places of a base only.
        context.setHashLog(Math.clamp(reachLog, WINDOW_LOG_MIN, HASH_LOG_MAX));
      }
      if (base.length > 0) {
        context.loadDict(base);
      }
      return context.compress(bytes);
    }
  }

  /**
   * Unpacks a blob; its digest is for the caller to check.
   *
   * @param base what it was packed against; empty for nothing
   * @param bytesMax how large it may be
   * @throws IOException where it is damaged, was packed against something else, or is too large
   */
  public static byte[] decode(byte[] packed, byte[] base, long bytesMax) throws IOException {
    long size = size(packed);
    long max = Math.min(bytesMax, BYTES_MAX);
    if (size > max) {
      throw new IOException("packed: " + size + " bytes (expected: at most " + max + ")");
    }
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      if (base.length > 0) {
        context.loadDict(base);
      }
      byte[] bytes = new byte[(int) size];
      int length = context.decompress(bytes, packed);
      if (length != size) {
        throw new IOException("packed: " + length + " bytes (expected: " + size + ")");
      }
      return bytes;
    } catch (ZstdException e) {
      throw new IOException("packed: " + e.getMessage(), e);
    }
  }

  private static long size(byte[] packed) throws IOException {
    try {
      long size = packed.length == 0 ? -1 : Zstd.getFrameContentSize(packed);
      if (size >= 0) {
        return size;
      }
    } catch (ZstdException e) {
      throw new IOException("packed: no zstd frame", e);
    }
    throw new IOException("packed: of no known size");
  }
}
