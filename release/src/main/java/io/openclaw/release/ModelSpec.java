package io.openclaw.release;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model as it was configured.
 *
 * @param place where it stands, for messages
 * @param name under which tenants refer to it; {@code model@version} for a version that stands
 *     beside others
 * @param bytes its document
 * @param limit the limit over all requests it rates; null for none
 * @param quota the quota over all requests it rates; null for none
 * @param maxAgeSeconds how long a rating may be kept and answered with; 0 for not at all
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never changed
public record ModelSpec(
    String place,
    String name,
    String kind,
    String version,
    byte[] bytes,
    @Nullable LimitSpec limit,
    @Nullable QuotaSpec quota,
    int maxAgeSeconds) {

  /** The longest that a rating may be kept: a day. */
  public static final int MAX_AGE_SECONDS_MAX = 86_400;

  /** Every kind of model there is. */
  public static final List<String> KINDS =
      List.of(
          "chain",
          "content",
          "expression",
          "items",
          "onnx",
          "pmml",
          "regression",
          "scorecard",
          "trees",
          "wasm");

  /** The kinds whose bytes are a JSON document that names its kind. */
  static final List<String> JSON_KINDS =
      List.of("chain", "content", "expression", "items", "regression", "scorecard", "trees");

  /** Whether its ratings count, so that it cannot be tried beside another version. */
  public boolean keepsState() {
    return kind.equals("items");
  }

  /** A model whose ratings are not kept. */
  public ModelSpec(
      String place,
      String name,
      String kind,
      String version,
      byte[] bytes,
      @Nullable LimitSpec limit,
      @Nullable QuotaSpec quota) {
    this(place, name, kind, version, bytes, limit, quota, 0);
  }

  /** A model without a quota. */
  public ModelSpec(
      String place,
      String name,
      String kind,
      String version,
      byte[] bytes,
      @Nullable LimitSpec limit) {
    this(place, name, kind, version, bytes, limit, null);
  }

  /** The name of one version beside others. */
  public static String versioned(String model, String version) {
    return model + "@" + version;
  }

  /** The model's name in an entry's, which may name a version, too. */
  public static String modelOf(String name) {
    int at = name.indexOf('@');
    return at < 0 ? name : name.substring(0, at);
  }

  /** The model's name, the same for all its versions. */
  public String model() {
    return modelOf(name);
  }
}
