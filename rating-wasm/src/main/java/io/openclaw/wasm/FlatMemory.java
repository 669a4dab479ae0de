package io.openclaw.wasm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmRuntimeException;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;
import run.endive.wasm.types.MemoryLimits;

/**
 * A module's linear memory as one array of bytes, so that the array's own bounds check is the only
 * one: the engine's memories are made of pages, which costs a module that works on bytes twice the
 * time (docs/decisions/0013-wasm.md). Growing copies. Not thread-safe.
 *
 * <p>Holds what {@link Instructions} lets through: no shared memory, no atomic access, no passive
 * segments.
 */
@SuppressWarnings("removal") // the interface of 1.0.0 still asks for lock, waitOn and notify
final class FlatMemory implements Memory {
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);

  private final int initialPages;
  private final int maximumPages;
  private byte[] bytes;

  FlatMemory(MemoryLimits limits) {
    initialPages = limits.initialPages();
    maximumPages = Math.min(limits.maximumPages(), RUNTIME_MAX_PAGES);
    bytes = new byte[Memory.bytes(initialPages)];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public int pages() {
    return bytes.length / PAGE_SIZE;
  }

  @Override
  public int initialPages() {
    return initialPages;
  }

  @Override
  public int maximumPages() {
    return maximumPages;
  }

  @Override
  public int grow(int more) {
    int before = pages();
    if (more < 0 || more > maximumPages - before) {
      return -1;
    }
    if (more > 0) {
      bytes = Arrays.copyOf(bytes, Memory.bytes(before + more));
    }
    return before;
  }

  @Override
  public void initialize(Instance instance, DataSegment[] segments) {
    if (segments == null) {
      return;
    }
    for (DataSegment segment : segments) {
      if (!(segment instanceof ActiveDataSegment active)) {
        throw new WasmRuntimeException("a data segment that is not active");
      }
      int at =
          (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
      write(at, active.data());
    }
  }

  @Override
  public byte[] readBytes(int at, int length) {
    requireInside(at, length);
    return Arrays.copyOfRange(bytes, at, at + length);
  }

  @Override
  public void write(int at, byte[] data, int offset, int length) {
    requireInside(at, length);
    Objects.checkFromIndexSize(offset, length, data.length);
    System.arraycopy(data, offset, bytes, at, length);
  }

  @Override
  public void copy(int to, int from, int length) {
    requireInside(to, length);
    requireInside(from, length);
    System.arraycopy(bytes, from, bytes, to, length);
  }

  @Override
  public void fill(byte value, int from, int end) {
    requireInside(from, end - from);
    Arrays.fill(bytes, from, end, value);
  }

  @Override
  public void zero() {
    Arrays.fill(bytes, (byte) 0);
  }

  private void requireInside(int at, int length) {
    if (at < 0 || length < 0 || (long) at + length > bytes.length) {
      throw outside(at, length);
    }
  }

  private WasmRuntimeException outside(int at, int length) {
    return new WasmRuntimeException(
        "out of bounds memory access: %d bytes at %d of %d"
            .formatted(length, Integer.toUnsignedLong(at), bytes.length));
  }

  @Override
  public byte read(int at) {
    try {
      return bytes[at];
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Byte.BYTES);
    }
  }

  @Override
  public short readShort(int at) {
    try {
      return (short) SHORTS.get(bytes, at);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Short.BYTES);
    }
  }

  @Override
  public int readInt(int at) {
    try {
      return (int) INTS.get(bytes, at);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Integer.BYTES);
    }
  }

  @Override
  public long readLong(int at) {
    try {
      return (long) LONGS.get(bytes, at);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Long.BYTES);
    }
  }

  @Override
  public float readFloat(int at) {
    try {
      return (float) FLOATS.get(bytes, at);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Float.BYTES);
    }
  }

  @Override
  public double readDouble(int at) {
    try {
      return (double) DOUBLES.get(bytes, at);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Double.BYTES);
    }
  }

  @Override
  public long readU16(int at) {
    return Short.toUnsignedLong(readShort(at));
  }

  @Override
  public long readF32(int at) {
    return readInt(at);
  }

  @Override
  public long readF64(int at) {
    return readLong(at);
  }

  @Override
  public void writeByte(int at, byte value) {
    try {
      bytes[at] = value;
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Byte.BYTES);
    }
  }

  @Override
  public void writeShort(int at, short value) {
    try {
      SHORTS.set(bytes, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Short.BYTES);
    }
  }

  @Override
  public void writeI32(int at, int value) {
    try {
      INTS.set(bytes, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Integer.BYTES);
    }
  }

  @Override
  public void writeLong(int at, long value) {
    try {
      LONGS.set(bytes, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Long.BYTES);
    }
  }

  @Override
  public void writeF32(int at, float value) {
    try {
      FLOATS.set(bytes, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Float.BYTES);
    }
  }

  @Override
  public void writeF64(int at, double value) {
    try {
      DOUBLES.set(bytes, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outside(at, Double.BYTES);
    }
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public Object lock(int at) {
    throw notHeld();
  }

  @Override
  public int waitOn(int at, int expected, long nanos) {
    throw notHeld();
  }

  @Override
  public int waitOn(int at, long expected, long nanos) {
    throw notHeld();
  }

  @Override
  public int notify(int at, int count) {
    throw notHeld();
  }

  @Override
  public void initPassiveSegment(int segment, int to, int from, int length) {
    throw notHeld();
  }

  @Override
  public void drop(int segment) {
    throw notHeld();
  }

  private static WasmRuntimeException notHeld() {
    return new WasmRuntimeException("an instruction that a model may not use");
  }
}
