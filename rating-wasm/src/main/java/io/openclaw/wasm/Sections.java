package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A module cut into its sections, without a look into them. Immutable and thread-safe. */
final class Sections {
  static final int TYPE = 1;
  static final int IMPORT = 2;
  static final int FUNCTION = 3;
  static final int TABLE = 4;
  static final int MEMORY = 5;
  static final int GLOBAL = 6;
  static final int EXPORT = 7;
  static final int START = 8;
  static final int ELEMENT = 9;
  static final int CODE = 10;
  static final int DATA = 11;
  static final int DATA_COUNT = 12;

  /** Sections of one module, custom ones included. */
  static final int SECTIONS_MAX = 100;

  private static final int NAME_BYTES_MAX = 1_000;
  private static final int HEADER_BYTES = 8;

  /**
   * One section.
   *
   * @param id 0 for a custom one
   * @param name a custom section's name; empty otherwise
   * @param start the offset of its id
   * @param body the offset of its contents; of a custom section, after its name
   * @param end the offset after it
   */
  record Section(int id, String name, int start, int body, int end) {}

  private final byte[] module;
  private final List<Section> sections;

  private Sections(byte[] module, List<Section> sections) {
    this.module = module;
    this.sections = sections;
  }

  /**
   * Cuts a module.
   *
   * @throws ModelException where it is none, or its sections do not fill it
   */
  static Sections of(byte[] module) throws ModelException {
    byte[] header = {0, 'a', 's', 'm', 1, 0, 0, 0};
    for (int i = 0; i < HEADER_BYTES; i++) {
      if (i >= module.length || module[i] != header[i]) {
        throw Cursor.wrong(i, "no WebAssembly module", "\\0asm and version 1");
      }
    }
    List<Section> sections = new ArrayList<>();
    Cursor cursor = new Cursor(module, HEADER_BYTES, module.length);
    while (cursor.hasMore()) {
      int start = cursor.at();
      if (sections.size() == SECTIONS_MAX) {
        throw Cursor.wrong(start, "one more section", "at most " + SECTIONS_MAX);
      }
      int id = cursor.u8();
      if (id > DATA_COUNT) {
        throw Cursor.wrong(start, "section " + id, "0 to " + DATA_COUNT);
      }
      long size = cursor.u32();
      int body = cursor.at();
      cursor.skip(size);
      String name = "";
      if (id == 0) {
        Cursor within = new Cursor(module, body, cursor.at());
        name = within.name(NAME_BYTES_MAX);
        body = within.at();
      } else if (has(sections, id)) {
        throw Cursor.wrong(start, "a second section " + id, "each once");
      }
      sections.add(new Section(id, name, start, body, cursor.at()));
    }
    return new Sections(module, List.copyOf(sections));
  }

  private static boolean has(List<Section> sections, int id) {
    return sections.stream().anyMatch(each -> each.id() == id);
  }

  List<Section> all() {
    return sections;
  }

  /** A cursor over a section's contents; an empty one where the module has no such section. */
  Cursor open(int id) {
    for (Section each : sections) {
      if (each.id() == id) {
        return new Cursor(module, each.body(), each.end());
      }
    }
    return new Cursor(module, module.length, module.length);
  }

  boolean has(int id) {
    return has(sections, id);
  }

  /** The custom sections of a name. */
  List<Section> named(String name) {
    return sections.stream().filter(each -> each.id() == 0 && each.name().equals(name)).toList();
  }

  /** The module without its custom sections of a name, and with this one at its end. */
  byte[] withCustom(String name, byte[] contents) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(module.length + contents.length + 32);
    out.write(module, 0, HEADER_BYTES);
    for (Section each : sections) {
      if (each.id() != 0 || !each.name().equals(name)) {
        out.write(module, each.start(), each.end() - each.start());
      }
    }
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream(contents.length + 32);
    writeU32(body, utf8.length);
    body.writeBytes(utf8);
    body.writeBytes(contents);
    writeSection(out, 0, body.toByteArray());
    return out.toByteArray();
  }

  static void writeSection(ByteArrayOutputStream out, int id, byte[] body) {
    out.write(id);
    writeU32(out, body.length);
    out.writeBytes(body);
  }

  /** Writes an unsigned LEB128 number. */
  static void writeU32(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >>> 7 != 0) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /** Writes a signed LEB128 number. */
  static void writeSigned(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest < -64 || rest > 63) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    out.write((int) (rest & 0x7f));
  }
}
