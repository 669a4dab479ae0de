package io.openclaw.rating;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The refusal of a model's bytes: each problem names its place, the value and what was expected.
 */
public final class ModelException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Problems that one refusal lists. */
  public static final int PROBLEMS_MAX = 100;

  /**
   * One thing that is wrong.
   *
   * @param place a JSON Pointer (RFC 6901), a line and column, an element's path or a byte offset,
   *     as the kind of model has them; empty for the whole
   */
  public record Problem(String place, String found, String expected) {
    @Override
    public String toString() {
      return (place.isEmpty() ? "the model" : place)
          + ": "
          + found
          + " (expected: "
          + expected
          + ")";
    }
  }

  private final transient List<Problem> problems;

  /**
   * A refusal for one reason.
   *
   * @param place as in {@link Problem}
   */
  public ModelException(String place, String found, String expected) {
    this(List.of(new Problem(place, found, expected)));
  }

  /**
   * A refusal for one or more reasons.
   *
   * @param problems at least one; those beyond {@link #PROBLEMS_MAX} are left out
   */
  public ModelException(List<Problem> problems) {
    super(
        problems.stream()
            .limit(PROBLEMS_MAX)
            .map(Problem::toString)
            .collect(Collectors.joining("; ")));
    this.problems = problems.stream().limit(PROBLEMS_MAX).toList();
  }

  /** Everything that was found wrong, at least one. */
  public List<Problem> problems() {
    return problems;
  }

  /** The place of the first problem. */
  public String pointer() {
    return problems.getFirst().place();
  }
}
