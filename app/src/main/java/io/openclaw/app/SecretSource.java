package io.openclaw.app;

import io.openclaw.release.SecretReferences;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that a release may refer to, in this region: variables ({@code env:NAME}) and files
 * ({@code file:/path}). This program's own are not among them: a release must not be able to send
 * them away. Thread-safe; blocks.
 */
final class SecretSource implements SecretReferences {
  /** Bytes of one secret. */
  static final int BYTES_MAX = 4_096;

  private static final String ENV = "env:";
  private static final String FILE = "file:";
  private static final String OWN = "OPENCLAW_";

  private final Map<String, String> environment;
  private final Path data;
  private final List<String> own;

  /**
   * @param data the data folder, of which nothing is handed out
   */
  SecretSource(Map<String, String> environment, Path data) {
    this(environment, data, List.of());
  }

  /**
   * @param own references to secrets that this program uses itself, of which none is handed out
   */
  SecretSource(Map<String, String> environment, Path data, List<String> own) {
    this.environment = Map.copyOf(environment);
    this.data = data;
    this.own = List.copyOf(own);
  }

  /** What releases may refer to on a node: not what its configuration does. */
  static SecretSource ofReleases(Map<String, String> environment, NodeConfig config) {
    List<String> own = new ArrayList<>(List.of(config.get(Setting.JOBS_WEBHOOK_SECRET)));
    for (Setting file :
        List.of(
            Setting.MESH_SECRET_FILE,
            Setting.MESH_TLS_KEY,
            Setting.HTTP_TLS_KEY,
            Setting.ADMIN_TLS_KEY)) {
      own.add(config.get(file).isEmpty() ? "" : FILE + config.get(file));
    }
    config.tlsNames().forEach(name -> own.add(FILE + name.pair().key()));
    return new SecretSource(environment, config.data(), own);
  }

  @Override
  public @Nullable String fault(String reference) {
    try {
      var _ = resolve(reference);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /**
   * The secret.
   *
   * @throws IOException naming the variable or the file, and nothing of what it holds
   */
  Secret resolve(String reference) throws IOException {
    String text;
    if (reference.startsWith(ENV)) {
      String name = reference.substring(ENV.length());
      if (name.startsWith(OWN) || own.contains(reference)) {
        throw new IOException(
            "the variable " + name + " is this program's own (expected: another one)");
      }
      text = environment.get(name);
      if (text == null) {
        throw new IOException("the variable " + name + " is not set in this region");
      }
    } else if (reference.startsWith(FILE)) {
      text = file(Path.of(reference.substring(FILE.length())));
    } else {
      throw new IOException("not a reference (expected: env:NAME or file:/absolute/path)");
    }
    String value = text.strip();
    if (!value.matches("[\\x21-\\x7e]+( [\\x21-\\x7e]+)*") || value.length() > BYTES_MAX) {
      throw new IOException(
          reference
              + " holds no value for a header (expected: one line of 1 to "
              + BYTES_MAX
              + " visible ASCII characters)");
    }
    return new Secret(value);
  }

  private String file(Path path) throws IOException {
    try {
      Path real = path.toRealPath();
      if (real.startsWith(data.toRealPath())) {
        throw new IOException(
            "the file " + path + " is this program's own (expected: outside its data folder)");
      }
      for (String each : own) {
        if (each.startsWith(FILE) && isSame(real, Path.of(each.substring(FILE.length())))) {
          throw new IOException(
              "the file " + path + " is this program's own (expected: another one)");
        }
      }
      if (!Files.isRegularFile(real)) {
        throw new IOException("the file " + path + " is no regular file in this region");
      }
      try (InputStream in = Files.newInputStream(real)) {
        return new String(in.readNBytes(BYTES_MAX + 2), StandardCharsets.ISO_8859_1);
      }
    } catch (java.nio.file.FileSystemException e) {
      throw new IOException(
          "the file "
              + path
              + " cannot be read in this region ("
              + e.getClass().getSimpleName()
              + ")",
          e);
    }
  }

  /** Also by another name: a link to it. */
  private static boolean isSame(Path real, Path own) throws IOException {
    return Files.exists(own) && Files.isSameFile(real, own);
  }
}
