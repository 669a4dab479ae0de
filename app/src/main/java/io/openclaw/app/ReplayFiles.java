package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.rating.DurableLog;
import io.openclaw.release.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A {@link DurableLog} whose records are needed for a fixed time only: a folder of {@link FileLog}s
 * {@code 1.log}, {@code 2.log} and so on, each written for a 24th of that time, or until the disk
 * fails, and deleted when its last record is old enough. Appending never waits for that.
 *
 * <p>Thread-safe.
 */
final class ReplayFiles implements DurableLog, AutoCloseable {
  private static final int PARTS = 24;
  private static final String SUFFIX = ".log";

  /** A file nobody writes to any more. */
  private record Old(Path file, long newestMillis) {}

  private final Path folder;
  private final FileLog.Disk disk;
  private final long keepMillis;
  private final Clock clock;
  private final Deque<Old> old = new ArrayDeque<>();
  private long number;
  private Path file;
  private FileLog log;
  private long firstMillis = Long.MAX_VALUE;
  private long newestMillis;

  private ReplayFiles(
      Path folder,
      FileLog.Disk disk,
      long keepMillis,
      Clock clock,
      long number,
      Path file,
      FileLog log) {
    this.folder = folder;
    this.disk = disk;
    this.keepMillis = keepMillis;
    this.clock = clock;
    this.number = number;
    this.file = file;
    this.log = log;
  }

  /**
   * Opens the folder, making it where it is missing, hands every record to {@code replay} in the
   * order they were appended, and begins a new file.
   *
   * @throws IOException where a file cannot be used or is damaged
   */
  static ReplayFiles open(Path folder, long keepMillis, Clock clock, Consumer<byte[]> replay)
      throws IOException {
    return open(folder, FileLog::channel, keepMillis, clock, replay);
  }

  /** The same on a disk that a test may have made. */
  static ReplayFiles open(
      Path folder, FileLog.Disk disk, long keepMillis, Clock clock, Consumer<byte[]> replay)
      throws IOException {
    Files.createDirectories(folder);
    Deque<Old> before = new ArrayDeque<>();
    long last = 0;
    for (long each : numbers(folder)) {
      last = each;
      Path file = folder.resolve(each + SUFFIX);
      long newest = Files.getLastModifiedTime(file).toMillis();
      FileLog.open(file, replay).close();
      if (Files.size(file) == 0) {
        Files.delete(file);
      } else {
        before.add(new Old(file, newest));
      }
    }
    Path file = folder.resolve(last + 1 + SUFFIX);
    FileLog log = FileLog.open(file, disk.open(file), record -> {}, null);
    DurableFile.syncFolder(folder); // a crash of the machine leaves it there
    ReplayFiles opened = new ReplayFiles(folder, disk, keepMillis, clock, last + 1, file, log);
    opened.old.addAll(before);
    return opened;
  }

  private static List<Long> numbers(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("[1-9][0-9]{0,17}\\.log"))
          .map(name -> Long.valueOf(name.substring(0, name.length() - SUFFIX.length())))
          .sorted()
          .toList();
    }
  }

  @Override
  public synchronized CompletionStage<Void> append(byte[] record) {
    newestMillis = clock.wallMillis();
    firstMillis = Math.min(firstMillis, newestMillis);
    return log.append(record); // only puts it into a queue
  }

  @Override
  public synchronized boolean accepts() {
    return log.accepts();
  }

  /**
   * Begins a new file where it is time or the one there is broken, and deletes those that are too
   * old; waits for the disk.
   *
   * @throws IOException where the disk does not take a new file; the one there is goes on, or goes
   *     on refusing
   */
  void tick() throws IOException {
    long now = clock.wallMillis();
    try {
      if (isDue(now)) {
        Path next = folder.resolve(number + 1 + SUFFIX);
        swap(next, begun(next)).close();
      }
    } finally { // a full disk needs it most
      for (Path gone = tooOld(now); gone != null; gone = tooOld(now)) {
        Files.deleteIfExists(gone);
      }
    }
  }

  /** A file on a disk that takes records, and that a crash of the machine leaves there. */
  private FileLog begun(Path next) throws IOException {
    FileLog fresh = FileLog.begin(next, disk.open(next));
    try {
      DurableFile.syncFolder(folder);
      return fresh;
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  private synchronized boolean isDue(long now) {
    return log.isBroken() || firstMillis <= now - keepMillis / PARTS;
  }

  private synchronized FileLog swap(Path next, FileLog fresh) {
    FileLog before = log;
    old.add(new Old(file, newestMillis));
    number++;
    file = next;
    log = fresh;
    firstMillis = Long.MAX_VALUE;
    return before;
  }

  private synchronized @org.jspecify.annotations.Nullable Path tooOld(long now) {
    Old oldest = old.peekFirst();
    if (oldest == null || now - oldest.newestMillis() < keepMillis) {
      return null;
    }
    old.removeFirst();
    return oldest.file();
  }

  @Override
  public void close() throws IOException {
    FileLog last;
    synchronized (this) {
      last = log;
    }
    last.close();
  }
}
