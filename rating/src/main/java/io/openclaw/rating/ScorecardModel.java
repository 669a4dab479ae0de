package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A points scorecard: the rating is an initial score plus the points of each characteristic's first
 * attribute whose condition holds.
 *
 * <p>Points are exact decimals, kept as longs of one common scale. Reasons are the codes that lost
 * points against the baseline, most first, ties in the order of the characteristics, each code once
 * at its highest loss. Input members that no characteristic names are ignored.
 *
 * <p>Immutable and thread-safe; checking and rating are without side effects. The reason codes
 * follow PMML 4.4's Scorecard.
 */
public final class ScorecardModel implements RatingModel {
  /** Characteristics of one scorecard. */
  public static final int CHARACTERISTICS_MAX = 1_000;

  /** Attributes of one characteristic. */
  public static final int ATTRIBUTES_MAX = 1_000;

  /** Reasons one rating can carry. */
  public static final int REASONS_MAX = 100;

  private final String name;
  private final String version;
  private final String digest;
  private final long initialScore;
  private final int scale;
  private final int reasonsMax;
  private final Characteristic[] characteristics;
  private final InputSchema schema;

  private ScorecardModel(String name, String version, String digest, ScorecardReader.Card card) {
    this.name = name;
    this.version = version;
    this.digest = digest;
    initialScore = card.initialScore();
    scale = card.scale();
    reasonsMax = card.reasonsMax();
    characteristics = card.characteristics().toArray(new Characteristic[0]);
    schema = schemaOf(characteristics);
  }

  /**
   * Loads a scorecard.
   *
   * @param json the document of kind {@code scorecard}; its digest is the model's identity
   * @throws ModelException naming the first place that is wrong, unknown, contradictory or without
   *     effect
   */
  public static ScorecardModel load(String name, String version, byte[] json)
      throws ModelException {
    return new ScorecardModel(name, version, Digests.sha256(json), ScorecardReader.read(json));
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
    return "scorecard";
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public InputSchema schema() {
    return schema;
  }

  /** A field that several characteristics ask for is described by the first. */
  private static InputSchema schemaOf(Characteristic[] characteristics) {
    Map<String, InputSchema.Field> fields = new LinkedHashMap<>();
    for (Characteristic each : characteristics) {
      fields.putIfAbsent(each.field(), each.finder().field(each.field()));
    }
    return new InputSchema(List.copyOf(fields.values()));
  }

  @Override
  public boolean recognises(Json.Obj input) {
    for (Characteristic characteristic : characteristics) {
      if (input.get(characteristic.field()) != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Checked check(Json.Obj input) {
    int[] attributes = new int[characteristics.length];
    for (int i = 0; i < attributes.length; i++) {
      attributes[i] = characteristics[i].finder().find(input.get(characteristics[i].field()));
      if (attributes[i] == AttributeFinder.NONE) {
        return new Checked.Invalid(violations(input));
      }
    }
    return new Card(attributes);
  }

  private List<Violation> violations(Json.Obj input) {
    List<Violation> violations = new ArrayList<>();
    for (Characteristic characteristic : characteristics) {
      Json value = input.get(characteristic.field());
      if (characteristic.finder().find(value) == AttributeFinder.NONE) {
        violations.add(
            new Violation(
                characteristic.pointer(),
                (value == null ? "absent" : Violation.shown(value))
                    + " (expected: "
                    + characteristic.finder().expected(value)
                    + ")"));
      }
    }
    return violations;
  }

  /** An input of which the attribute of each characteristic is known. */
  private final class Card implements Checked.Ready {
    private final int[] attributes;

    Card(int[] attributes) {
      this.attributes = attributes;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      long score = initialScore;
      for (int i = 0; i < attributes.length; i++) {
        score += characteristics[i].points()[attributes[i]]; // cannot overflow: SUM_MAX, at load
      }
      return CompletableFuture.completedFuture(
          new Rating(new Decimal(score, scale), reasons(), null));
    }

    /** Keeps the characteristics that lost most, sorted by insertion into a short array. */
    private List<Reason> reasons() {
      int[] top = new int[Math.min(reasonsMax, attributes.length)];
      int size = 0;
      for (int i = 0; i < attributes.length; i++) {
        long lost = lost(i);
        if (lost <= 0) {
          continue;
        }
        int same = 0;
        while (same < size && code(top[same]) != code(i)) {
          same++;
        }
        if (same < size
            ? lost(top[same]) >= lost
            : size == top.length && lost(top[size - 1]) >= lost) {
          continue;
        }
        // The place that falls free: the same code's, the next, or the last one's.
        int place = same < size ? same : Math.min(size, top.length - 1);
        size = Math.max(size, place + 1);
        while (place > 0 && lost(top[place - 1]) < lost) {
          top[place] = top[place - 1];
          place--;
        }
        top[place] = i;
      }
      Reason[] reasons = new Reason[size];
      for (int i = 0; i < size; i++) {
        reasons[i] = characteristics[top[i]].reasons()[attributes[top[i]]];
      }
      return List.of(reasons);
    }

    private long lost(int characteristic) {
      return characteristics[characteristic].lost()[attributes[characteristic]];
    }

    private int code(int characteristic) {
      return characteristics[characteristic].codes()[attributes[characteristic]];
    }
  }
}
