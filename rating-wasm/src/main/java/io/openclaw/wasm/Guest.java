package io.openclaw.wasm;

import io.openclaw.rating.ModelTrapException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.MutabilityType;
import run.endive.wasm.types.ValType;

/**
 * One instance of a module, with its memory: takes bytes, gives bytes. Not thread-safe, and it
 * notices: a second thread is refused, before it could make both answers wrong.
 *
 * <p>What a module can change are its memory and its globals ({@link Instructions} refuses the
 * rest); {@link #reset} brings both back to what they were when it had started.
 */
final class Guest {
  /** Bytes of one answer. */
  static final int OUTPUT_BYTES_MAX = 65_536;

  /** Bytes of one input. */
  static final int INPUT_BYTES_MAX = 1_048_576;

  private static final int MESSAGE_LENGTH_MAX = 200;

  /** A mutable global and what it was at the start. */
  private record Saved(GlobalInstance global, long value) {}

  private final AtomicBoolean taken = new AtomicBoolean();
  private final GuestLog log;
  private final Instance instance;
  private final Memory memory;
  private final ExportFunction alloc;
  private final ExportFunction rate;
  private final List<Saved> globals = new ArrayList<>();
  private final byte[] image;
  private final int pages;
  private final @Nullable GlobalInstance fuel;
  private final long fuelEach;
  private int calls;

  /**
   * Starts an instance, its start function included: to be called under a {@link Lease}.
   *
   * @param machine what runs it; null for the interpreter
   */
  Guest(
      CompiledModule compiled,
      @Nullable Function<Instance, Machine> machine,
      WasmSettings settings,
      int fuelGlobal,
      String model) {
    log = new GuestLog(model);
    int least =
        compiled.module().memorySection().orElseThrow().getMemory(0).limits().initialPages();
    Instance.Builder builder =
        Instance.builder(compiled.module())
            .withMemoryLimits(new MemoryLimits(least, settings.memoryPages()))
            .withMemoryFactory(FlatMemory::new)
            .withStart(
                false) // a WASI convention; the module's own start function runs all the same
            .withImportValues(imports(compiled));
    instance = (machine == null ? builder : builder.withMachineFactory(machine)).build();
    memory = instance.exports().memory(Abi.MEMORY);
    alloc = instance.export(Abi.ALLOC);
    rate = instance.export(Abi.RATE);
    for (int i = 0; i < instance.globalCount(); i++) {
      GlobalInstance each = instance.global(i);
      if (each.getMutabilityType() == MutabilityType.Var) {
        globals.add(new Saved(each, each.getValue()));
      }
    }
    pages = memory.pages();
    image = memory.readBytes(0, Memory.bytes(pages));
    fuel = settings.fuel() > 0 ? instance.global(fuelGlobal) : null;
    fuelEach = settings.fuel();
  }

  private ImportValues imports(CompiledModule compiled) {
    if (compiled.module().importSection().importCount() == 0) {
      return ImportValues.empty();
    }
    HostFunction handle =
        new HostFunction(
            Abi.ENV,
            Abi.LOG,
            FunctionType.of(List.of(ValType.I32, ValType.I32), List.of()),
            (caller, arguments) -> {
              log.log(caller.memory(), (int) arguments[0], (int) arguments[1]);
              return new long[0];
            });
    return ImportValues.builder().addFunction(handle).build();
  }

  /**
   * Rates one input, under a {@link Lease}.
   *
   * @return the answer's bytes, not looked at
   * @throws ModelTrapException where the module traps, is interrupted, or names bytes that are not
   *     its own
   * @throws IllegalStateException where another thread is in it
   */
  byte[] rate(byte[] input) throws ModelTrapException {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalStateException("two threads in one instance of a module");
    }
    try {
      calls++;
      log.begin();
      if (fuel != null) {
        fuel.setValue(fuelEach);
      }
      return call(input);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
      throw new ModelTrapException(
          fuel != null && fuel.getValue() < 0
              ? "the module used up its fuel of " + fuelEach
              : "the module trapped: " + shown(e));
    } finally {
      taken.set(false);
    }
  }

  private byte[] call(byte[] input) throws ModelTrapException {
    if (input.length > INPUT_BYTES_MAX) {
      throw new ModelTrapException(
          "an input of %d bytes (expected: at most %d)".formatted(input.length, INPUT_BYTES_MAX));
    }
    int at = (int) alloc.apply(input.length)[0];
    requireInside("alloc's place for " + input.length + " bytes", at, input.length);
    memory.write(at, input);
    long answer = rate.apply(at, input.length)[0];
    int length = (int) answer;
    int start = (int) (answer >>> 32);
    if (length < 0 || length > OUTPUT_BYTES_MAX) {
      throw new ModelTrapException(
          "an answer of %d bytes (expected: 0 to %d)".formatted(length, OUTPUT_BYTES_MAX));
    }
    requireInside("the answer of " + length + " bytes", start, length);
    return memory.readBytes(start, length);
  }

  private void requireInside(String what, int at, int length) throws ModelTrapException {
    long size = 1L * Memory.PAGE_SIZE * memory.pages();
    if (at <= 0 || at + (long) length > size) {
      throw new ModelTrapException(
          "%s at %d (expected: within 1 to %d, the module's memory)"
              .formatted(what, Integer.toUnsignedLong(at), size));
    }
  }

  /** Ratings since the start or the last reset. */
  int calls() {
    return calls;
  }

  /** Messages that the last call logged. */
  int messages() {
    return log.messages();
  }

  /**
   * Brings memory and globals back to what they were at the start; says no where the memory has
   * grown, which cannot be undone.
   */
  boolean reset() {
    if (memory.pages() != pages) {
      return false;
    }
    memory.write(0, image);
    for (Saved each : globals) {
      each.global().setValue(each.value());
    }
    calls = 0;
    return true;
  }

  /** An error of the engine, without anything of the input, in one short line. */
  static String shown(Throwable error) {
    String message = error.getMessage();
    String text =
        message == null || message.isBlank()
            ? error.getClass().getSimpleName()
            : message.replaceAll("\\p{Cntrl}+", " ");
    return text.substring(0, Math.min(MESSAGE_LENGTH_MAX, text.length()));
  }
}
