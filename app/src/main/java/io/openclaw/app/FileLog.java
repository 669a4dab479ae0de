package io.openclaw.app;

import io.openclaw.rating.DurableLog;
import io.openclaw.rating.NotDurableException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DurableLog} in one file: each record is its length, a CRC-32C of its place and bytes,
 * and its bytes; one thread writes whatever has come in meanwhile and syncs once for all of it
 * (group commit). With its place in the CRC, no record can hold what looks like another one.
 *
 * <p>A torn last record, which nobody was told of, is cut off on opening; a damaged one before it
 * is refused. After a failed sync the file is <em>broken</em>: it takes nothing more, since what
 * the disk then holds is not known, and a second sync would not tell.
 *
 * <p>With a {@link LogCompaction} the file is rewritten when it has become long, or broken; what is
 * appended meanwhile waits, or is refused. Without one a broken log stays so, and its owner begins
 * another.
 */
final class FileLog implements DurableLog, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  static final int HEADER_BYTES = 8;
  private static final int QUEUE_RECORDS_MAX = 100_000;
  private static final int BATCH_BYTES_MAX = 4 << 20;

  /** A shorter file is not worth rewriting. */
  private static final long COMPACTED_BYTES_MIN = 64L << 20;

  /** How long it waits before it tries a disk again that refused; twice as long each time. */
  private static final long RETRY_MILLIS_MIN = 100;

  private static final long RETRY_MILLIS_MAX = 10_000;

  private static final String BROKEN =
      "the disk failed while it was written, and the file has not been replaced yet";

  /** The most that one write holds, and so the most that a crash can tear. */
  private static final int WRITE_BYTES_MAX = BATCH_BYTES_MAX + HEADER_BYTES + RECORD_BYTES_MAX;

  /** A record on its way; the empty one, which nobody can append, ends the writer. */
  private static final class Entry {
    final byte[] record;
    final CompletableFuture<Void> durable = new CompletableFuture<>();

    Entry(byte[] record) {
      this.record = record;
    }

    boolean isStop() {
      return record.length == 0;
    }
  }

  /** Where files are opened; a test may have another. */
  @FunctionalInterface
  interface Disk {
    /** Opens a file, or makes it. */
    FileChannel open(Path file) throws IOException;
  }

  private final @Nullable LogCompaction compaction;
  private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>(QUEUE_RECORDS_MAX);
  private final Thread writer;
  private FileChannel channel;
  private long end;
  private long retryMillis = RETRY_MILLIS_MIN;
  private volatile boolean refusing;
  private volatile boolean broken;
  private volatile boolean closed;

  private FileLog(String name, FileChannel channel, long end, @Nullable LogCompaction compaction) {
    this.channel = channel;
    this.end = end;
    this.compaction = compaction;
    this.writer = Thread.ofPlatform().name(name).daemon().unstarted(this::writeAll);
  }

  /**
   * Opens the log, hands every record in it to {@code replay}, in order, and is ready to append.
   *
   * @throws IOException where the file cannot be used or is damaged
   */
  static FileLog open(Path file, Consumer<byte[]> replay) throws IOException {
    return open(file, channel(file), replay, null);
  }

  /** The same; a long file is replaced by one with what its records come to, while it is in use. */
  static FileLog open(Path file, Consumer<byte[]> replay, LogCompaction.Summary summary)
      throws IOException {
    LogCompaction compaction =
        new LogCompaction(file, FileLog::channel, summary, COMPACTED_BYTES_MIN);
    return open(file, channel(file), replay, compaction);
  }

  /** A file of the machine's own disk. */
  static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Begins an empty log on a disk that is in doubt.
   *
   * @throws IOException where that does not take a record now
   */
  static FileLog begin(Path file, FileChannel channel) throws IOException {
    FileLog log = opened(file, channel, record -> {}, null);
    try {
      log.prove();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    log.writer.start();
    return log;
  }

  /** The same on a channel that a test may have made. */
  static FileLog open(
      Path file, FileChannel channel, Consumer<byte[]> replay, @Nullable LogCompaction compaction)
      throws IOException {
    FileLog log = opened(file, channel, replay, compaction);
    log.writer.start();
    return log;
  }

  private static FileLog opened(
      Path file, FileChannel channel, Consumer<byte[]> replay, @Nullable LogCompaction compaction)
      throws IOException {
    try {
      long end = replay(file, channel, replay);
      if (end < channel.size()) {
        LOG.log(
            Level.WARNING,
            () ->
                file
                    + ": cut off an unfinished record at byte "
                    + end
                    + ", which nobody was told of");
        channel.truncate(end);
        channel.force(true);
      }
      channel.position(end);
      return new FileLog(String.valueOf(file.getFileName()), channel, end, compaction);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static long replay(Path file, FileChannel channel, Consumer<byte[]> replay)
      throws IOException {
    long size = channel.size();
    long at = 0;
    ByteBuffer window = ByteBuffer.allocate(1 << 20).limit(0);
    while (at < size) {
      byte[] record = read(channel, window, at, size);
      if (record == null) {
        requireTorn(file, channel, at, size);
        return at;
      }
      try {
        replay.accept(record);
      } catch (IllegalArgumentException e) {
        throw new IOException(
            file.toAbsolutePath()
                + " holds a record at byte "
                + at
                + " that this version does not understand: "
                + e.getMessage(),
            e);
      }
      at += HEADER_BYTES + record.length;
    }
    return at;
  }

  /** The record at {@code at}, or null where there is no whole one. */
  private static byte @Nullable [] read(FileChannel channel, ByteBuffer window, long at, long size)
      throws IOException {
    fill(channel, window, at, HEADER_BYTES);
    if (window.remaining() < HEADER_BYTES) {
      return null;
    }
    int length = window.getInt();
    int crc = window.getInt();
    if (length < 1 || length > RECORD_BYTES_MAX || at + HEADER_BYTES + length > size) {
      return null;
    }
    fill(channel, window, at + HEADER_BYTES, length);
    if (window.remaining() < length) {
      return null;
    }
    byte[] record = new byte[length];
    window.get(record);
    return crc == crcOf(at, record) ? record : null;
  }

  /**
   * Makes {@code window} start at {@code at} with {@code needed} bytes, where the file has them.
   */
  private static void fill(FileChannel channel, ByteBuffer window, long at, int needed)
      throws IOException {
    if (window.remaining() >= needed) {
      return;
    }
    window.compact();
    while (window.hasRemaining() && channel.read(window, at + window.position()) > 0) {
      // until the window is full or the file ends
    }
    window.flip();
  }

  /** A torn tail is no longer than one write and has no whole record in it; damage may be. */
  private static void requireTorn(Path file, FileChannel channel, long at, long size)
      throws IOException {
    if (size - at > WRITE_BYTES_MAX) {
      throw damaged(file, at, (size - at) + " bytes follow");
    }
    ByteBuffer tail = ByteBuffer.allocate((int) (size - at));
    while (tail.hasRemaining() && channel.read(tail, at + tail.position()) > 0) {
      // until the file ends
    }
    tail.flip();
    for (int next = 1; next + HEADER_BYTES < tail.limit(); next++) {
      int length = tail.getInt(next);
      if (length >= 1
          && length <= RECORD_BYTES_MAX
          && length <= tail.limit() - next - HEADER_BYTES) {
        byte[] record = new byte[length];
        tail.get(next + HEADER_BYTES, record);
        if (tail.getInt(next + Integer.BYTES) == crcOf(at + next, record)) {
          throw damaged(file, at, "a whole record follows at byte " + (at + next));
        }
      }
    }
  }

  private static IOException damaged(Path file, long at, String why) {
    return new IOException(
        file.toAbsolutePath()
            + " is damaged at byte "
            + at
            + " ("
            + why
            + "); restore it from a backup, or move it away to start without its counts");
  }

  /** Writes a record as it stands in the file at {@code at}. */
  static void frame(ByteBuffer into, long at, byte[] record) {
    into.putInt(record.length).putInt(crcOf(at, record)).put(record);
  }

  private static int crcOf(long at, byte[] record) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, at));
    crc.update(record);
    return (int) crc.getValue();
  }

  @Override
  public CompletionStage<Void> append(byte[] record) {
    if (record.length < 1 || record.length > RECORD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "record: " + record.length + " bytes (expected: 1 to " + RECORD_BYTES_MAX + ")");
    }
    Entry entry = new Entry(record);
    if (broken) {
      fail(entry, new IOException(BROKEN));
    } else if (!queue.offer(entry)) {
      fail(
          entry,
          new IOException("the disk is too slow: " + QUEUE_RECORDS_MAX + " records are waiting"));
    } else if (closed && queue.remove(entry)) {
      fail(entry, new IOException("the log is closed"));
    }
    return entry.durable;
  }

  @Override
  public boolean accepts() {
    return !refusing && !closed && queue.remainingCapacity() > 0;
  }

  /** Whether it takes nothing more before its file has been replaced. */
  boolean isBroken() {
    return broken;
  }

  private static void fail(Entry entry, IOException cause) {
    entry.durable.completeExceptionally(new NotDurableException("not on disk", cause));
  }

  private void writeAll() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(WRITE_BYTES_MAX);
    List<Entry> batch = new ArrayList<>();
    boolean stopped = false;
    while (!stopped) {
      batch.clear();
      bytes.clear();
      stopped = take(bytes, batch);
      if (!batch.isEmpty()) {
        commit(bytes.flip(), batch);
      } else if (!stopped) {
        recover();
      }
      if (compaction != null && !refusing && compaction.isDue(end)) {
        compact(compaction);
      }
    }
    closed = true;
    for (Entry late = queue.poll(); late != null; late = queue.poll()) {
      fail(late, new IOException("the log is closed"));
    }
  }

  /**
   * Takes what there is, and waits for the first of it, but not long where the disk is to be tried
   * again; whether it was the last.
   */
  private boolean take(ByteBuffer bytes, List<Entry> batch) {
    boolean mayRecover = refusing && (!broken || compaction != null);
    try {
      Entry entry = mayRecover ? queue.poll(retryMillis, TimeUnit.MILLISECONDS) : queue.take();
      while (entry != null) {
        if (entry.isStop()) {
          return true;
        }
        batch.add(entry);
        frame(bytes, end + bytes.position(), entry.record);
        entry = bytes.position() < BATCH_BYTES_MAX ? queue.poll() : null;
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void commit(ByteBuffer bytes, List<Entry> batch) {
    try {
      if (broken) {
        throw new IOException(BROKEN);
      }
      put(bytes);
      end += bytes.limit();
    } catch (IOException e) {
      refuse(e);
      batch.forEach(entry -> fail(entry, e));
      return;
    }
    accept();
    for (Entry entry : batch) {
      entry.durable.complete(null);
    }
  }

  /** Puts bytes after the end and on disk; where that fails nothing is left of them. */
  private void put(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes, end + bytes.position());
      }
      sync();
    } catch (IOException e) {
      try {
        cut();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private void sync() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Cuts off what follows the end: a later record must not follow half a one. */
  private void cut() throws IOException {
    try {
      channel.truncate(end);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Shows that the disk takes a record: zeros, which a restart would cut off, come and go. */
  private void prove() throws IOException {
    put(ByteBuffer.allocate(HEADER_BYTES + RECORD_BYTES_MAX));
    cut();
  }

  /** Tries a disk again that refused. */
  private void recover() {
    LogCompaction rewriting = compaction;
    try {
      if (!broken) {
        prove();
      } else if (rewriting != null) {
        replace(rewriting.renew());
        broken = false;
      }
      accept();
    } catch (IOException | RuntimeException e) {
      retryMillis = Math.min(2 * retryMillis, RETRY_MILLIS_MAX);
      LOG.log(Level.DEBUG, () -> writer.getName() + " still accepts nothing: " + e.getMessage());
    }
  }

  private void refuse(IOException why) {
    if (!refusing) {
      refusing = true;
      LOG.log(Level.ERROR, () -> writer.getName() + " accepts nothing: " + why.getMessage());
    }
  }

  private void accept() {
    if (refusing) {
      refusing = false;
      retryMillis = RETRY_MILLIS_MIN;
      LOG.log(Level.INFO, () -> writer.getName() + " accepts records again");
    }
  }

  /** Between two writes: all that is in the file has been told to those who appended it. */
  private void compact(LogCompaction compaction) {
    try {
      FileChannel shorter = compaction.run(end);
      if (shorter != null) {
        replace(shorter);
      }
    } catch (IOException e) {
      broken = true;
      refuse(e);
    }
  }

  private void replace(FileChannel next) throws IOException {
    FileChannel before = channel;
    channel = next;
    end = next.size();
    before.close();
  }

  /** Writes what was appended, and closes. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    try {
      queue.put(new Entry(new byte[0]));
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (broken) {
      cutAtLast();
    }
    channel.close();
  }

  /** The disk may be well by now: what nobody was told of should not be found by a restart. */
  private void cutAtLast() {
    try {
      cut();
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          () -> writer.getName() + " may end with records that were refused: " + e.getMessage());
    }
  }
}
