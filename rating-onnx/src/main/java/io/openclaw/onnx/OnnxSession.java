package io.openclaw.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.openclaw.domain.Json;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelTrapException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A session of ONNX Runtime with a few slots, each of tensors that are made once: one thread, no
 * spinning. Thread-safe; a slot is one run's. Closed by whoever made it, once no run is under way.
 */
final class OnnxSession implements Evaluator {
  /** Runs under way at a time. */
  static final int SLOTS = 8;

  /** Numbers that one run is handed. */
  static final int NUMBERS_MAX = 250_000;

  /** A run that takes no longer may hold an event loop. */
  static final long SHORT_NANOS_MAX = 100_000;

  private static final int MEASURED = 50;

  private static final AtomicInteger OPEN = new AtomicInteger();

  private final OrtSession session;
  private final OnnxSettings settings;
  private final AtomicReferenceArray<@Nullable OnnxSlot> slots = new AtomicReferenceArray<>(SLOTS);
  private final boolean isShort;

  private OnnxSession(OrtSession session, OnnxSettings settings, OnnxSlot[] made, boolean isShort) {
    this.session = session;
    this.settings = settings;
    this.isShort = isShort;
    OPEN.incrementAndGet();
    for (int i = 0; i < SLOTS; i++) {
      slots.set(i, made[i]);
    }
  }

  /**
   * Opens a session and runs the example once.
   *
   * @throws ModelException where ONNX Runtime refuses the graph, or it answers another shape
   */
  static OnnxSession open(byte[] model, OnnxFile file, OnnxSettings settings, Columns columns)
      throws ModelException {
    return DeepStack.call(() -> openHere(model, file, settings, columns));
  }

  private static OnnxSession openHere(
      byte[] model, OnnxFile file, OnnxSettings settings, Columns columns) throws ModelException {
    int rows = columns.open() ? 1 + settings.factors().size() : 1;
    if (1L * rows * columns.columns().size() > NUMBERS_MAX) {
      throw new ModelException(
          "/features",
          rows + " rows of " + columns.columns().size() + " columns in a run",
          "at most " + NUMBERS_MAX + " numbers");
    }
    OrtSession session = null;
    try {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "openclaw");
      Unpacked.delete();
      session = open(environment, model);
      OnnxSlot[] slots = new OnnxSlot[SLOTS];
      Map<String, OnnxSlot.Shape> shapes = Map.of();
      Columns.Row example = columns.row(settings.schema().example());
      for (int i = 0; i < SLOTS; i++) {
        slots[i] = new OnnxSlot(environment, session, settings, columns, rows, shapes);
        if (i == 0) {
          shapes = slots[0].learn(example);
          slots[0].close();
          slots[0] = new OnnxSlot(environment, session, settings, columns, rows, shapes);
        }
      }
      boolean isShort = !file.loops() && measure(slots[0], example, rows) <= SHORT_NANOS_MAX;
      return new OnnxSession(session, settings, slots, isShort);
    } catch (OrtException | ModelTrapException e) {
      closed(session);
      throw new ModelException("", String.valueOf(e.getMessage()), "a graph that can be run");
    } catch (LinkageError e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new ModelException(
          "onnx",
          "ONNX Runtime does not load here: " + why,
          "Linux with glibc on x86-64 or Arm, macOS on Arm, or Windows");
    } catch (RuntimeException e) {
      closed(session);
      throw e;
    }
  }

  private static void closed(@Nullable OrtSession session) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (OrtException e) {
      // nothing is left of it to close
    }
  }

  private static OrtSession open(OrtEnvironment environment, byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setDeterministicCompute(true);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      return environment.createSession(model, options);
    }
  }

  /** The shortest time of a full run, nanoseconds. */
  private static long measure(OnnxSlot slot, Columns.Row example, int rows)
      throws ModelTrapException {
    Columns.Row[] full = new Columns.Row[rows];
    java.util.Arrays.fill(full, example);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < MEASURED; i++) {
      long start = System.nanoTime();
      var _ = slot.compute(full, null);
      least = Math.min(least, System.nanoTime() - start);
      if (least > 100 * SHORT_NANOS_MAX) {
        break;
      }
    }
    return least;
  }

  @Override
  public boolean isShort() {
    return isShort;
  }

  @Override
  public Run begin() throws ModelBusyException {
    for (int i = 0; i < SLOTS; i++) {
      OnnxSlot slot = slots.getAndSet(i, null);
      if (slot != null) {
        return new SlotRun(i, slot);
      }
    }
    throw new ModelBusyException("onnx: " + SLOTS + " ratings under way (expected: fewer)");
  }

  /** Lets go of what is outside the heap; no run may be under way. */
  void close() {
    for (int i = 0; i < SLOTS; i++) {
      OnnxSlot slot = slots.getAndSet(i, null);
      if (slot != null) {
        slot.close();
      }
    }
    closed(session);
    OPEN.decrementAndGet();
  }

  /** Sessions that are open in this process. */
  static int openSessions() {
    return OPEN.get();
  }

  /** A run in one slot. */
  private final class SlotRun implements Run {
    private final int index;
    private final OnnxSlot slot;
    private OrtSession.@Nullable RunOptions options;
    private boolean stopped;

    SlotRun(int index, OnnxSlot slot) {
      this.index = index;
      this.slot = slot;
    }

    @Override
    public Answer compute(Columns.Row[] rows) throws ModelTrapException {
      OrtSession.RunOptions stoppable = isShort ? null : stoppable();
      double[] values = new double[rows.length];
      Map<String, Json> outputs = new LinkedHashMap<>();
      for (int from = 0; from < rows.length; from += slot.rows()) {
        int to = Math.min(rows.length, from + slot.rows());
        slot.compute(java.util.Arrays.copyOfRange(rows, from, to), stoppable)
            .read(settings, values, from, outputs);
      }
      return new Answer(values, outputs);
    }

    private synchronized OrtSession.RunOptions stoppable() throws ModelTrapException {
      try {
        if (stopped) {
          throw new ModelTrapException("onnx: stopped before it began");
        }
        OrtSession.RunOptions made = new OrtSession.RunOptions();
        options = made;
        return made;
      } catch (OrtException e) {
        throw new ModelTrapException("onnx: " + e.getCode());
      }
    }

    @Override
    public synchronized void stop() {
      stopped = true;
      try {
        if (options != null) {
          options.setTerminate(true);
        }
      } catch (OrtException e) {
        // it goes on to its end; its answer is not waited for
      }
    }

    @Override
    public synchronized void close() {
      if (options != null) {
        options.close();
        options = null;
      }
      slots.set(index, slot);
    }
  }
}
