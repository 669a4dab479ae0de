package io.openclaw.app;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A job's results being written: lines one after another, with a CRC-32C over all of them. Opened
 * at a checkpoint, it lets go what was written after that, and refuses what is not what the
 * checkpoint says. Not thread-safe.
 */
final class JobResults implements Closeable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private final CRC32C crc = new CRC32C();
  private long bytes;

  private JobResults(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens the file at a checkpoint.
   *
   * @param bytes of it that count
   * @param crc their CRC-32C
   * @throws IOException also where the file holds fewer or other bytes
   */
  static JobResults open(Path file, long bytes, long crc) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      JobResults results = new JobResults(channel);
      results.check(bytes, crc);
      channel.truncate(bytes);
      channel.position(bytes);
      return results;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void check(long counted, long expected) throws IOException {
    if (channel.size() < counted) {
      throw new IOException(
          "the results are damaged: " + channel.size() + " bytes (expected: " + counted + ")");
    }
    while (bytes < counted) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), counted - bytes));
      if (channel.read(buffer, bytes) < 0) {
        throw new IOException("the results ended at byte " + bytes);
      }
      bytes += buffer.position();
      crc.update(buffer.flip());
    }
    buffer.clear();
    if (crc.getValue() != expected) {
      throw new IOException(
          "the results are damaged: the checksum of the first " + counted + " bytes is another");
    }
  }

  void add(byte[] line) throws IOException {
    if (line.length > buffer.remaining()) {
      flush();
    }
    crc.update(line);
    bytes += line.length;
    if (line.length > buffer.capacity()) {
      write(ByteBuffer.wrap(line));
    } else {
      buffer.put(line);
    }
  }

  private void flush() throws IOException {
    write(buffer.flip());
    buffer.clear();
  }

  private void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  /** Puts all lines on disk. */
  void sync() throws IOException {
    flush();
    channel.force(false);
  }

  /** Bytes of all lines. */
  long bytes() {
    return bytes;
  }

  /** Their CRC-32C. */
  long crc() {
    return crc.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
