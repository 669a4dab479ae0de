package io.openclaw.net;

import io.openclaw.mesh.MeshTransport;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Frames in a stream of bytes: each after its length in four bytes, big-endian. Holds one
 * unfinished frame at most. Not thread-safe.
 */
final class PeersFrames {
  private static final int PREFIX_BYTES = 4;

  private final Consumer<byte[]> sink;
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private int prefixBytes;
  private byte[] frame = new byte[0];
  private int frameBytes;

  PeersFrames(Consumer<byte[]> sink) {
    this.sink = sink;
  }

  static Buffer encode(byte[] frame) {
    return Buffer.buffer(PREFIX_BYTES + frame.length).appendInt(frame.length).appendBytes(frame);
  }

  /**
   * Takes the next bytes of the stream and hands over each frame they complete.
   *
   * @return false where a length is zero or beyond the limit: the stream cannot be read any further
   */
  boolean take(Buffer bytes) {
    int at = 0;
    while (at < bytes.length()) {
      if (prefixBytes < PREFIX_BYTES) {
        prefix[prefixBytes++] = bytes.getByte(at++);
        if (prefixBytes == PREFIX_BYTES && !begin()) {
          return false;
        }
        continue;
      }
      int more = Math.min(frame.length - frameBytes, bytes.length() - at);
      bytes.getBytes(at, at + more, frame, frameBytes);
      at += more;
      frameBytes += more;
      if (frameBytes == frame.length) {
        prefixBytes = 0;
        sink.accept(frame);
      }
    }
    return true;
  }

  private boolean begin() {
    int length = Buffer.buffer(Arrays.copyOf(prefix, PREFIX_BYTES)).getInt(0);
    if (length <= 0 || length > MeshTransport.FRAME_BYTES_MAX) {
      prefixBytes = PREFIX_BYTES - 1;
      return false;
    }
    frame = new byte[length];
    frameBytes = 0;
    return true;
  }
}
