package io.openclaw.cel;

import dev.cel.common.values.NullValue;
import io.openclaw.domain.Json;
import io.openclaw.rating.InputSchema;
import org.jspecify.annotations.Nullable;

/** The way of a scalar from JSON to CEL and back. */
final class Values {
  private Values() {}

  /** What CEL computes with; absent is null. */
  static Object of(@Nullable Json value, InputSchema.Type type) {
    return switch (value) {
      case Json.Num(double number) when type == InputSchema.Type.INTEGER -> (long) number;
      case Json.Num(double number) -> number;
      case Json.Str(String text) -> text;
      case Json.Bool bool -> bool == Json.Bool.TRUE;
      case null, default -> NullValue.NULL_VALUE;
    };
  }

  /** What an answer holds. */
  static Json json(Object value) {
    return switch (value) {
      case Double number -> new Json.Num(number);
      case Long number -> new Json.Num(number.doubleValue());
      case Boolean bool -> Json.Bool.of(bool);
      case String text -> new Json.Str(text);
      default -> Json.Null.NULL;
    };
  }
}
