package io.openclaw.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Writes, renames and deletes files so that a crash or a full disk leaves each one as it was or as
 * it is to be; every change is on disk when it returns, and so comes before the next one.
 */
final class WholeFiles {
  /** Told of each step before it is taken, and may end it there. */
  @FunctionalInterface
  interface Steps {
    void before(String step) throws IOException;
  }

  private final Steps steps;

  WholeFiles(Steps steps) {
    this.steps = steps;
  }

  /**
   * Replaces a file: whoever reads sees the old one or the new one.
   *
   * @param secret whether only this user may read it
   */
  void replace(Path file, byte[] content, boolean secret) throws IOException {
    steps.before("write " + file.getFileName());
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    move(temporary, file);
  }

  /** Puts a file in another's place. */
  void move(Path from, Path to) throws IOException {
    steps.before("rename " + from.getFileName());
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(to.toAbsolutePath().getParent());
  }

  void delete(Path file) throws IOException {
    steps.before("delete " + file.getFileName());
    if (Files.deleteIfExists(file)) {
      sync(file.toAbsolutePath().getParent());
    }
  }

  private static void sync(@Nullable Path folder) throws IOException {
    if (folder != null) {
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
