package io.openclaw.wasm;

import io.openclaw.rating.ModelException;

/**
 * Walks over the instructions of a function, and knows which of them a model may use: those of
 * WebAssembly 1.0, sign extension, saturating conversion, {@code memory.copy} and {@code
 * memory.fill}. Not among them are threads, SIMD, exceptions, tail calls, references and whatever
 * changes a table or drops a segment: none of it is needed to rate, and each is a way to hold a
 * thread or to leave a trace that a reset would not undo.
 */
final class Instructions {
  /** Blocks, loops and ifs inside one another. */
  static final int NESTING_MAX = 200;

  /** Targets of one {@code br_table}. */
  static final int TARGETS_MAX = 1_024;

  /** Instructions of one function. */
  static final int INSTRUCTIONS_MAX = 20_000;

  static final int UNREACHABLE = 0x00;
  static final int LOOP = 0x03;
  static final int END = 0x0b;

  /** Is told of every instruction. */
  @FunctionalInterface
  interface Visitor {
    /**
     * One instruction.
     *
     * @param opcode its first byte
     * @param after the offset after it and its immediates
     * @param depth how many blocks it stands in, those it opens or closes not counted
     */
    void visit(int opcode, int after, int depth);
  }

  private Instructions() {}

  /**
   * Walks from an offset to the end of the function's body.
   *
   * @throws ModelException at the first that a model may not use, or that is cut short
   */
  static void walk(Cursor cursor, Visitor visitor) throws ModelException {
    int depth = 0;
    int count = 0;
    while (depth >= 0) {
      int start = cursor.at();
      int opcode = cursor.u8();
      if (++count > INSTRUCTIONS_MAX) {
        throw Cursor.wrong(
            start, "one more instruction", "at most " + INSTRUCTIONS_MAX + " in a function");
      }
      immediates(cursor, start, opcode);
      if (opcode == END) {
        depth--;
      }
      visitor.visit(opcode, cursor.at(), Math.max(depth, 0));
      if (opcode == 0x02 || opcode == LOOP || opcode == 0x04) {
        depth++;
        if (depth > NESTING_MAX) {
          throw Cursor.wrong(start, "blocks " + depth + " deep", "at most " + NESTING_MAX);
        }
      }
    }
    if (cursor.hasMore()) {
      throw Cursor.wrong(cursor.at(), "more bytes", "the end of the function");
    }
  }

  private static void immediates(Cursor cursor, int start, int opcode) throws ModelException {
    switch (opcode) {
      case 0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b -> {}
      case 0x02, LOOP, 0x04 -> cursor.skipSigned(33);
      case 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24 -> cursor.u32();
      case 0x0e -> {
        int targets = cursor.u32(TARGETS_MAX);
        for (int i = 0; i <= targets; i++) {
          cursor.u32();
        }
      }
      case 0x11 -> {
        cursor.u32();
        cursor.u32();
      }
      case 0x1c -> cursor.skip(cursor.u32(1));
      case 0x3f, 0x40 -> cursor.u32(0);
      case 0x41 -> cursor.skipSigned(32);
      case 0x42 -> cursor.skipSigned(64);
      case 0x43 -> cursor.skip(4);
      case 0x44 -> cursor.skip(8);
      case 0xfc -> bulk(cursor, start);
      default -> {
        if (opcode >= 0x28 && opcode <= 0x3e) {
          cursor.u32(3);
          cursor.u32();
        } else if (opcode < 0x45 || opcode > 0xc4) {
          throw refused(start, opcode);
        }
      }
    }
  }

  private static void bulk(Cursor cursor, int start) throws ModelException {
    long second = cursor.u32();
    switch ((int) Math.min(second, 99)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> {} // saturating conversions
      case 10 -> { // memory.copy
        cursor.u32(0);
        cursor.u32(0);
      }
      case 11 -> cursor.u32(0); // memory.fill
      default ->
          throw Cursor.wrong(
              start,
              "instruction 0xfc " + second,
              "none that changes a table or drops a segment; of bulk memory only memory.copy and"
                  + " memory.fill");
    }
  }

  private static ModelException refused(int start, int opcode) {
    String what =
        switch (opcode) {
          case 0xfd -> " (SIMD)";
          case 0xfe -> " (threads)";
          case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f -> " (exceptions)";
          case 0x12, 0x13, 0x14, 0x15 -> " (tail calls, function references)";
          case 0x25, 0x26 -> " (access to a table)";
          case 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xfb -> " (references)";
          default -> "";
        };
    return Cursor.wrong(
        start,
        "instruction 0x%02x%s".formatted(opcode, what),
        "WebAssembly 1.0, sign extension, saturating conversion, memory.copy and memory.fill");
  }
}
