package io.openclaw.client;

import io.openclaw.client.PlainJson.Malformed;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the caller's models.
 *
 * @param name its name
 * @param version its version
 * @param kind such as {@code scorecard}
 * @param sha256 of its bytes, hexadecimal
 */
public record ModelInfo(String name, String version, String kind, String sha256) {
  /**
   * What a model takes.
   *
   * @param model which
   * @param deterministic whether the same input always has the same rating, which leaves no trace
   * @param input a JSON Schema (2020-12)
   * @param example an input that it takes
   */
  public record Detail(
      ModelInfo model,
      boolean deterministic,
      Map<String, @Nullable Object> input,
      Map<String, @Nullable Object> example) {
    static Detail of(PlainJson document) throws Malformed {
      return new Detail(
          ModelInfo.of(document),
          document.truth("deterministic"),
          document.object("input").map(),
          document.object("example").map());
    }
  }

  static ModelInfo of(PlainJson document) throws Malformed {
    return new ModelInfo(
        document.text("name"),
        document.text("version"),
        document.text("kind"),
        document.text("sha256"));
  }
}
