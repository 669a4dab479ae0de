package io.openclaw.dns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A domain name as the zone has it: lower case, in wire form (RFC 1035 §3.1). Immutable.
 *
 * <p>Labels are letters, digits, '-' and '_', 1 to {@value #LABEL_BYTES_MAX} each; the whole is at
 * most {@value #BYTES_MAX} bytes with the lengths and the root. What a query asks for may be any
 * bytes; it is compared with these.
 */
public final class DomainName {
  static final int LABEL_BYTES_MAX = 63;
  static final int BYTES_MAX = 255;
  private static final String LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";

  private final String text;
  private final byte[] wire;

  private DomainName(String text, byte[] wire) {
    this.text = text;
    this.wire = wire;
  }

  /**
   * Reads a name, with or without the dot at its end.
   *
   * @throws IllegalArgumentException with the name and what was expected
   */
  public static DomainName of(String name) {
    String text = name.toLowerCase(Locale.ROOT);
    text = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    byte[] wire = new byte[BYTES_MAX];
    int at = 0;
    for (String label : text.split("\\.", -1)) {
      if (!label.matches(LABEL) || at + 1 + label.length() + 1 > BYTES_MAX) {
        throw new IllegalArgumentException(
            "name: "
                + (name.length() > BYTES_MAX ? name.substring(0, BYTES_MAX) + "…" : name)
                + " (expected: labels of 1 to 63 letters, digits, '-' or '_', 253 in all)");
      }
      wire[at++] = (byte) label.length();
      byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, wire, at, bytes.length);
      at += bytes.length;
    }
    return new DomainName(text, Arrays.copyOf(wire, at + 1));
  }

  /** The name of these labels directly below this one. */
  public DomainName below(String labels) {
    return of(labels + "." + text);
  }

  /** The name without its first label; itself where it has only one. */
  DomainName parent() {
    return of(text.substring(text.indexOf('.') + 1));
  }

  /** Whether this is that name or below it. */
  public boolean isWithin(DomainName zone) {
    return text.equals(zone.text) || text.endsWith("." + zone.text);
  }

  /** Bytes in wire form, with the root. */
  int length() {
    return wire.length;
  }

  int labels() {
    int labels = 0;
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      labels++;
    }
    return labels;
  }

  /** The wire form; not to be changed. */
  byte[] wire() {
    return wire;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DomainName that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The name without a dot at its end. */
  @Override
  public String toString() {
    return text;
  }
}
