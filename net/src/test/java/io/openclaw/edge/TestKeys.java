package io.openclaw.edge;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Keys of ratings that no model gave. */
public final class TestKeys {
  private TestKeys() {}

  /** A tenant's key of that number. */
  public static RatingKey key(String tenant, int number) {
    byte[] input = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
    return new RatingKey(tenant, "0".repeat(64), Hash256.of(List.of(tenant), input));
  }
}
