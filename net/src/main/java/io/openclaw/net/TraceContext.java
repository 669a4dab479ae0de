package io.openclaw.net;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The {@code traceparent} header (W3C Trace Context, level 1). */
final class TraceContext {
  private static final HexFormat HEX = HexFormat.of();
  private static final int LENGTH = 55;
  private static final int TRACE_END = 35;
  private static final int SPAN_END = 52;

  private TraceContext() {}

  /**
   * The caller's trace with a span of ours, or a new unsampled trace where the header is missing or
   * malformed.
   */
  static String next(@Nullable String header, RandomGenerator random) {
    String span = HEX.toHexDigits(random.nextLong() | 1);
    if (header != null && isValid(header)) {
      return "00-"
          + header.substring(3, TRACE_END)
          + "-"
          + span
          + header.substring(SPAN_END, LENGTH);
    }
    return "00-"
        + HEX.toHexDigits(random.nextLong() | 1)
        + HEX.toHexDigits(random.nextLong())
        + "-"
        + span
        + "-00";
  }

  private static boolean isValid(String header) {
    // Version 00 has exactly this length; later ones may be longer, and are read as if they were
    // 00.
    return header.length() >= LENGTH
        && (header.length() == LENGTH || (!header.startsWith("00") && header.charAt(LENGTH) == '-'))
        && !header.startsWith("ff")
        && isHex(header, 0, 2, true)
        && header.charAt(2) == '-'
        && isHex(header, 3, TRACE_END, false)
        && header.charAt(TRACE_END) == '-'
        && isHex(header, TRACE_END + 1, SPAN_END, false)
        && header.charAt(SPAN_END) == '-'
        && isHex(header, SPAN_END + 1, LENGTH, true);
  }

  private static boolean isHex(String text, int from, int to, boolean zeroAllowed) {
    boolean zero = true;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
      zero &= c == '0';
    }
    return zeroAllowed || !zero;
  }
}
