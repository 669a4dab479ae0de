package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmRuntimeException;
import run.endive.wasm.types.MemoryLimits;

class FlatMemoryTest {
  private static final String OUTSIDE = "outside";

  @Test
  void random_accesses_give_what_the_engines_own_memory_gives() {
    for (int seed = 0; seed < 200; seed++) {
      MemoryLimits limits = new MemoryLimits(1, 3);
      Memory ours = new FlatMemory(limits);
      Memory engines = new ByteArrayMemory(limits);
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 500; i++) {
        long step = random.nextLong();
        assertThat(found(ours, step)).as("seed %s", seed).isEqualTo(found(engines, step));
      }
      assertThat(ours.pages()).isEqualTo(engines.pages());
      int size = Memory.bytes(ours.pages());
      assertThat(ours.readBytes(0, size)).isEqualTo(engines.readBytes(0, size));
    }
  }

  private static Object found(Memory memory, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int size = Memory.bytes(memory.pages());
    int at =
        switch (random.nextInt(5)) {
          case 0 -> random.nextInt(size - 10, size + 10);
          case 1 -> Memory.PAGE_SIZE + random.nextInt(-9, 9);
          case 2 -> random.nextInt() & (random.nextBoolean() ? -1 : 0x1ffff);
          default -> random.nextInt(size);
        };
    int length = random.nextInt(100);
    int other = random.nextInt(size);
    long value = random.nextLong();
    Function<Memory, Object> access =
        switch (random.nextInt(18)) {
          case 0 -> m -> m.read(at);
          case 1 -> m -> m.readShort(at);
          case 2 -> m -> m.readInt(at);
          case 3 -> m -> m.readLong(at);
          case 4 -> m -> Float.floatToRawIntBits(m.readFloat(at));
          case 5 -> m -> Double.doubleToRawLongBits(m.readDouble(at));
          case 6 -> m -> m.readU16(at);
          case 7 -> m -> m.readF64(at);
          case 8 -> changing(m -> m.writeByte(at, (byte) value));
          case 9 -> changing(m -> m.writeShort(at, (short) value));
          case 10 -> changing(m -> m.writeI32(at, (int) value));
          case 11 -> changing(m -> m.writeLong(at, value));
          case 12 -> changing(m -> m.writeF32(at, (float) value));
          case 13 -> changing(m -> m.writeF64(at, (double) value));
          case 14 -> changing(m -> m.copy(at, other, length));
          case 15 -> changing(m -> m.fill((byte) value, at, at + length));
          case 16 -> changing(m -> m.write(at, new byte[length]));
          default -> m -> random.nextInt(50) == 0 ? m.grow(random.nextInt(3)) : m.pages();
        };
    try {
      return access.apply(memory);
    } catch (WasmRuntimeException e) {
      assertThat(e.getMessage()).contains("out of bounds memory access");
      return OUTSIDE;
    }
  }

  private static Function<Memory, Object> changing(Consumer<Memory> change) {
    return memory -> {
      change.accept(memory);
      return "changed";
    };
  }

  @Test
  void a_copy_within_itself_moves_what_was_there() {
    Memory memory = new FlatMemory(new MemoryLimits(1, 1));
    memory.write(10, new byte[] {1, 2, 3, 4});
    memory.copy(12, 10, 4);
    assertThat(memory.readBytes(10, 6)).containsExactly(1, 2, 1, 2, 3, 4);
  }

  @Test
  void it_grows_to_its_most_and_not_beyond() {
    Memory memory = new FlatMemory(new MemoryLimits(1, 2));
    memory.writeByte(Memory.PAGE_SIZE - 1, (byte) 7);
    assertThat(memory.grow(2)).isEqualTo(-1);
    assertThat(memory.grow(-1)).isEqualTo(-1);
    assertThat(memory.grow(1)).isEqualTo(1);
    assertThat(memory.grow(1)).isEqualTo(-1);
    assertThat(memory.read(Memory.PAGE_SIZE - 1)).isEqualTo((byte) 7);
    assertThat(memory.read(2 * Memory.PAGE_SIZE - 1)).isZero();
  }

  @Test
  void an_access_that_straddles_the_end_changes_nothing() {
    Memory memory = new FlatMemory(new MemoryLimits(1, 1));
    assertThatThrownBy(() -> memory.writeLong(Memory.PAGE_SIZE - 7, -1))
        .isInstanceOf(WasmRuntimeException.class);
    assertThat(memory.readBytes(Memory.PAGE_SIZE - 7, 7)).containsOnly(0);
  }
}
