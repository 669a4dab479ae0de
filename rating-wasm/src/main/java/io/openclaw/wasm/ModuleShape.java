package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a module is made of, read once and held against every bound before anything else looks at
 * its bytes: a module within them is parsed, compiled and started in bounded time and memory.
 *
 * @param types the signatures, for example {@code (i32,i32)->i64}
 * @param imports what it imports
 * @param functions the type of each function of its own
 * @param memoryPages the least memory of its only memory; -1 where it has none
 * @param globals how many globals it has
 * @param exports what it exports, by name
 * @param bodies where the body of each function of its own stands
 */
record ModuleShape(
    List<String> types,
    List<Import> imports,
    List<Integer> functions,
    int memoryPages,
    int globals,
    Map<String, Export> exports,
    List<Body> bodies) {
  /** Bytes of one module, custom sections included. */
  static final int MODULE_BYTES_MAX = 4 * 1024 * 1024;

  /** Bytes of all functions together. */
  static final int CODE_BYTES_MAX = 1024 * 1024;

  /** Bytes of one function: more would be a method too large to be compiled anyway. */
  static final int BODY_BYTES_MAX = 32_768;

  static final int TYPES_MAX = 1_000;
  static final int PARAMETERS_MAX = 50;
  static final int RESULTS_MAX = 10;
  static final int IMPORTS_MAX = 100;
  static final int FUNCTIONS_MAX = 5_000;
  static final int LOCALS_MAX = 1_000;
  static final int GLOBALS_MAX = 1_000;
  static final int EXPORTS_MAX = 1_000;
  static final int TABLE_ENTRIES_MAX = 10_000;
  static final int ELEMENT_BYTES_MAX = 65_536;
  static final int DATA_SEGMENTS_MAX = 1_000;
  private static final int NAME_BYTES_MAX = 1_000;

  /** What is imported or exported: 0 a function, 1 a table, 2 a memory, 3 a global, 4 a tag. */
  static final int FUNCTION = 0;

  static final int MEMORY = 2;

  /**
   * One import.
   *
   * @param type the type of a function; -1 for anything else
   */
  record Import(String module, String name, int kind, int type) {
    boolean isFunction() {
      return kind == FUNCTION;
    }
  }

  /** One export. */
  record Export(int kind, int index) {}

  /**
   * One function's body.
   *
   * @param start the offset of its locals
   * @param code the offset of its first instruction
   * @param end the offset after it
   */
  record Body(int start, int code, int end) {}

  /**
   * Reads a module.
   *
   * @param memoryPagesMax the most memory it may ask for at its start
   * @throws ModelException naming the first byte offset that is malformed or beyond a bound
   */
  static ModuleShape read(byte[] module, int memoryPagesMax) throws ModelException {
    if (module.length > MODULE_BYTES_MAX) {
      throw new ModelException("", module.length + " bytes", "at most " + MODULE_BYTES_MAX);
    }
    Sections sections = Sections.of(module);
    List<String> types = types(sections.open(Sections.TYPE));
    List<Import> imports = imports(sections.open(Sections.IMPORT));
    List<Integer> functions = functions(sections.open(Sections.FUNCTION));
    table(sections);
    int pages = memory(sections, memoryPagesMax);
    int globals = globals(sections.open(Sections.GLOBAL));
    Map<String, Export> exports = exports(sections.open(Sections.EXPORT));
    segments(sections, memoryPagesMax);
    List<Body> bodies = bodies(sections.open(Sections.CODE), module);
    if (bodies.size() != functions.size()) {
      throw new ModelException("", bodies.size() + " bodies", functions.size() + " functions");
    }
    return new ModuleShape(types, imports, functions, pages, globals, exports, bodies);
  }

  private static int count(Cursor cursor, int max) throws ModelException {
    return cursor.hasMore() ? cursor.u32(max) : 0;
  }

  private static List<String> types(Cursor cursor) throws ModelException {
    List<String> types = new ArrayList<>();
    for (int left = count(cursor, TYPES_MAX); left > 0; left--) {
      int start = cursor.at();
      int form = cursor.u8();
      if (form != 0x60) {
        throw Cursor.wrong(start, "type form 0x%02x".formatted(form), "0x60, a function");
      }
      types.add(values(cursor, PARAMETERS_MAX) + "->" + values(cursor, RESULTS_MAX));
    }
    return types;
  }

  private static String values(Cursor cursor, int max) throws ModelException {
    List<String> names = new ArrayList<>();
    for (int left = cursor.u32(max); left > 0; left--) {
      names.add(valueType(cursor));
    }
    return names.size() == 1 ? names.getFirst() : "(" + String.join(",", names) + ")";
  }

  private static String valueType(Cursor cursor) throws ModelException {
    int start = cursor.at();
    int type = cursor.u8();
    return switch (type) {
      case 0x7f -> "i32";
      case 0x7e -> "i64";
      case 0x7d -> "f32";
      case 0x7c -> "f64";
      default ->
          throw Cursor.wrong(start, "value type 0x%02x".formatted(type), "i32, i64, f32 or f64");
    };
  }

  private static List<Import> imports(Cursor cursor) throws ModelException {
    List<Import> imports = new ArrayList<>();
    for (int left = count(cursor, IMPORTS_MAX); left > 0; left--) {
      String module = cursor.name(NAME_BYTES_MAX);
      String name = cursor.name(NAME_BYTES_MAX);
      int start = cursor.at();
      int kind = cursor.u8();
      int type = -1;
      switch (kind) {
        case FUNCTION -> type = cursor.u32(TYPES_MAX);
        case 1 -> limits(cursor, true);
        case MEMORY -> limits(cursor, false);
        case 3 -> cursor.skip(2);
        case 4 -> cursor.skip(2);
        default -> throw Cursor.wrong(start, "import of kind " + kind, "0 to 4");
      }
      imports.add(new Import(module, name, kind, type));
    }
    return imports;
  }

  private static List<Integer> functions(Cursor cursor) throws ModelException {
    List<Integer> functions = new ArrayList<>();
    for (int left = count(cursor, FUNCTIONS_MAX); left > 0; left--) {
      functions.add(cursor.u32(TYPES_MAX));
    }
    return functions;
  }

  /** The least size of a table or memory. */
  private static long limits(Cursor cursor, boolean isTable) throws ModelException {
    int start = cursor.at();
    if (isTable && cursor.u8() != 0x70) {
      throw Cursor.wrong(start, "a table of another kind", "one of functions");
    }
    start = cursor.at();
    int flags = cursor.u8();
    if (flags > 1) {
      throw Cursor.wrong(
          start, "limits with flags " + flags + " (shared, 64 bits)", "flags 0 or 1");
    }
    long least = cursor.u32();
    if (flags == 1) {
      cursor.u32();
    }
    return least;
  }

  private static void table(Sections sections) throws ModelException {
    Cursor cursor = sections.open(Sections.TABLE);
    if (count(cursor, 1) == 1) {
      int start = cursor.at();
      long entries = limits(cursor, true);
      if (entries > TABLE_ENTRIES_MAX) {
        throw Cursor.wrong(
            start, "a table of " + entries + " entries", "at most " + TABLE_ENTRIES_MAX);
      }
    }
  }

  private static int memory(Sections sections, int pagesMax) throws ModelException {
    Cursor cursor = sections.open(Sections.MEMORY);
    if (count(cursor, 1) == 0) {
      return -1;
    }
    int start = cursor.at();
    long pages = limits(cursor, false);
    if (pages > pagesMax) {
      throw Cursor.wrong(
          start,
          "a memory of " + pages + " pages",
          "at most "
              + pagesMax
              + ", the setting memoryPages, which may be "
              + WasmSettings.MEMORY_PAGES_MAX);
    }
    return (int) pages;
  }

  private static int globals(Cursor cursor) throws ModelException {
    int count = count(cursor, GLOBALS_MAX);
    for (int left = count; left > 0; left--) {
      var _ = valueType(cursor);
      cursor.u32(1);
      constant(cursor);
    }
    return count;
  }

  /** Passes an expression of one constant, or of another global's value. */
  private static void constant(Cursor cursor) throws ModelException {
    int start = cursor.at();
    int opcode = cursor.u8();
    switch (opcode) {
      case 0x41 -> cursor.skipSigned(32);
      case 0x42 -> cursor.skipSigned(64);
      case 0x43 -> cursor.skip(4);
      case 0x44 -> cursor.skip(8);
      case 0x23 -> cursor.u32();
      default -> throw Cursor.wrong(start, "instruction 0x%02x".formatted(opcode), "one constant");
    }
    if (cursor.u8() != Instructions.END) {
      throw Cursor.wrong(start, "a longer expression", "one constant");
    }
  }

  private static Map<String, Export> exports(Cursor cursor) throws ModelException {
    Map<String, Export> exports = new HashMap<>();
    for (int left = count(cursor, EXPORTS_MAX); left > 0; left--) {
      int start = cursor.at();
      String name = cursor.name(NAME_BYTES_MAX);
      int kind = cursor.u8();
      long index = cursor.u32();
      if (exports.put(name, new Export(kind, (int) Math.min(index, Integer.MAX_VALUE))) != null) {
        throw Cursor.wrong(start, "a second export of one name", "each once");
      }
    }
    return exports;
  }

  private static void segments(Sections sections, int memoryPagesMax) throws ModelException {
    for (Sections.Section each : sections.all()) {
      int size = each.end() - each.body();
      if (each.id() == Sections.ELEMENT && size > ELEMENT_BYTES_MAX) {
        throw Cursor.wrong(
            each.start(), size + " bytes of elements", "at most " + ELEMENT_BYTES_MAX);
      }
      if (each.id() == Sections.DATA && size > 65_536L * memoryPagesMax) {
        throw Cursor.wrong(each.start(), size + " bytes of data", "at most memoryPages");
      }
    }
    count(sections.open(Sections.DATA), DATA_SEGMENTS_MAX);
  }

  private static List<Body> bodies(Cursor cursor, byte[] module) throws ModelException {
    List<Body> bodies = new ArrayList<>();
    long sum = 0;
    for (int left = count(cursor, FUNCTIONS_MAX); left > 0; left--) {
      int size = cursor.u32(BODY_BYTES_MAX);
      int start = cursor.at();
      cursor.skip(size);
      sum += size;
      if (sum > CODE_BYTES_MAX) {
        throw Cursor.wrong(start, "more code", "at most " + CODE_BYTES_MAX + " bytes in all");
      }
      Cursor body = new Cursor(module, start, cursor.at());
      locals(body);
      int code = body.at();
      Instructions.walk(body, (opcode, after, depth) -> {});
      bodies.add(new Body(start, code, cursor.at()));
    }
    return bodies;
  }

  private static void locals(Cursor cursor) throws ModelException {
    int start = cursor.at();
    long locals = 0;
    for (int left = cursor.u32(LOCALS_MAX); left > 0; left--) {
      locals += cursor.u32();
      var _ = valueType(cursor);
      if (locals > LOCALS_MAX) {
        throw Cursor.wrong(start, locals + " locals", "at most " + LOCALS_MAX);
      }
    }
  }

  /** How many functions are imported: the index of the first of its own. */
  int functionImports() {
    return (int) imports.stream().filter(Import::isFunction).count();
  }

  /** The signature of a function; null where there is none of the index. */
  @org.jspecify.annotations.Nullable
  String signature(int function) {
    int imported = functionImports();
    if (function < 0 || function >= imported + functions.size()) {
      return null;
    }
    int type =
        function < imported
            ? imports.stream().filter(Import::isFunction).toList().get(function).type()
            : functions.get(function - imported);
    return type < types.size() ? types.get(type) : null;
  }
}
