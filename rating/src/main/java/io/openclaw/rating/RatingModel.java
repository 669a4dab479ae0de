package io.openclaw.rating;

import io.openclaw.domain.Json;

/**
 * One loaded version of a model: immutable rules that turn an input into a rating.
 *
 * <p>Thread-safe. Checking comes first and costs the tenant nothing; only a {@link Checked.Ready}
 * input is paid for and rated.
 */
public sealed interface RatingModel permits ScorecardModel, ItemsModel {
  /** The name under which tenants refer to it. */
  String name();

  /** The label of this version, for example {@code v1}. */
  String version();

  /** Its kind as configured: {@code scorecard}, {@code items}. */
  String kind();

  /** SHA-256 of the model's bytes, lower-case hex: its identity. */
  String digest();

  /**
   * Whether the input's member names look like this model's: how a tenant with several models finds
   * the right one.
   */
  boolean recognises(Json.Obj input);

  /** Holds the input against everything the model needs, without side effects. */
  Checked check(Json.Obj input);
}
