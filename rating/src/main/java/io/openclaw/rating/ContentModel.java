package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Rates a text by its words: a linear model over hashed words and pairs of words (Weinberger et
 * al., Feature hashing for large scale multitask learning, 2009), through a {@link Link}, along a
 * {@link ScoreScale}.
 *
 * <p>The raw sum is the bias plus the weights of all distinct buckets ({@link Words}) divided by
 * the square root of how many there are, so that a long text is no surer than a short one.
 *
 * <p>Reasons are words that lowered the rating. Only words that the model's document lists are ever
 * named: nothing of a text that the model's maker did not know leaves with the answer.
 *
 * <p>Immutable and thread-safe; checking and rating are without side effects, and take time in
 * proportion to the text.
 */
public final class ContentModel extends DocumentModel {
  /** The longest text that a model may take, in UTF-16 units. */
  public static final int LENGTH_MAX = 100_000;

  private final ContentReader.Read model;

  ContentModel(ModelSource source, ContentReader.Read read) {
    super(source, "content", schemaOf(read));
    model = read;
  }

  private static InputSchema schemaOf(ContentReader.Read read) {
    return new InputSchema(
        List.of(
            new InputSchema.Field(
                read.field(),
                InputSchema.Type.STRING,
                true,
                List.of(),
                null,
                null,
                "A text of at most " + read.lengthMax() + " characters")));
  }

  /**
   * Loads a model.
   *
   * @throws ModelException naming the first place that is wrong, unknown or contradictory
   */
  public static ContentModel load(ModelSource source) throws ModelException {
    return new ContentModel(source, ContentReader.read(source.bytes()));
  }

  @Override
  protected Checked ready(Json.Obj input) {
    String text = input.get(model.field()) instanceof Json.Str string ? string.value() : "";
    return text.length() <= model.lengthMax()
        ? new Text(text)
        : new Checked.Invalid(
            List.of(
                new Violation(
                    Violation.pointerTo(model.field()),
                    text.length()
                        + " characters (expected: at most "
                        + model.lengthMax()
                        + " characters)")));
  }

  /** What one text adds up to. */
  private static final class Sum {
    private double weights;
    private int distinct;

    double total(double bias) {
      return bias + (distinct == 0 ? 0 : weights / Math.sqrt(distinct));
    }
  }

  private final class Text implements Checked.Ready {
    private final String text;

    Text(String text) {
      this.text = text;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      Words words = Words.of(text);
      boolean named = model.limit() > 0;
      double[] parts = new double[named ? words.size() : 0];
      Sum sum = sum(words, parts);
      double total = sum.total(model.bias());
      try {
        return CompletableFuture.completedFuture(
            new Rating(
                model.line().rate(total),
                named ? reasons(words, parts, total, Math.sqrt(sum.distinct)) : List.of(),
                null));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    /** Adds up each bucket once; a pair's weight is half of each of its words'. */
    private Sum sum(Words words, double[] parts) {
      long[] seen = new long[1 << (model.hashBits() - 6)];
      Sum sum = new Sum();
      for (int i = 0; i < words.size(); i++) {
        int bucket = words.bucket(i, model.hashBits());
        if (isNew(seen, bucket)) {
          double weight = add(sum, bucket);
          if (parts.length > 0) {
            parts[i] += weight;
          }
        }
        if (model.pairs() && i + 1 < words.size()) {
          int pair = words.pairBucket(i, model.hashBits());
          if (isNew(seen, pair)) {
            double weight = add(sum, pair);
            if (parts.length > 0) {
              parts[i] += weight / 2;
              parts[i + 1] += weight / 2;
            }
          }
        }
      }
      return sum;
    }

    private double add(Sum sum, int bucket) {
      double weight = model.weights()[bucket] * model.weightScale();
      sum.weights += weight;
      sum.distinct++;
      return weight;
    }

    private List<Reason> reasons(Words words, double[] parts, double total, double divisor) {
      Set<String> known = model.words();
      Map<String, Double> byWord = new LinkedHashMap<>();
      for (int i = 0; i < parts.length; i++) {
        if (words.isOfLetters(i) && known.contains(words.word(i))) {
          byWord.merge(words.word(i), parts[i] / divisor, Double::sum);
        }
      }
      List<Map.Entry<String, Double>> lowering = new ArrayList<>();
      byWord.forEach((word, part) -> lowering.add(Map.entry(word, model.line().lost(total, part))));
      lowering.removeIf(each -> !(each.getValue() > 0));
      lowering.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
      List<Reason> reasons = new ArrayList<>();
      for (Map.Entry<String, Double> each : lowering) {
        Reason reason =
            new Reason(each.getKey(), model.text(), model.line().rounded(each.getValue()));
        if (reasons.size() < model.limit() && reason.points().unscaled() > 0) {
          reasons.add(reason);
        }
      }
      return reasons;
    }
  }

  private static boolean isNew(long[] seen, int bucket) {
    boolean isNew = (seen[bucket >> 6] & (1L << bucket)) == 0;
    seen[bucket >> 6] |= 1L << bucket;
    return isNew;
  }
}
