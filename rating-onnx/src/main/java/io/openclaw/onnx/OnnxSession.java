package io.openclaw.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.openclaw.domain.Json;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelTrapException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** By size: slots for one rating, and where ratings run together for 2, 4, 8 and so on. */
  private final List<AtomicReferenceArray<@Nullable OnnxSlot>> slots;

  private final boolean isShort;

  private OnnxSession(
      OrtSession session,
      OnnxSettings settings,
      List<AtomicReferenceArray<@Nullable OnnxSlot>> slots,
      boolean isShort) {
    this.session = session;
    this.settings = settings;
    this.slots = slots;
    this.isShort = isShort;
    OPEN.incrementAndGet();
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
    int rows = rows(settings, columns);
    OrtSession session = null;
    try {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "openclaw");
      Unpacked.delete();
      session = open(environment, model);
      Columns.Row example = columns.row(settings.schema().example());
      OnnxSlot.Maker maker = new OnnxSlot.Maker(environment, session, settings, columns);
      List<AtomicReferenceArray<@Nullable OnnxSlot>> slots = new ArrayList<>();
      slots.add(maker.make(rows, example, SLOTS));
      for (int size = 2; size < 2 * settings.batchMax(); size *= 2) {
        slots.add(maker.make(size * rows, example, Workers.THREADS));
      }
      OnnxSlot first = Objects.requireNonNull(slots.getFirst().get(0));
      boolean isShort = !file.loops() && measure(first, example, rows) <= SHORT_NANOS_MAX;
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

  /** The rows of one rating. */
  private static int rows(OnnxSettings settings, Columns columns) throws ModelException {
    if (settings.batchMax() > 1 && !columns.open()) {
      throw new ModelException(
          "/batch",
          "a graph with a fixed number of rows",
          "one whose number of rows is open, to run ratings together");
    }
    int rows = columns.open() ? 1 + settings.factors().size() : 1;
    if (1L * settings.batchMax() * rows * columns.columns().size() > NUMBERS_MAX) {
      throw new ModelException(
          settings.batchMax() > 1 ? "/batch/max" : "/features",
          1L * settings.batchMax() * rows
              + " rows of "
              + columns.columns().size()
              + " columns in a run",
          "at most " + NUMBERS_MAX + " numbers");
    }
    return rows;
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
  public SlotRun begin() throws ModelBusyException {
    return begin(1);
  }

  /**
   * Begins a run of so many ratings, at most as many as the settings allow.
   *
   * @throws ModelBusyException where as many as there may be are under way
   */
  SlotRun begin(int ratings) throws ModelBusyException {
    AtomicReferenceArray<@Nullable OnnxSlot> ofSize =
        slots.get(Integer.SIZE - Integer.numberOfLeadingZeros(ratings - 1));
    for (int i = 0; i < ofSize.length(); i++) {
      OnnxSlot slot = ofSize.getAndSet(i, null);
      if (slot != null) {
        return new SlotRun(ofSize, i, slot);
      }
    }
    throw new ModelBusyException(
        "onnx: " + ofSize.length() + " ratings under way (expected: fewer)");
  }

  /** Lets go of what is outside the heap; no run may be under way. */
  void close() {
    for (AtomicReferenceArray<@Nullable OnnxSlot> ofSize : slots) {
      for (int i = 0; i < ofSize.length(); i++) {
        OnnxSlot slot = ofSize.getAndSet(i, null);
        if (slot != null) {
          slot.close();
        }
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
  final class SlotRun implements Run {
    private final AtomicReferenceArray<@Nullable OnnxSlot> home;
    private final int index;
    private final OnnxSlot slot;
    private OrtSession.@Nullable RunOptions options;
    private boolean stopped;

    SlotRun(AtomicReferenceArray<@Nullable OnnxSlot> home, int index, OnnxSlot slot) {
      this.home = home;
      this.index = index;
      this.slot = slot;
    }

    @Override
    public Answer compute(Columns.Row[] rows) throws ModelTrapException {
      if (rows.length <= slot.rows()) {
        return answer(rows).part(settings, 0, rows.length);
      }
      double[] values = new double[rows.length]; // a graph of one row at a time
      Map<String, Json> outputs = Map.of();
      OrtSession.RunOptions stoppable = isShort ? null : stoppable();
      for (int row = 0; row < rows.length; row++) {
        Answer one = slot.compute(new Columns.Row[] {rows[row]}, stoppable).part(settings, 0, 1);
        values[row] = one.values()[0];
        outputs = row == 0 ? one.outputs() : outputs;
      }
      return new Answer(values, outputs);
    }

    /** What came of rows that are at most as many as the slot has. */
    OnnxAnswer answer(Columns.Row[] rows) throws ModelTrapException {
      return slot.compute(rows, isShort ? null : stoppable());
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
      home.set(index, slot);
    }
  }
}
