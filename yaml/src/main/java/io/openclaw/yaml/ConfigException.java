package io.openclaw.yaml;

import java.util.List;

/** A configuration that is refused, with everything that is wrong with it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
