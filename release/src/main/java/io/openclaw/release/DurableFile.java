package io.openclaw.release;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/** Replaces files whole or not at all: temporary file, fsync, rename, fsync of the folder. */
public final class DurableFile {
  /** The end of a temporary file's name; one that is left over means nothing. */
  public static final String TEMPORARY = ".next";

  private DurableFile() {}

  /**
   * Replaces a file; durable when this returns.
   *
   * @param secret whether only this user may read it
   */
  public static void replace(Path file, byte[] content, boolean secret) throws IOException {
    replace(file, content, secret, step -> {});
  }

  /**
   * Replaces a file, telling of each step before it is taken.
   *
   * @param steps told {@code write}, {@code rename}, {@code sync} and {@code done}, in order
   */
  static void replace(Path file, byte[] content, boolean secret, Consumer<String> steps)
      throws IOException {
    steps.accept("write");
    Path next = file.resolveSibling(file.getFileName() + TEMPORARY);
    Files.deleteIfExists(next);
    if (secret && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    try (FileChannel channel =
        FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    move(next, file, steps);
  }

  /** Puts a file that is on disk in another's place; durable when this returns. */
  public static void move(Path next, Path file) throws IOException {
    move(next, file, step -> {});
  }

  private static void move(Path next, Path file, Consumer<String> steps) throws IOException {
    steps.accept("rename");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    steps.accept("sync");
    syncFolder(file.toAbsolutePath().getParent());
    steps.accept("done");
  }

  /** Makes a folder and those above it; durable when this returns. */
  static void makeFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      makeFolder(parent);
    }
    Files.createDirectories(folder);
    syncFolder(parent);
  }

  /** Puts the names in a folder on disk. */
  public static void syncFolder(@org.jspecify.annotations.Nullable Path folder) throws IOException {
    if (folder != null) {
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
