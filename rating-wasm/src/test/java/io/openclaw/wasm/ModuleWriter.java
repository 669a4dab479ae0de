package io.openclaw.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes modules for tests, right or wrong, byte by byte: by default a small right one that rates
 * everything with 1.
 */
final class ModuleWriter {
  /** The parameters and results of a function as their bytes. */
  static final byte[] TYPE_NONE = {0x60, 0, 0};

  static final byte[] TYPE_ALLOC = {0x60, 1, 0x7f, 1, 0x7f};
  static final byte[] TYPE_RATE = {0x60, 2, 0x7f, 0x7f, 1, 0x7e};
  static final byte[] TYPE_LOG = {0x60, 2, 0x7f, 0x7f, 0};

  /** {@code i64.const 16 << 32 | 12; end}: where the data below stands. */
  private static final byte[] ANSWER = code(constant64((16L << 32) | 12), 0x0b);

  private final List<byte[]> types =
      new ArrayList<>(List.of(TYPE_NONE, TYPE_ALLOC, TYPE_RATE, TYPE_LOG));
  private final List<byte[]> imports = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private byte[] alloc = code(constant32(1024), 0x0b);
  private byte[] rate = ANSWER;
  private byte[] other = {0x0b};
  private byte[] locals = {0};
  private byte[] memory = {1, 0, 2};
  private byte[] table = {};
  private boolean start;
  private boolean defaultExports = true;
  private byte[] data = text("{\"rating\":1}");
  private byte[] settings = {};

  /** Bytes one after the other; numbers are single bytes. */
  static byte[] code(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof byte[] bytes) {
        out.writeBytes(bytes);
      } else {
        out.write((Integer) part);
      }
    }
    return out.toByteArray();
  }

  static byte[] constant32(int value) {
    return code(0x41, signed(value));
  }

  static byte[] constant64(long value) {
    return code(0x42, signed(value));
  }

  static byte[] signed(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Sections.writeSigned(out, value);
    return out.toByteArray();
  }

  static byte[] unsigned(int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Sections.writeU32(out, value);
    return out.toByteArray();
  }

  static byte[] repeated(byte[] part, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] name(String value) {
    return code(unsigned(text(value).length), text(value));
  }

  /** The instructions of {@code rate}, without the last {@code end}. */
  ModuleWriter rate(Object... code) {
    rate = code(code(code), 0x0b);
    return this;
  }

  ModuleWriter alloc(Object... code) {
    alloc = code(code(code), 0x0b);
    return this;
  }

  /**
   * The instructions of a function of no parameters and results, number 2 where nothing is
   * imported.
   */
  ModuleWriter other(Object... code) {
    other = code(code(code), 0x0b);
    return this;
  }

  /** The locals of {@link #other}, as written. */
  ModuleWriter locals(Object... declarations) {
    locals = code(declarations);
    return this;
  }

  /** {@link #other} is the start function. */
  ModuleWriter start() {
    start = true;
    return this;
  }

  /** The memory section's contents. */
  ModuleWriter memory(Object... section) {
    memory = code(section);
    return this;
  }

  /** The table section's contents. */
  ModuleWriter table(Object... section) {
    table = code(section);
    return this;
  }

  ModuleWriter importFunction(String module, String name, int type) {
    imports.add(code(name(module), name(name), 0, type));
    return this;
  }

  ModuleWriter importMemory(String module, String name) {
    imports.add(code(name(module), name(name), 2, 0, 1));
    return this;
  }

  ModuleWriter noExports() {
    defaultExports = false;
    return this;
  }

  ModuleWriter export(String name, int kind, int index) {
    exports.add(code(name(name), kind, index));
    return this;
  }

  ModuleWriter answer(String json) {
    data = text(json);
    rate = code(constant64((16L << 32) | data.length), 0x0b);
    return this;
  }

  /** Settings, with single quotes for double ones. */
  ModuleWriter settings(String json) {
    settings = text(json.replace('\'', '"'));
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    section(out, 1, list(types));
    if (!imports.isEmpty()) {
      section(out, 2, list(imports));
    }
    section(out, 3, new byte[] {3, 1, 2, 0});
    section(out, 4, table);
    section(out, 5, memory);
    List<byte[]> all = new ArrayList<>(exports);
    if (defaultExports) {
      all.add(code(name("memory"), 2, 0));
      all.add(code(name("alloc"), 0, imports.size()));
      all.add(code(name("rate"), 0, imports.size() + 1));
    }
    section(out, 7, list(all));
    section(out, 8, start ? unsigned(imports.size() + 2) : new byte[0]);
    section(
        out,
        10,
        code(
            3,
            body(code(new byte[] {0}, alloc)),
            body(code(new byte[] {0}, rate)),
            body(code(locals, other))));
    section(out, 11, code(1, 0, constant32(16), 0x0b, unsigned(data.length), data));
    byte[] module = out.toByteArray();
    try {
      return settings.length == 0
          ? module
          : Sections.of(module).withCustom(WasmSettings.SECTION, settings);
    } catch (io.openclaw.rating.ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] body(byte[] code) {
    return code(unsigned(code.length), code);
  }

  private static byte[] list(List<byte[]> parts) {
    return code(unsigned(parts.size()), parts.stream().reduce(new byte[0], ModuleWriter::joined));
  }

  private static byte[] joined(byte[] a, byte[] b) {
    return code(a, b);
  }

  private static void section(ByteArrayOutputStream out, int id, byte[] contents) {
    if (contents.length > 0) {
      Sections.writeSection(out, id, contents);
    }
  }
}
