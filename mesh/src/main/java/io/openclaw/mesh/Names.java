package io.openclaw.mesh;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers this node gives to the names it sends, the same for all its streams, never given
 * anew. Full at {@link Frame#DICTIONARY_MAX}: further names get none.
 */
final class Names {
  /** A name, its bytes and its number, -1 for none. */
  @SuppressWarnings("ArrayRecordComponent") // private to the package and never changed
  record Name(byte[] utf8, int number) {}

  private final Map<String, Name> names = new HashMap<>();
  private int next;

  Name of(String text) {
    Name known = names.get(text);
    if (known != null) {
      return known;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (next == Frame.DICTIONARY_MAX || utf8.length > Frame.STRING_BYTES_MAX) {
      return new Name(utf8, -1);
    }
    Name name = new Name(utf8, next++);
    names.put(text, name);
    return name;
  }
}
