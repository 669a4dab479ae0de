package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short ways to say what a test does with a model. */
public final class Ratings {
  private Ratings() {}

  /** JSON with single quotes for double ones, as an object. */
  public static Json.Obj object(String json) {
    try {
      return (Json.Obj) JsonReader.read(bytes(json));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  /** JSON with single quotes for double ones, as bytes. */
  public static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  /** The rating of an input that must be valid, by a model whose log is fast. */
  public static Rating rate(RatingModel model, Json.Obj input) {
    return switch (model.check(input)) {
      case Checked.Ready ready -> ready.rate(Attempt.ONCE).toCompletableFuture().join();
      case Checked.Invalid invalid -> throw new AssertionError(invalid.violations());
    };
  }

  /** The violations of an input that must be invalid. */
  public static List<Violation> violations(RatingModel model, Json.Obj input) {
    return switch (model.check(input)) {
      case Checked.Ready ready -> throw new AssertionError("valid: " + input);
      case Checked.Invalid invalid -> invalid.violations();
    };
  }
}
