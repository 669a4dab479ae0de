package io.openclaw.app;

import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.Quotas;
import io.openclaw.rating.DurableLog;
import io.openclaw.release.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The file of a {@link QuotaLedger}: records of lines in a {@link FileLog}, written anew with what
 * still matters when the node starts, when it has become long, and when the disk has failed.
 *
 * <p>Used by one thread at a time, and blocks it until the disk has what was written.
 */
final class QuotaFile implements Quotas.Store, AutoCloseable {
  /** A file shorter than this is left as it is. */
  private static final long COMPACT_BYTES_MIN = 4L << 20;

  private static final int RECORD_BYTES_MAX = DurableLog.RECORD_BYTES_MAX;

  private final Path file;
  private final FileLog.Disk disk;
  private final QuotaLedger ledger;
  private volatile FileLog log;
  private long bytes;
  private long bytesToCompact;

  private QuotaFile(Path file, FileLog.Disk disk, QuotaLedger ledger, FileLog log) {
    this.file = file;
    this.disk = disk;
    this.ledger = ledger;
    this.log = log;
  }

  /**
   * Opens the file, or begins a ledger.
   *
   * @throws IOException where the file cannot be used or is damaged
   */
  static QuotaFile open(
      Path file,
      String region,
      List<String> regions,
      Supplier<Long> wallMillis,
      RandomGenerator random)
      throws IOException {
    return open(file, FileLog::channel, region, regions, wallMillis, random);
  }

  /** The same on a disk that a test may have made. */
  static QuotaFile open(
      Path file,
      FileLog.Disk disk,
      String region,
      List<String> regions,
      Supplier<Long> wallMillis,
      RandomGenerator random)
      throws IOException {
    List<String> lines = new ArrayList<>();
    if (Files.exists(file)) {
      FileLog.open(file, record -> lines.addAll(linesOf(record))).close();
    }
    if (lines.isEmpty()) {
      lines.addAll(QuotaLedger.begin(region, regions, wallMillis.get(), random));
    }
    QuotaLedger ledger;
    try {
      ledger = QuotaLedger.read(lines);
    } catch (IllegalArgumentException e) {
      throw new IOException(file.toAbsolutePath() + " is damaged: " + e.getMessage(), e);
    }
    Path next = written(file, disk, ledger.lines());
    QuotaFile opened = new QuotaFile(file, disk, ledger, inPlace(next, file, disk));
    opened.measure();
    return opened;
  }

  QuotaLedger ledger() {
    return ledger;
  }

  private static List<String> linesOf(byte[] record) {
    return new String(record, StandardCharsets.UTF_8).lines().toList();
  }

  /** Writes a file with these lines beside the one there is. */
  private static Path written(Path file, FileLog.Disk disk, List<String> lines) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + DurableFile.TEMPORARY);
    Files.deleteIfExists(next);
    try (FileLog log = FileLog.open(next, disk.open(next), record -> {}, null)) {
      append(log, lines);
    }
    return next;
  }

  /** The written file takes the other's place, whole or not at all. */
  private static FileLog inPlace(Path next, Path file, FileLog.Disk disk) throws IOException {
    DurableFile.move(next, file);
    return FileLog.open(file, disk.open(file), record -> {}, null);
  }

  private void measure() throws IOException {
    bytes = Files.size(file);
    bytesToCompact = Math.max(COMPACT_BYTES_MIN, 4 * bytes);
  }

  /** Lines that belong together go into one record; more than one holds is no harm: each holds. */
  private static long append(FileLog log, List<String> lines) throws IOException {
    StringBuilder record = new StringBuilder();
    long bytes = 0;
    for (String line : lines) {
      if (record.length() + line.length() >= RECORD_BYTES_MAX) {
        bytes += append(log, record.toString());
        record.setLength(0);
      }
      record.append(line).append('\n');
    }
    return bytes + append(log, record.toString());
  }

  private static long append(FileLog log, String record) throws IOException {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    try {
      log.append(bytes).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new IOException("quotas could not be written", e.getCause());
    }
    return bytes.length;
  }

  @Override
  public void append(List<String> lines) throws IOException {
    if (bytes > bytesToCompact || !log.accepts()) {
      Path next = written(file, disk, ledger.lines());
      log.close(); // else it might go on in a file that has no name any more
      log = inPlace(next, file, disk);
      measure();
    }
    bytes += append(log, lines);
  }

  /** Whether the disk took what it was given last. */
  boolean accepts() {
    return log.accepts();
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
