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
 * still matters when the node starts and when it has become long.
 *
 * <p>Used by one thread at a time, and blocks it until the disk has what was written.
 */
final class QuotaFile implements Quotas.Store, AutoCloseable {
  /** A file shorter than this is left as it is. */
  private static final long COMPACT_BYTES_MIN = 4L << 20;

  private static final int RECORD_BYTES_MAX = DurableLog.RECORD_BYTES_MAX;

  private final Path file;
  private final QuotaLedger ledger;
  private FileLog log;
  private long bytes;
  private long bytesToCompact;

  private QuotaFile(Path file, QuotaLedger ledger, FileLog log) {
    this.file = file;
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
    QuotaFile opened = new QuotaFile(file, ledger, rewritten(file, ledger.lines()));
    opened.measure();
    return opened;
  }

  QuotaLedger ledger() {
    return ledger;
  }

  private static List<String> linesOf(byte[] record) {
    return new String(record, StandardCharsets.UTF_8).lines().toList();
  }

  /** A new file with these lines takes the old one's place, whole or not at all. */
  private static FileLog rewritten(Path file, List<String> lines) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + DurableFile.TEMPORARY);
    Files.deleteIfExists(next);
    try (FileLog log = FileLog.open(next, record -> {})) {
      append(log, lines);
    }
    DurableFile.move(next, file);
    return FileLog.open(file, record -> {});
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
    if (bytes > bytesToCompact) {
      log.close();
      log = rewritten(file, ledger.lines());
      measure();
    }
    bytes += append(log, lines);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
