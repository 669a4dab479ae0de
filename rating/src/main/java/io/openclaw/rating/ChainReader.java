package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a chain's JSON and loads the models of its stages; one use. */
final class ChainReader {
  /** Everything that rating needs. */
  record Read(InputSchema schema, List<Stage> stages, @Nullable Rating fallback) {}

  /**
   * One stage.
   *
   * @param answersFrom the least rating that is the chain's answer
   * @param answersBelow ratings from this on are not
   * @param passes the field under which later stages see the rating; empty for none
   * @param takes fields of the model that earlier stages pass
   * @param deadlineMillis how long it may take; 0 for as long as it does
   * @param failureIsNext whether the next stage goes on where this one fails
   */
  record Stage(
      String name,
      RatingModel model,
      @Nullable Decimal answersFrom,
      @Nullable Decimal answersBelow,
      String passes,
      Set<String> takes,
      int deadlineMillis,
      boolean failureIsNext) {
    /** Whether the rating is the chain's answer, unless it is the last stage's. */
    boolean hasRange() {
      return answersFrom != null || answersBelow != null;
    }

    boolean answers(Decimal rating) {
      return (answersFrom == null || rating.compareTo(answersFrom) >= 0)
          && (answersBelow == null || rating.compareTo(answersBelow) < 0);
    }
  }

  private final ModelSource source;
  private final Function<String, @Nullable ModelKind> kinds;
  private final Set<String> passed = new HashSet<>();
  private final Set<String> names = new HashSet<>();

  ChainReader(ModelSource source, Function<String, @Nullable ModelKind> kinds) {
    this.source = source;
    this.kinds = kinds;
  }

  Read read() throws ModelException {
    ModelObject root = ModelObject.document(source.bytes(), "chain");
    root.allowOnly(List.of("kind", "name", "description", "stages", "fallback", Samples.MEMBER));
    root.title();
    var _ = Samples.read(root);
    Rating fallback = root.has("fallback") ? fallback(root.object("fallback")) : null;
    List<Json> written = root.list("stages", ChainModel.STAGES_MAX);
    List<Stage> stages = new ArrayList<>();
    List<ModelException.Problem> problems = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      try {
        ModelObject stage = ModelObject.of(written.get(i), root.at("stages") + "/" + i);
        stages.add(stage(stage, i == written.size() - 1, fallback != null));
      } catch (ModelException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
    requireUse(root, stages, fallback != null);
    return new Read(new UnionSchema(root.at("stages"), stages).schema(), stages, fallback);
  }

  private Stage stage(ModelObject written, boolean last, boolean hasFallback)
      throws ModelException {
    written.allowOnly(List.of("name", "model", "answerIf", "pass", "deadlineMillis", "onFailure"));
    String name = written.text("name", ScorecardReader.NAME_LENGTH_MAX);
    if (!names.add(name)) {
      throw written.wrong("name", "a name no earlier stage has");
    }
    Decimal from = null;
    Decimal below = null;
    if (written.has("answerIf")) {
      ModelObject range = written.object("answerIf");
      range.allowOnly(List.of("gte", "lt"));
      from = range.has("gte") ? range.decimal("gte") : null;
      below = range.has("lt") ? range.decimal("lt") : null;
      if (from == null && below == null) {
        throw new ModelException(range.pointer(), "{}", "gte, lt or both");
      }
      if (from != null && below != null && from.compareTo(below) >= 0) {
        throw range.wrong("lt", "> gte, " + from);
      }
    }
    int deadline =
        written.has("deadlineMillis")
            ? written.integer("deadlineMillis", 1, ChainModel.DEADLINE_MILLIS_MAX)
            : 0;
    boolean next = written.has("onFailure") && isNext(written, last, hasFallback);
    RatingModel model = model(written.object("model"), name);
    Set<String> takes = new HashSet<>();
    for (InputSchema.Field field : model.schema().fields()) {
      if (passed.contains(field.name())) {
        takes.add(field.name());
      }
    }
    return new Stage(name, model, from, below, passes(written, last), takes, deadline, next);
  }

  private String passes(ModelObject written, boolean last) throws ModelException {
    if (!written.has("pass")) {
      return "";
    }
    ModelObject pass = written.object("pass");
    pass.allowOnly(List.of("score"));
    String field = pass.text("score", ScorecardReader.NAME_LENGTH_MAX);
    if (last) {
      throw written.wrong("pass", "none, since no stage follows");
    }
    if (!passed.add(field)) {
      throw pass.wrong("score", "a field that no earlier stage passes");
    }
    return field;
  }

  private static boolean isNext(ModelObject written, boolean last, boolean hasFallback)
      throws ModelException {
    return switch (written.text("onFailure", 20)) {
      case "fail" -> false;
      case "next" -> {
        if (last && !hasFallback) {
          throw written.wrong("onFailure", "fail, since neither a stage nor a fallback follows");
        }
        yield true;
      }
      default -> throw written.wrong("onFailure", "next or fail");
    };
  }

  private RatingModel model(ModelObject written, String stage) throws ModelException {
    String name = written.text("kind", ScorecardReader.NAME_LENGTH_MAX);
    if (name.equals("items")) {
      throw written.wrong("kind", "a model without state");
    }
    ModelKind kind = kinds.apply(name);
    if (kind == null) {
      throw written.wrong(
          "kind",
          name.equals("chain")
              ? "at most " + ChainKind.DEPTH_MAX + " chains in one another"
              : "one that this program was built with");
    }
    byte[] bytes;
    boolean encoded = written.has("base64");
    if (encoded) {
      written.allowOnly(List.of("kind", "base64"));
      bytes = decoded(written);
    } else {
      bytes = JsonWriter.write(written.object());
    }
    try {
      return kind.load(new ModelSource(source.name() + "/" + stage, source.version(), bytes));
    } catch (ModelException e) {
      throw new ModelException(
          e.problems().stream().map(each -> placed(each, written, encoded)).toList());
    }
  }

  /** A problem of a stage's model, at its place in the chain's document. */
  private static ModelException.Problem placed(
      ModelException.Problem problem, ModelObject model, boolean encoded) {
    String place =
        encoded && !problem.place().isEmpty()
            ? model.at("base64") + ": " + problem.place()
            : model.pointer() + problem.place();
    return new ModelException.Problem(place, problem.found(), problem.expected());
  }

  private static byte[] decoded(ModelObject written) throws ModelException {
    if (written.required("base64") instanceof Json.Str text) {
      try {
        return Base64.getDecoder().decode(text.value());
      } catch (IllegalArgumentException e) {
        throw new ModelException(
            written.at("base64"), String.valueOf(e.getMessage()), "base64 (RFC 4648)");
      }
    }
    throw written.wrong("base64", "a string");
  }

  private static Rating fallback(ModelObject written) throws ModelException {
    written.allowOnly(List.of("rating", "reasons"));
    List<Reason> reasons = new ArrayList<>();
    if (written.has("reasons")) {
      for (Json each : written.list("reasons", FieldReasons.REASONS_MAX)) {
        ModelObject reason = ModelObject.of(each, written.at("reasons") + "/" + reasons.size());
        reason.allowOnly(List.of("code", "text", "points"));
        Decimal points = reason.decimal("points");
        if (points.unscaled() <= 0) {
          throw reason.wrong("points", "> 0");
        }
        reasons.add(
            new Reason(
                reason.text("code", ScorecardReader.NAME_LENGTH_MAX),
                reason.text("text", ScorecardReader.TEXT_LENGTH_MAX),
                points));
      }
    }
    return new Rating(written.decimal("rating"), reasons, null);
  }

  /** A stage whose rating nobody uses, or a fallback that is never reached, is a mistake. */
  private static void requireUse(ModelObject root, List<Stage> stages, boolean hasFallback)
      throws ModelException {
    for (int i = 0; i < stages.size() - 1; i++) {
      Stage stage = stages.get(i);
      boolean passes =
          stages.subList(i + 1, stages.size()).stream()
              .anyMatch(later -> later.takes().contains(stage.passes()));
      if (!stage.passes().isEmpty() && !passes) {
        throw new ModelException(
            root.at("stages") + "/" + i + "/pass/score",
            "\"" + stage.passes() + "\"",
            "a field that a later stage takes");
      }
      if (!stage.hasRange() && !passes) {
        throw new ModelException(
            root.at("stages") + "/" + i, "a rating of no use", "answerIf, pass or both");
      }
    }
    Stage last = stages.getLast();
    if (last.hasRange() && !hasFallback) {
      throw new ModelException(
          root.at("fallback"), "absent", "one, since the last stage need not answer");
    }
    if (hasFallback && !last.hasRange() && !last.failureIsNext()) {
      throw new ModelException(
          root.at("fallback"), "never reached", "the last stage with answerIf or onFailure: next");
    }
  }
}
