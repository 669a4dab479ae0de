package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelTrapException;
import java.util.Map;

/** What computes a model's output for rows. Thread-safe. */
interface Evaluator {
  /**
   * What came of some rows.
   *
   * @param values the output that is the rating, of each row
   * @param outputs what else is answered, of the first row
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Answer(double[] values, Map<String, Json> outputs) {}

  /** A run that can be stopped. */
  interface Run {
    /**
     * Computes.
     *
     * @throws ModelTrapException where the graph fails, or answers what it must not
     */
    Answer compute(Columns.Row[] rows) throws ModelTrapException;

    /** Has a run that is under way end soon; none after it. */
    void stop();

    /** Gives back what the run held; it may be called while it is under way. */
    void close();
  }

  /**
   * Begins a run.
   *
   * @throws ModelBusyException where as many as there may be are under way
   */
  Run begin() throws ModelBusyException;

  /** Whether a run is so short that it may hold an event loop. */
  boolean isShort();
}
