package io.openclaw.app;

import picocli.CommandLine.IVersionProvider;

/** The program's version. */
final class Version implements IVersionProvider {
  static final String TEXT = "0.1.0";

  @Override
  public String[] getVersion() {
    return new String[] {"openclaw " + TEXT, "Java " + Runtime.version()};
  }
}
