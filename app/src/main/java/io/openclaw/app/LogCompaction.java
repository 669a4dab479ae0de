package io.openclaw.app;

import io.openclaw.release.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the file of a {@link FileLog} is kept from growing for ever: when it has become long, one
 * with what its records come to takes its place, whole or not at all. For the log's thread alone.
 */
final class LogCompaction {
  /** Tells what the records of a log come to. */
  @FunctionalInterface
  interface Summary {
    /** Gives records that replay to the same state; called on the log's thread. */
    void write(Consumer<byte[]> records);
  }

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** A file is rewritten when it is this many times as long as it would be then. */
  private static final int GROWTH = 4;

  private final Path file;
  private final FileLog.Disk disk;
  private final Summary summary;
  private final long bytesMin;
  private long due;

  /**
   * @param bytesMin a shorter file is left as it is
   */
  LogCompaction(Path file, FileLog.Disk disk, Summary summary, long bytesMin) {
    this.file = file;
    this.disk = disk;
    this.summary = summary;
    this.bytesMin = bytesMin;
    this.due = bytesMin;
  }

  boolean isDue(long bytes) {
    return bytes > due;
  }

  /**
   * Puts a shorter file in the log's place.
   *
   * @param bytes how long the log is
   * @return the new file, open; null where it could not be written, and the log is as it was
   * @throws IOException where it is not known which of both a power cut would leave: both hold
   *     everything up to now
   */
  @Nullable FileChannel run(long bytes) throws IOException {
    FileChannel channel;
    try {
      channel = written();
    } catch (IOException | RuntimeException e) {
      due = bytes + bytesMin;
      LOG.log(Level.WARNING, () -> file + " could not be shortened; it will be tried again", e);
      return null;
    }
    long size = inPlace(channel);
    LOG.log(Level.INFO, () -> file + " was shortened from " + bytes + " to " + size + " bytes");
    return channel;
  }

  /**
   * Puts a new file in the place of one of which it is not known what the disk holds.
   *
   * @return the new file, open
   * @throws IOException where the disk does not take it; it may be tried again
   */
  FileChannel renew() throws IOException {
    FileChannel channel = written();
    inPlace(channel);
    return channel;
  }

  /** Gives a written file the log's name; how long it is. */
  private long inPlace(FileChannel channel) throws IOException {
    try {
      DurableFile.move(next(), file);
      long size = channel.size();
      due = Math.max(bytesMin, GROWTH * size);
      return size;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private Path next() {
    return file.resolveSibling(file.getFileName() + DurableFile.TEMPORARY);
  }

  private FileChannel written() throws IOException {
    Path next = next();
    Files.deleteIfExists(next);
    FileChannel channel = disk.open(next);
    try {
      Frames frames = new Frames(channel);
      summary.write(frames::add);
      frames.flush();
      channel.force(true);
      return channel;
    } catch (UncheckedIOException e) {
      channel.close();
      throw e.getCause();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Writes records from a file's beginning on. */
  private static final class Frames {
    private static final int BUFFER_BYTES = 1 << 20;

    private final FileChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    private long end;

    Frames(FileChannel channel) {
      this.channel = channel;
    }

    void add(byte[] record) {
      try {
        if (bytes.remaining() < FileLog.HEADER_BYTES + record.length) {
          flush();
        }
        FileLog.frame(bytes, end + bytes.position(), record);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void flush() throws IOException {
      bytes.flip();
      while (bytes.hasRemaining()) {
        end += channel.write(bytes);
      }
      bytes.clear();
    }
  }
}
