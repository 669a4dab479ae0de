package io.openclaw.domain;

/**
 * One thing that is wrong with an input.
 *
 * @param pointer JSON Pointer (RFC 6901) to the member; empty for the whole document
 * @param detail the value found and what was expected
 */
public record Violation(String pointer, String detail) {
  private static final int SHOWN_LENGTH_MAX = 64;

  /** The pointer to a member of the document's root. */
  public static String pointerTo(String member) {
    return "/" + member.replace("~", "~0").replace("/", "~1");
  }

  /** A value as a message may show it: short, and without control characters. */
  public static String shown(Json value) {
    return switch (value) {
      case Json.Str string -> "\"" + abbreviated(string.value()) + "\"";
      case Json.Num number -> number.text();
      case Json.Bool bool -> bool == Json.Bool.TRUE ? "true" : "false";
      case Json.Obj o -> value.typeName();
      case Json.Arr a -> value.typeName();
      case Json.Null n -> value.typeName();
    };
  }

  private static String abbreviated(String text) {
    int end = Math.min(text.length(), SHOWN_LENGTH_MAX);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    StringBuilder shown = new StringBuilder(end + 1);
    for (int i = 0; i < end; i++) {
      shown.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
    }
    return end < text.length() ? shown.append('…').toString() : shown.toString();
  }
}
