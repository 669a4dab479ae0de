package io.openclaw.edge;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Jcs;
import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a deterministic model's answer is decided by: the tenant with its threshold, the version of
 * the model, and the whole input in its canonical form. Two requests with the same key have the
 * same answer but for its region and request id. Immutable and thread-safe.
 *
 * <p>The input counts whole, members that the model does not look at too: what a model looks at is
 * its own affair, and a member that one version ignores another may need.
 *
 * @param tenant whose answer it is; part of the hash, and here to name it by
 * @param digest SHA-256 of the model's bytes, likewise
 * @param hash of all
 */
public record RatingKey(String tenant, String digest, Hash256 hash) {
  /** The key of an input that a model rates. */
  static RatingKey of(
      String tenant,
      RatingModel model,
      String variant,
      @Nullable Decimal threshold,
      Json.Obj input) {
    return new RatingKey(
        tenant,
        model.digest(),
        Hash256.of(
            List.of(
                tenant,
                model.name(),
                model.version(),
                model.digest(),
                variant,
                threshold == null ? "" : threshold.toString()),
            Jcs.exact(input)));
  }

  /** The key as a text of letters, digits, {@code -} and {@code _}. */
  public String text() {
    return hash.text();
  }

  /**
   * The entity tag of the answer, weak since region and request id differ between two of them.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1">RFC 9110 §8.8.1</a>
   */
  String tag() {
    return "W/\"" + text() + "\"";
  }
}
