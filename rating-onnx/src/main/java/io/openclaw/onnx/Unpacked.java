package io.openclaw.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The 28 MB that ONNX Runtime unpacks into a temporary folder of its own when it is loaded. It
 * deletes them at the end of the process, but not where that is killed; on Linux they are deleted
 * once they are mapped, which keeps them usable. Source: the format of {@code /proc/self/maps},
 * proc(5).
 */
final class Unpacked {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String FOLDER = "onnxruntime-java";

  private Unpacked() {}

  /** Deletes what this process has mapped; nothing where that cannot be told. */
  static void delete() {
    if (!Files.isReadable(MAPS)) {
      return;
    }
    Set<Path> folders = new HashSet<>();
    try (Stream<String> lines = Files.lines(MAPS)) {
      for (String line : lines.filter(each -> each.contains(FOLDER)).toList()) {
        Path folder = Path.of(line.substring(line.indexOf('/'))).getParent();
        if (folder != null && folder.getFileName().toString().startsWith(FOLDER)) {
          folders.add(folder);
        }
      }
      for (Path folder : folders) {
        delete(folder);
      }
    } catch (IOException e) {
      // they stay until the process ends
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return; // deleted before
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }
}
