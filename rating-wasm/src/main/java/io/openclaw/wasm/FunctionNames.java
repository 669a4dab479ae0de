package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names that a module's {@code name} section gives its functions, for error messages. */
final class FunctionNames {
  private static final int SHOWN_MAX = 60;
  private static final int NAMES_MAX = ModuleShape.FUNCTIONS_MAX;
  private static final int NAME_BYTES_MAX = 10_000;

  private FunctionNames() {}

  /** The names, by number; those that can be read before the section is malformed. */
  static Map<Integer, String> of(byte[] module) throws ModelException {
    Map<Integer, String> names = new HashMap<>();
    List<Sections.Section> found = Sections.of(module).named("name");
    if (found.isEmpty()) {
      return names;
    }
    try {
      Cursor cursor = new Cursor(module, found.getFirst().body(), found.getFirst().end());
      while (cursor.hasMore()) {
        int id = cursor.u8();
        long size = cursor.u32();
        if (id != 1) {
          cursor.skip(size);
          continue;
        }
        for (int left = cursor.u32(NAMES_MAX); left > 0; left--) {
          int number = cursor.u32(NAMES_MAX);
          String name = cursor.name(NAME_BYTES_MAX).replaceAll("[^ -~]", "?");
          names.put(number, name.substring(0, Math.min(SHOWN_MAX, name.length())));
        }
        return names;
      }
    } catch (ModelException e) {
      return names; // they only adorn
    }
    return names;
  }
}
