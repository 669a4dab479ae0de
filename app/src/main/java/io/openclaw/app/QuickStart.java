package io.openclaw.app;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The plain forms of {@code serve} and {@code self-test}, read without the command line library.
 *
 * <p>The library's classes are of a version that JDK 25 keeps out of its AOT cache; loading and
 * verifying them takes 0.3 s, a third of a node's start. Whatever is not plain (help, a mistake) is
 * left to the library, which then explains it.
 */
final class QuickStart {
  private QuickStart() {}

  /** The command that the arguments plainly name. */
  static Optional<Callable<Integer>> of(String[] args) {
    if (args.length == 1 && args[0].equals("self-test")) {
      return Optional.of(new SelfTestCommand());
    }
    if (args.length == 0 || !args[0].equals("serve")) {
      return Optional.empty();
    }
    ServeCommand serve = new ServeCommand();
    int i = 1;
    while (i < args.length) {
      int used = take(serve, args[i], i + 1 < args.length ? args[i + 1] : null);
      if (used == 0) {
        return Optional.empty();
      }
      i += used;
    }
    return Optional.of(serve);
  }

  /** How many arguments an option and its value are; 0 where this is no plain option. */
  private static int take(ServeCommand serve, String option, @Nullable String value) {
    if (option.equals("--samples")) {
      serve.samples = true;
      return 1;
    }
    if (option.equals("--stop-with-stdin")) {
      serve.stopWithStdin = true;
      return 1;
    }
    return value != null && !value.startsWith("-") && takeValue(serve, option, value) ? 2 : 0;
  }

  private static boolean takeValue(ServeCommand serve, String option, String value) {
    boolean known = true;
    switch (option) {
      case "--config" -> serve.files.add(Path.of(value));
      case "--region" -> serve.region = value;
      case "--host" -> serve.host = value;
      case "--port" -> serve.port = value;
      case "--metrics-port" -> serve.metricsPort = value;
      case "--admin-port" -> serve.adminPort = value;
      case "--data" -> serve.data = value;
      case "--output" -> {
        known = value.equals("json") || value.equals("text");
        serve.output = value.equals("json") ? Output.JSON : Output.TEXT;
      }
      default -> known = false;
    }
    return known;
  }
}
