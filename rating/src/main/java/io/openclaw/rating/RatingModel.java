package io.openclaw.rating;

import io.openclaw.domain.Json;

/**
 * One loaded version of a model: immutable rules that turn an input into a rating.
 *
 * <p>Thread-safe. Checking comes first and costs the tenant nothing; only a {@link Checked.Ready}
 * input is paid for and rated. A model that holds something outside the heap lets go of it when it
 * becomes unreachable ({@link java.lang.ref.Cleaner}): requests may still be under way when a
 * release takes it out.
 */
public interface RatingModel {
  /** The name under which tenants refer to it. */
  String name();

  /** The label of this version, for example {@code v1}. */
  String version();

  /** Its kind as configured, for example {@code scorecard}. */
  String kind();

  /** SHA-256 of the model's bytes, lower-case hex: its identity. */
  String digest();

  /** What it takes. */
  InputSchema schema();

  /**
   * Whether the input's member names look like this model's: how a tenant with several models finds
   * the right one.
   */
  default boolean recognises(Json.Obj input) {
    return schema().recognises(input);
  }

  /** Holds the input against everything the model needs, without side effects. */
  Checked check(Json.Obj input);

  /**
   * Whether the same input always has the same rating and rating leaves no trace: such a model may
   * be tried on recorded samples, compared, warmed up, and its ratings kept.
   */
  default boolean isDeterministic() {
    return true;
  }
}
