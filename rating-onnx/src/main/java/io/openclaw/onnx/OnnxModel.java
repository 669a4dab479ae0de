package io.openclaw.onnx;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.DocumentModel;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A model of kind {@code onnx}. A rating is one number of one output of the graph, on a scale; its
 * reasons are what it would gain if fields were what the settings call their baseline.
 *
 * <p>Immutable and thread-safe. Where a run is short it rates where it is called; else on a few
 * threads, within a deadline. A session is closed when nothing refers to the model any more.
 */
public final class OnnxModel extends DocumentModel {
  private static final Cleaner CLEANER = Cleaner.create();

  private final OnnxSettings settings;
  private final Columns columns;
  private final Evaluator evaluator;
  private final @Nullable Batches batches;
  private final Lane lane = new Lane();

  private OnnxModel(
      ModelSource source,
      OnnxSettings settings,
      Columns columns,
      Evaluator evaluator,
      @Nullable Batches batches) {
    super(source, OnnxKind.NAME, settings.schema());
    this.settings = settings;
    this.columns = columns;
    this.evaluator = evaluator;
    this.batches = batches;
  }

  /** A model that this program rates. */
  static OnnxModel of(
      ModelSource source, OnnxSettings settings, Columns columns, Evaluator evaluator) {
    return new OnnxModel(source, settings, columns, evaluator, null);
  }

  /**
   * A model that ONNX Runtime rates.
   *
   * @throws ModelException where it refuses the graph
   */
  static OnnxModel of(ModelSource source, OnnxSettings settings, Columns columns, OnnxFile file)
      throws ModelException {
    OnnxSession session = OnnxSession.open(source.bytes(), file, settings, columns);
    Batches batches = settings.batchMax() > 1 ? new Batches(session, settings) : null;
    OnnxModel model = new OnnxModel(source, settings, columns, session, batches);
    var _ = CLEANER.register(model, session::close);
    return model;
  }

  /** Whether it rates where it is called, and not on a thread of its own. */
  public boolean isInline() {
    return evaluator.isShort() && batches == null;
  }

  /** What runs its ratings together; null where each is run by itself. */
  @Nullable Batches batches() {
    return batches;
  }

  /** Whether this program computes it, without ONNX Runtime. */
  public boolean isImported() {
    return evaluator instanceof Imported;
  }

  @Override
  protected Checked ready(Json.Obj input) {
    return new Input(input);
  }

  /** An input that the schema takes. */
  private final class Input implements Checked.Ready {
    private final Json.Obj input;

    Input(Json.Obj input) {
      this.input = input;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      if (batches != null) {
        return batches.rate(this::rows, OnnxModel.this::rating);
      }
      Evaluator.Run run;
      try {
        run = evaluator.begin();
      } catch (ModelBusyException e) {
        return CompletableFuture.failedFuture(e);
      }
      return evaluator.isShort()
          ? now(run)
          : Workers.run(lane, run, () -> rating(run.compute(rows())), settings.deadlineMillis());
    }

    private CompletionStage<Rating> now(Evaluator.Run run) {
      try {
        return CompletableFuture.completedFuture(rating(run.compute(rows())));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      } finally {
        run.close();
        Reference.reachabilityFence(OnnxModel.this); // until here the session must stay open
      }
    }

    /** The input's row, and one for each factor with its fields at their baseline. */
    private Columns.Row[] rows() {
      Columns.Row[] rows = new Columns.Row[1 + settings.factors().size()];
      rows[0] = columns.row(input);
      for (int i = 1; i < rows.length; i++) {
        Map<String, Json> other = new LinkedHashMap<>(input.members());
        other.putAll(settings.factors().get(i - 1).baseline());
        rows[i] = columns.row(new Json.Obj(other));
      }
      return rows;
    }
  }

  private Rating rating(Evaluator.Answer answer) throws ModelTrapException {
    Decimal value = settings.scale().rate(answer.values()[0]);
    Json.Obj outputs = answer.outputs().isEmpty() ? null : new Json.Obj(answer.outputs());
    return new Rating(value, reasons(value, answer.values()), null, outputs);
  }

  /**
   * Each code once, at the most points that its baselines would gain; ties in the order written.
   */
  private List<Reason> reasons(Decimal value, double[] values) throws ModelTrapException {
    Map<String, Reason> byCode = new LinkedHashMap<>();
    for (int i = 1; i < values.length; i++) {
      Decimal lost = difference(settings.scale().rate(values[i]), value);
      OnnxSettings.Factor factor = settings.factors().get(i - 1);
      Reason known = byCode.get(factor.code());
      if (lost.unscaled() > 0 && (known == null || known.points().compareTo(lost) < 0)) {
        byCode.put(factor.code(), new Reason(factor.code(), factor.text(), lost));
      }
    }
    List<Reason> reasons = new ArrayList<>(byCode.values());
    reasons.sort(Comparator.comparing(Reason::points).reversed());
    return List.copyOf(reasons.subList(0, Math.min(settings.reasonsMax(), reasons.size())));
  }

  private static Decimal difference(Decimal a, Decimal b) {
    return a.scale() == b.scale()
        ? new Decimal(a.unscaled() - b.unscaled(), a.scale())
        : Decimal.of(
            BigDecimal.valueOf(a.unscaled(), a.scale())
                .subtract(BigDecimal.valueOf(b.unscaled(), b.scale()))
                .toPlainString());
  }
}
