package io.openclaw.edge;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Reads what a fallback service answers: a JSON object with the number {@code rating}; its other
 * members are let go.
 */
final class FallbackAnswer {
  /** Values in one answer, all levels together. */
  static final int VALUES_MAX = 1_000;

  private FallbackAnswer() {}

  /**
   * The rating, rounded to nine places.
   *
   * @throws IllegalArgumentException where the answer has another form; says nothing of its text
   */
  static Decimal rating(byte[] answer) {
    if (answer.length > FallbackService.ANSWER_BYTES_MAX) {
      throw new IllegalArgumentException(
          "over " + FallbackService.ANSWER_BYTES_MAX + " bytes (expected: fewer)");
    }
    Json json;
    try {
      json = JsonReader.read(answer, VALUES_MAX);
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(
          "not JSON (line " + e.line() + ", column " + e.column() + ")", e);
    }
    if (!(json instanceof Json.Obj object)) {
      throw new IllegalArgumentException(json.typeName() + " (expected: an object)");
    }
    Json rating = object.get("rating");
    if (!(rating instanceof Json.Num number)) {
      throw new IllegalArgumentException(
          "rating: " + (rating == null ? "absent" : rating.typeName()) + " (expected: a number)");
    }
    try {
      BigDecimal value = new BigDecimal(number.text());
      return Decimal.of(
          (value.scale() > Decimal.SCALE_MAX
                  ? value.setScale(Decimal.SCALE_MAX, RoundingMode.HALF_UP)
                  : value)
              .toString());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("rating: (expected: at most 18 digits)", e);
    }
  }
}
