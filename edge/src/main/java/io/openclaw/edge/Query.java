package io.openclaw.edge;

import org.jspecify.annotations.Nullable;

/**
 * What makes a request a QUERY: it is safe, and may name answers that the client has already.
 *
 * @param ifNoneMatch the {@code If-None-Match} header; null for none
 * @see <a href="https://www.rfc-editor.org/rfc/rfc10008">RFC 10008</a>
 */
public record Query(@Nullable String ifNoneMatch) {
  /**
   * Whether the client has the answer with this tag: tags are compared weakly, as RFC 9110 §13.1.2
   * asks, and {@code *} stands for any.
   */
  boolean has(String tag) {
    if (ifNoneMatch == null) {
      return false;
    }
    String wanted = opaque(tag);
    for (String each : ifNoneMatch.split(",", -1)) {
      String listed = each.strip();
      if (listed.equals("*") || opaque(listed).equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  /** A tag without its mark of weakness. Our tags hold no comma, so no listed one is cut apart. */
  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }
}
