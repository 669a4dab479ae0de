package io.openclaw.app;

import picocli.CommandLine.Option;

/** Who changes something, as the audit trail names him. */
final class Signed {
  @Option(
      names = "--author",
      paramLabel = "NAME",
      description = "Who does it; this system's user by default.")
  String author = user();

  /** This system's user. */
  static String user() {
    return System.getProperty("user.name", "unknown");
  }
}
