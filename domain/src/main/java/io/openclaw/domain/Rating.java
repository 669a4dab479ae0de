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
 */
public record Rating(
    Decimal value, List<Reason> reasons, Json.@Nullable Obj item, Json.@Nullable Obj outputs) {
  /** A rating without other outputs. */
  public Rating(Decimal value, List<Reason> reasons, Json.@Nullable Obj item) {
    this(value, reasons, item, null);
  }
}
