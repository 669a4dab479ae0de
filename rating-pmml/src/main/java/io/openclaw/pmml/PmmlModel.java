package io.openclaw.pmml;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.DocumentModel;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.ScoreScale;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A PMML model (3.0 to 4.4), compiled to flat arrays.
 *
 * <p>The rating is the number predicted, of two categories the probability of the last, of more the
 * probability of the one predicted, unless the document's settings name another output; on the
 * settings' scale. All output fields, the target and each category's probability are the rating's
 * outputs. Reasons are a scorecard's own codes, or the fields that lowered a linear or tree model's
 * score most.
 *
 * <p>An input with which the model predicts nothing because something is missing is refused; one
 * with which it predicts nothing although all is there ends in a {@link ModelTrapException}.
 *
 * <p>Immutable and thread-safe; checking and rating are without side effects. Follows the PMML 4.4
 * specification of the Data Mining Group.
 */
public final class PmmlModel extends DocumentModel {
  /** Categories whose probabilities are among the outputs. */
  public static final int PROBABILITIES_MAX = 50;

  private final Program program;
  private final Inputs inputs;
  private final RatedValue rated;
  private final Settings settings;
  private final List<Compiled.Answer> answers;
  private final @Nullable Reasons reasons;

  private PmmlModel(ModelSource source, PmmlDocument document, Settings settings, Inputs inputs)
      throws ModelException {
    super(source, "pmml", inputs.schema());
    this.program = document.program();
    this.settings = settings;
    this.inputs = inputs;
    this.rated = RatedValue.of(document, settings);
    this.answers = answers(document);
    this.reasons = Reasons.of(program, rated, settings);
  }

  /**
   * Compiles a document and runs its verification.
   *
   * @throws ModelException with the place of what is wrong, not supported, or not as verified
   */
  public static PmmlModel load(ModelSource source) throws ModelException {
    PmmlDocument document = PmmlDocument.read(source.bytes());
    PmmlModel model =
        new PmmlModel(source, document, Settings.read(document.root()), new Inputs(document));
    Verification verification = Verification.of(document, model.schema());
    if (verification != null) {
      verification.run(model);
    }
    return model;
  }

  private static List<Compiled.Answer> answers(PmmlDocument document) {
    Compiled model = document.model();
    Outcome outcome = model.outcome();
    Map<String, Compiled.Answer> all = new LinkedHashMap<>();
    for (Compiled.Answer each : model.outputs()) {
      all.put(each.name(), each);
    }
    String target = ModelCompiler.targetName(model.target());
    all.putIfAbsent(target, new Compiled.Answer(target, outcome.value(), outcome.type()));
    for (int i = 0; i < Math.min(outcome.classes().length, PROBABILITIES_MAX); i++) {
      String name =
          "probability(" + document.build().text(outcome.classes()[i], outcome.type()) + ")";
      all.putIfAbsent(name, new Compiled.Answer(name, outcome.first() + i, DataType.DOUBLE));
    }
    return List.copyOf(all.values());
  }

  @Override
  protected List<Violation> violations(Json.Obj input) {
    return inputs.violations(input);
  }

  @Override
  protected Checked ready(Json.Obj input) {
    Frame f = program.frame();
    if (!inputs.fill(input, f)) {
      return new Filled(f, false);
    }
    program.run(f);
    if (program.isSilent(f) && !f.isBrokenOff()) {
      return new Checked.Invalid(inputs.missing(f));
    }
    return new Filled(f, true);
  }

  /** An input in its frame; the rest is computed with the rating, unless checking needed it. */
  private final class Filled implements Checked.Ready {
    private final Frame f;
    private boolean done;

    Filled(Frame f, boolean done) {
      this.f = f;
      this.done = done;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      if (!done) {
        program.run(f);
        done = true;
      }
      try {
        return CompletableFuture.completedFuture(rating(f));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  private Rating rating(Frame f) throws ModelTrapException {
    if (f.isBrokenOff()) {
      throw new ModelTrapException("the model makes or searches a string that is too long");
    }
    double output = rated.of(f, program.outcome());
    if (Double.isNaN(output)) {
      throw new ModelTrapException("the model predicts nothing for this input");
    }
    Decimal value = settings.scale().rate(output);
    Reasons found = reasons;
    return new Rating(
        value, found == null ? List.of() : found.of(f), null, new Json.Obj(outputs(f)));
  }

  private Map<String, Json> outputs(Frame f) {
    Map<String, Json> outputs = new LinkedHashMap<>(2 * answers.size());
    for (Compiled.Answer each : answers) {
      outputs.put(each.name(), json(f, each));
    }
    return outputs;
  }

  private Json json(Frame f, Compiled.Answer answer) {
    double value = f.x[answer.slot()];
    return answer.type() == DataType.STRING && !Double.isNaN(value)
        ? new Json.Str(f.text(value))
        : Inputs.json(value, answer.type(), program.symbols());
  }

  /** What lowers a rating, by field or reason code. */
  private record Reasons(
      Program program,
      @Nullable ScorecardBody card,
      @Nullable Producer producer,
      ScoreScale scale,
      int limit,
      Map<String, String> texts) {
    static @Nullable Reasons of(Program program, RatedValue rated, Settings settings) {
      Producer producer = rated.producer();
      if (settings.reasonsMax() == 0 || producer == null || !producer.body().explains()) {
        return null;
      }
      ScorecardBody card = producer.body() instanceof ScorecardBody found ? found : null;
      return new Reasons(
          program, card, producer, settings.scale(), settings.reasonsMax(), settings.texts());
    }

    List<Reason> of(Frame f) {
      return card != null ? ofCard(card, f) : ofContributions(f);
    }

    private List<Reason> ofCard(ScorecardBody body, Frame f) {
      List<Reason> reasons = new ArrayList<>();
      int[] slots = body.outcome.reasons();
      for (int i = 0; i < Math.min(limit, slots.length); i++) {
        double code = f.x[slots[i]];
        double lost = body.points(f, i) * Objects.requireNonNull(producer).factor();
        Decimal points = decimal(Math.abs(scale.points(lost)));
        if (Double.isNaN(code) || points.unscaled() <= 0) {
          break;
        }
        String name = program.symbols().text((int) code);
        reasons.add(new Reason(name, texts.getOrDefault(name, name), points));
      }
      return reasons;
    }

    /** The factors whose contributions lower the rating, most first. */
    private List<Reason> ofContributions(Frame f) {
      Producer found = Objects.requireNonNull(producer);
      double[] contributions = new double[program.template().length];
      found.contribute(f, scale.factor() < 0 ? -1 : 1, contributions);
      int[] top = new int[limit];
      int size = 0;
      for (int i = 0; i < contributions.length; i++) {
        if (!(contributions[i] < 0)
            || (size == limit && contributions[top[size - 1]] <= contributions[i])) {
          continue;
        }
        int place = size < limit ? size++ : size - 1;
        while (place > 0 && contributions[top[place - 1]] > contributions[i]) {
          top[place] = top[place - 1];
          place--;
        }
        top[place] = i;
      }
      List<Reason> reasons = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        Decimal points = decimal(Math.abs(scale.points(contributions[top[i]])));
        if (points.unscaled() > 0) {
          String name = program.names()[top[i]];
          reasons.add(new Reason(name, texts.getOrDefault(name, name), points));
        }
      }
      return reasons;
    }

    private static Decimal decimal(double points) {
      return Decimal.rounded(Double.isNaN(points) ? 0 : Math.min(points, 1e12));
    }
  }
}
