package io.openclaw.app;

import io.openclaw.edge.ItemSplitter;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A job's inputs in one file: each is its length, a CRC-32C of its place and bytes, and its bytes.
 * An input that was too large has the length -1 and no bytes.
 */
final class JobInput {
  /** Bytes of one input, whatever the configuration is when the job goes on. */
  static final int ITEM_BYTES_MAX = 1 << 20;

  private static final int HEADER_BYTES = 8;
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int TOO_LARGE = -1;
  private static final byte[] NOTHING = {};

  private JobInput() {}

  private static int crcOf(long at, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, at));
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Writes inputs one after another. Not thread-safe. */
  static final class Writer implements Closeable {
    private final FileChannel channel;
    private final ByteBuffer buffer;
    private long at;

    Writer(Path file, int itemBytesMax) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      buffer = ByteBuffer.allocate(BUFFER_BYTES + HEADER_BYTES + itemBytesMax);
    }

    void add(ItemSplitter.Item item) throws IOException {
      buffer.putInt(item.tooLarge() ? TOO_LARGE : item.bytes().length);
      buffer.putInt(crcOf(at, item.bytes())).put(item.bytes());
      at += HEADER_BYTES + item.bytes().length;
      if (buffer.position() >= BUFFER_BYTES) {
        flush();
      }
    }

    private void flush() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }

    /** Bytes written or about to be. */
    long bytes() {
      return at;
    }

    /** Puts all of it on disk. */
    void finish() throws IOException {
      flush();
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Reads inputs one after another. Not thread-safe. */
  static final class Reader implements Closeable {
    private final FileChannel channel;
    private final DataInputStream in;
    private final long end;
    private long at;

    Reader(Path file, long from) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      channel.position(from);
      end = channel.size();
      in =
          new DataInputStream(
              new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES));
      at = from;
    }

    /** Where the next input begins. */
    long at() {
      return at;
    }

    /**
     * The next input; null at the end.
     *
     * @throws IOException where the file is not what was written, with the place
     */
    ItemSplitter.@Nullable Item next() throws IOException {
      if (at == end) {
        return null;
      }
      try {
        int length = in.readInt();
        int crc = in.readInt();
        if (length < TOO_LARGE || length > ITEM_BYTES_MAX) {
          throw damaged("a length of " + length);
        }
        byte[] bytes = length <= 0 ? NOTHING : new byte[length];
        in.readFully(bytes);
        if (crc != crcOf(at, bytes)) {
          throw damaged("another checksum");
        }
        at += HEADER_BYTES + bytes.length;
        return new ItemSplitter.Item(bytes, length == TOO_LARGE);
      } catch (EOFException e) {
        throw damaged("its end");
      }
    }

    private IOException damaged(String found) {
      return new IOException("the inputs are damaged at byte " + at + ": " + found);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
