package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Rewrites a module so that it counts its own instructions: a limit that is the same on every
 * machine, unlike a deadline. At the start of each function, and of each turn of each loop, it
 * takes off what comes until the next such place: every instruction there once, whichever way it
 * branches. What is left is a new global, after all others; where that falls below zero the module
 * traps. Copying or filling memory counts as one instruction, whatever its length.
 *
 * <p>The module must have been found valid before: then none of its instructions names the new
 * global, since its number was out of range. It has no name, so nothing can be exported in its
 * place.
 */
final class FuelMeter {
  private static final int I64 = 0x7e;
  private static final int VARIABLE = 1;

  private FuelMeter() {}

  /** The number of the global that says what is left. */
  static int global(ModuleShape shape) {
    return shape.globals();
  }

  /**
   * The module that counts.
   *
   * @param fuel what it has while it starts; before each rating it is filled up by who calls it
   */
  static byte[] rewrite(byte[] module, ModuleShape shape, long fuel) throws ModelException {
    Sections sections = Sections.of(module);
    ByteArrayOutputStream out = new ByteArrayOutputStream(module.length + module.length / 4);
    out.write(module, 0, 8);
    boolean written = false;
    for (Sections.Section each : sections.all()) {
      if (each.id() == 0) {
        continue;
      }
      boolean isLater = each.id() > Sections.GLOBAL && each.id() != Sections.DATA_COUNT;
      if (!written && isLater) {
        Sections.writeSection(out, Sections.GLOBAL, globals(new byte[0], 0, fuel));
        written = true;
      }
      switch (each.id()) {
        case Sections.GLOBAL -> {
          Cursor cursor = new Cursor(module, each.body(), each.end());
          int count = cursor.u32(ModuleShape.GLOBALS_MAX);
          byte[] old = java.util.Arrays.copyOfRange(module, cursor.at(), each.end());
          Sections.writeSection(out, Sections.GLOBAL, globals(old, count, fuel));
          written = true;
        }
        case Sections.CODE ->
            Sections.writeSection(out, Sections.CODE, code(module, shape, global(shape)));
        default -> out.write(module, each.start(), each.end() - each.start());
      }
    }
    return out.toByteArray();
  }

  private static byte[] globals(byte[] old, int count, long fuel) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(old.length + 20);
    Sections.writeU32(out, count + 1);
    out.writeBytes(old);
    out.write(I64);
    out.write(VARIABLE);
    out.write(0x42);
    Sections.writeSigned(out, fuel);
    out.write(Instructions.END);
    return out.toByteArray();
  }

  private static byte[] code(byte[] module, ModuleShape shape, int global) throws ModelException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Sections.writeU32(out, shape.bodies().size());
    for (ModuleShape.Body each : shape.bodies()) {
      byte[] body = body(module, each, global);
      Sections.writeU32(out, body.length);
      out.writeBytes(body);
    }
    return out.toByteArray();
  }

  /** A place where fuel is taken off. */
  private static final class Place {
    final int offset;
    final int depth;
    long cost;

    Place(int offset, int depth) {
      this.offset = offset;
      this.depth = depth;
    }
  }

  private static byte[] body(byte[] module, ModuleShape.Body body, int global)
      throws ModelException {
    List<Place> places = new ArrayList<>();
    List<Place> open = new ArrayList<>();
    Place entry = new Place(body.code(), -1);
    places.add(entry);
    open.add(entry);
    Instructions.walk(
        new Cursor(module, body.code(), body.end()),
        (opcode, after, depth) -> {
          open.getLast().cost++;
          if (opcode == Instructions.LOOP) {
            Place loop = new Place(after, depth);
            places.add(loop);
            open.add(loop);
          } else if (opcode == Instructions.END && open.getLast().depth == depth) {
            open.removeLast();
          }
        });
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int copied = body.start();
    for (Place place : places) {
      out.write(module, copied, place.offset - copied);
      copied = place.offset;
      take(out, global, place.cost);
    }
    out.write(module, copied, body.end() - copied);
    return out.toByteArray();
  }

  /** {@code fuel -= cost; if (fuel < 0) unreachable}. */
  private static void take(ByteArrayOutputStream out, int global, long cost) {
    out.write(0x23); // global.get
    Sections.writeU32(out, global);
    out.write(0x42); // i64.const
    Sections.writeSigned(out, cost);
    out.write(0x7d); // i64.sub
    out.write(0x24); // global.set
    Sections.writeU32(out, global);
    out.write(0x23);
    Sections.writeU32(out, global);
    out.write(0x42);
    out.write(0);
    out.write(0x53); // i64.lt_s
    out.write(0x04); // if
    out.write(0x40);
    out.write(Instructions.UNREACHABLE);
    out.write(Instructions.END);
  }
}
