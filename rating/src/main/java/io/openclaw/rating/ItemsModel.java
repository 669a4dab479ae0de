package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Item ratings: counts the scores people give to items, over all regions, and answers an item's
 * running aggregate.
 *
 * <p>The input is {@code {"item": string, "score": number on the scale}} and nothing else. The
 * rating is the mean of all scores, this one included, rounded to six places.
 *
 * <p>Bound to one store and one scope in it; another scale counts apart. Thread-safe. Checking has
 * no side effects; rating fails with {@link NotDurableException} or, where the store is full, with
 * {@link CapacityException}.
 */
public final class ItemsModel implements RatingModel {
  /** Of an item's name, in Unicode code points. */
  public static final int ITEM_LENGTH_MAX = 256;

  /** Of a scope, in UTF-16 units. */
  public static final int SCOPE_LENGTH_MAX = 512;

  /** Violations listed of one input. */
  static final int VIOLATIONS_MAX = 100;

  private static final Decimal WEIGHT_DEFAULT = new Decimal(5, 0);

  private final String name;
  private final String version;
  private final String digest;
  private final Scale scale;
  private final double priorMean;
  private final double priorWeight;
  private final ItemStore store;
  private final String keyPrefix;

  private ItemsModel(
      String name,
      String version,
      String digest,
      Settings settings,
      ItemStore store,
      String scope) {
    this.name = name;
    this.version = version;
    this.digest = digest;
    scale = settings.scale;
    priorMean = settings.priorMean;
    priorWeight = settings.priorWeight;
    this.store = store;
    keyPrefix = scope + "/" + scale + "/";
  }

  private record Settings(Scale scale, double priorMean, double priorWeight) {}

  /**
   * Loads an items model: {@code {"kind":"items", "scale":{"min":1,"max":5,"step":1},
   * "prior":{"mean":3,"weight":5}}}, where all but the kind may be left out; without a mean the
   * prior is the middle of the scale.
   *
   * @param store where its scores are kept
   * @param scope whose items these are: {@code <tenant>/<model>}, 1 to {@link #SCOPE_LENGTH_MAX}
   *     characters
   * @throws ModelException naming the first place that is wrong or unknown
   */
  public static ItemsModel load(
      String name, String version, byte[] json, ItemStore store, String scope)
      throws ModelException {
    if (scope.isEmpty() || scope.length() > SCOPE_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "scope: " + scope.length() + " characters (expected: 1 to " + SCOPE_LENGTH_MAX + ")");
    }
    return new ItemsModel(name, version, Digests.sha256(json), settings(json), store, scope);
  }

  private static Settings settings(byte[] json) throws ModelException {
    ModelObject root = ModelObject.document(json, "items");
    root.allowOnly(List.of("kind", "scale", "prior", Samples.MEMBER));
    var _ = Samples.read(root);
    ModelObject none = new ModelObject(new Json.Obj(Map.of()), "");
    ModelObject written = root.has("scale") ? root.object("scale") : none;
    written.allowOnly(List.of("min", "max", "step"));
    Scale scale =
        Scale.of(
            decimal(written, "min", new Decimal(1, 0)),
            decimal(written, "max", new Decimal(5, 0)),
            decimal(written, "step", new Decimal(1, 0)),
            root);
    ModelObject prior = root.has("prior") ? root.object("prior") : none;
    prior.allowOnly(List.of("mean", "weight"));
    double mean =
        prior.has("mean") ? toDouble(prior.decimal("mean")) : (scale.min() + scale.max()) / 2;
    if (mean < scale.min() || mean > scale.max()) {
      throw prior.wrong("mean", "a number on the scale " + scale);
    }
    double weight = toDouble(decimal(prior, "weight", WEIGHT_DEFAULT));
    if (weight < 0) {
      throw prior.wrong("weight", ">= 0");
    }
    return new Settings(scale, mean, weight);
  }

  private static Decimal decimal(ModelObject owner, String name, Decimal absent)
      throws ModelException {
    return owner.has(name) ? owner.decimal(name) : absent;
  }

  private static double toDouble(Decimal value) {
    return Double.parseDouble(value.toString());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public String kind() {
    return "items";
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public InputSchema schema() {
    List<Json> scores = new ArrayList<>();
    for (int i = 0; i < scale.steps(); i++) {
      scores.add(new Json.Num(scale.value(i)));
    }
    return new InputSchema(
        List.of(
            new InputSchema.Field("item", InputSchema.Type.STRING, true),
            new InputSchema.Field(
                "score", InputSchema.Type.NUMBER, true, scores, scale.min(), scale.max(), "")));
  }

  /** Each rating counts. */
  @Override
  public boolean isDeterministic() {
    return false;
  }

  @Override
  public boolean recognises(Json.Obj input) {
    return input.get("item") != null || input.get("score") != null;
  }

  @Override
  public Checked check(Json.Obj input) {
    Json item = input.get("item");
    Json score = input.get("score");
    if (input.members().size() == 2
        && item instanceof Json.Str text
        && isName(text.value())
        && score instanceof Json.Num number) {
      int step = scale.find(number.value());
      if (step != Scale.NONE) {
        return new Score(text.value(), step);
      }
    }
    return new Checked.Invalid(violations(input));
  }

  private static boolean isName(String item) {
    return !item.isEmpty() && item.codePointCount(0, item.length()) <= ITEM_LENGTH_MAX;
  }

  private List<Violation> violations(Json.Obj input) {
    List<Violation> violations = new ArrayList<>();
    Json item = input.get("item");
    if (!(item instanceof Json.Str text && isName(text.value()))) {
      violations.add(
          violation("item", input, "a string of 1 to " + ITEM_LENGTH_MAX + " characters"));
    }
    Json score = input.get("score");
    if (!(score instanceof Json.Num number && scale.find(number.value()) != Scale.NONE)) {
      violations.add(violation("score", input, scale.expected()));
    }
    for (String member : input.members().keySet()) {
      if (violations.size() < VIOLATIONS_MAX && !member.equals("item") && !member.equals("score")) {
        violations.add(violation(member, input, "no members but item and score"));
      }
    }
    return violations;
  }

  private static Violation violation(String member, Json.Obj input, String expected) {
    Json value = input.get(member);
    String found = value == null ? "absent" : Violation.shown(value);
    if (value instanceof Json.Str text && text.value().length() > ITEM_LENGTH_MAX) {
      found = text.value().codePointCount(0, text.value().length()) + " characters";
    }
    return new Violation(Violation.pointerTo(member), found + " (expected: " + expected + ")");
  }

  /** A score that is on the scale. */
  private final class Score implements Checked.Ready {
    private final String item;
    private final int step;

    Score(String item, int step) {
      this.item = item;
      this.step = step;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      CompletableFuture<Rating> answer = new CompletableFuture<>();
      var _ =
          store
              .rate(keyPrefix + item, scale.steps(), step, attempt)
              .whenComplete(
                  (counts, failure) ->
                      ItemStore.settle(
                          answer, failure == null ? rating(item, counts) : null, failure));
      return answer;
    }
  }

  /** Of an item whose only score another region has not told of yet, the prior. */
  private Rating rating(String item, ItemCounts counts) {
    long count = 0;
    double sum = 0;
    Map<String, Json> histogram = new LinkedHashMap<>();
    for (int i = 0; i < scale.steps(); i++) {
      long ofStep = counts.count(i);
      count += ofStep;
      sum += ofStep * scale.value(i);
      histogram.put(scale.text(i), new Json.Num(ofStep));
    }
    double weight = priorWeight + count;
    Decimal mean = Decimal.rounded(count == 0 ? priorMean : sum / count);
    Decimal bayesian =
        Decimal.rounded(weight == 0 ? priorMean : (priorMean * priorWeight + sum) / weight);
    Map<String, Json> aggregate = new LinkedHashMap<>();
    aggregate.put("item", new Json.Str(item));
    aggregate.put("count", new Json.Num(count));
    aggregate.put("mean", new Json.Num(toDouble(mean)));
    aggregate.put("bayesianMean", new Json.Num(toDouble(bayesian)));
    aggregate.put("histogram", new Json.Obj(histogram));
    return new Rating(mean, List.of(), new Json.Obj(aggregate));
  }
}
