package io.openclaw.app;

import io.openclaw.net.JobService;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A job's results being read, from a row on, as far as they are on disk. Every line begins with its
 * row, in order, so the first one that is wanted is found by bisection. Not thread-safe.
 */
final class JobPages implements JobService.Results {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final int PAGE_BYTES = 256 << 10;
  private static final int PROBE_BYTES = 8 << 10;
  private static final String INDEX = "{\"index\":";

  private final FileChannel channel;
  private final long end;
  private long at;

  private JobPages(FileChannel channel, long end) {
    this.channel = channel;
    this.end = end;
  }

  /**
   * Opens the file.
   *
   * @param end of the lines that are on disk, in bytes
   */
  static JobPages open(Path file, long end, long fromRow) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      JobPages pages = new JobPages(channel, end);
      pages.at = fromRow == 0 ? 0 : pages.find(fromRow);
      return pages;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Where the line of a row begins; the end where there is none. */
  private long find(long row) throws IOException {
    long low = 0; // a line begins here, of a row that is not after the wanted one
    long high = end;
    while (low < high) {
      long middle = nextLine((low + high) >>> 1, high);
      if (middle >= high) {
        return scan(low, high, row);
      }
      if (rowAt(middle) <= row) {
        low = middle;
      } else {
        high = middle;
      }
      if (high - low <= PROBE_BYTES) {
        return scan(low, high, row);
      }
    }
    return end;
  }

  private long scan(long from, long to, long row) throws IOException {
    long line = from;
    while (line < to && rowAt(line) < row) {
      line = nextLine(line, to);
    }
    return line;
  }

  /** Where the first line after a place begins, at most {@code most}. */
  private long nextLine(long place, long most) throws IOException {
    long from = place;
    while (from < most) {
      ByteBuffer probe = probe(from);
      while (probe.hasRemaining()) {
        if (probe.get() == '\n') {
          return Math.min(most, from + probe.position());
        }
      }
      from += probe.limit();
    }
    return most;
  }

  private long rowAt(long line) throws IOException {
    ByteBuffer probe = probe(line);
    String head =
        StandardCharsets.ISO_8859_1
            .decode(probe.limit(Math.min(probe.limit(), INDEX.length() + 20)))
            .toString();
    int comma = head.indexOf(',');
    if (!head.startsWith(INDEX) || comma < 0) {
      throw new IOException("the results are damaged at byte " + line);
    }
    return Long.parseLong(head.substring(INDEX.length(), comma));
  }

  private ByteBuffer probe(long place) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(PROBE_BYTES, end - place));
    while (bytes.hasRemaining() && channel.read(bytes, place + bytes.position()) > 0) {
      // until it is full
    }
    if (bytes.hasRemaining()) {
      throw new IOException("the results end at byte " + (place + bytes.position()));
    }
    return bytes.flip();
  }

  @Override
  public byte[] read() throws IOException {
    ByteBuffer page = ByteBuffer.allocate((int) Math.min(PAGE_BYTES, end - at));
    while (page.hasRemaining()) {
      if (channel.read(page, at + page.position()) < 0) {
        throw new IOException("the results end at byte " + (at + page.position()));
      }
    }
    at += page.position();
    return page.array();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "closing results", e);
    }
  }
}
