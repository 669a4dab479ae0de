package io.openclaw.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** gzip (RFC 1952) of whole bodies, with a limit on what a packed one may unpack to. */
final class Gzip {
  /** Smaller answers are not worth packing. */
  static final int WORTH_BYTES = 1024;

  private Gzip() {}

  /**
   * The unpacked bytes, or null where they are more than {@code bytesMax}.
   *
   * @throws IOException where the bytes are not gzip
   */
  static byte @Nullable [] unpack(byte[] packed, int bytesMax) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] unpacked = in.readNBytes(bytesMax + 1);
      return unpacked.length > bytesMax ? null : unpacked;
    }
  }

  static byte[] pack(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 4);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return out.toByteArray();
  }

  /** Whether an Accept-Encoding header takes gzip. */
  static boolean accepted(@Nullable String acceptEncoding) {
    if (acceptEncoding == null) {
      return false;
    }
    for (String each : acceptEncoding.split(",", -1)) {
      String[] parts = each.trim().split(";", 2);
      boolean refused = parts.length == 2 && parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      if (parts[0].trim().equalsIgnoreCase("gzip") || parts[0].trim().equals("*")) {
        return !refused;
      }
    }
    return false;
  }
}
