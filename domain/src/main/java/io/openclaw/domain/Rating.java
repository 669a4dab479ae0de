package io.openclaw.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of one input.
 *
 * @param value the rating
 * @param reasons why it is not higher, most important first
 * @param item the running aggregate of the rated item, for models that keep one
 * @param outputs what else the model answers, by name; null for nothing
 * @param provisional whether it stands in for what a part of the model that failed would have said:
 *     the next one may be another, so that it is not kept
 */
public record Rating(
    Decimal value,
    List<Reason> reasons,
    Json.@Nullable Obj item,
    Json.@Nullable Obj outputs,
    boolean provisional) {
  /** A rating that is final. */
  public Rating(
      Decimal value, List<Reason> reasons, Json.@Nullable Obj item, Json.@Nullable Obj outputs) {
    this(value, reasons, item, outputs, false);
  }

  /** A rating without other outputs. */
  public Rating(Decimal value, List<Reason> reasons, Json.@Nullable Obj item) {
    this(value, reasons, item, null);
  }

  /** The same in the place of another. */
  public Rating asProvisional() {
    return new Rating(value, reasons, item, outputs, true);
  }
}
