package io.openclaw.client;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One input to be rated: a JSON object, and perhaps an idempotency key. Immutable.
 *
 * <p>Values of maps and of the builder may be null, strings, booleans, numbers, maps with string
 * keys, and iterables of these, at most {@value InputWriter#DEPTH_MAX} levels deep. Anything else
 * is refused with an {@link IllegalArgumentException} that names the member.
 */
public final class RateRequest {
  /** Bytes of an input, as UTF-8: what a region takes at most unless its operator says less. */
  public static final int BODY_BYTES_MAX = 1 << 20;

  private static final int KEY_LENGTH_MAX = 255;

  private final byte[] body;
  private final @Nullable String idempotencyKey;

  private RateRequest(byte[] body, @Nullable String idempotencyKey) {
    if (body.length > BODY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "input: " + body.length + " bytes (expected: <= " + BODY_BYTES_MAX + ")");
    }
    this.body = body;
    this.idempotencyKey = idempotencyKey;
  }

  /** An input of the map's members. */
  public static RateRequest of(Map<String, ?> input) {
    return new RateRequest(InputWriter.write(input), null);
  }

  /**
   * An input that is JSON text already; the region checks it.
   *
   * @throws IllegalArgumentException for a text of white space alone: as a line of a batch it would
   *     be no input, and the next one's rating would be taken for its own
   */
  public static RateRequest json(String text) {
    if (text.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException("input: blank (expected: a JSON object)");
    }
    return new RateRequest(text.getBytes(StandardCharsets.UTF_8), null);
  }

  /** An input to be put together member by member. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * This input under an {@code Idempotency-Key}: the region that answered it answers the same bytes
   * under the same key again, byte for byte, and takes no token for it (docs/caching.md).
   *
   * @throws IllegalArgumentException unless the key is 1 to 255 printable ASCII characters
   */
  public RateRequest withIdempotencyKey(String key) {
    boolean printable = key.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (key.isEmpty() || key.length() > KEY_LENGTH_MAX || !printable) {
      throw new IllegalArgumentException(
          "idempotency key: "
              + key.length()
              + " characters (expected: 1 to "
              + KEY_LENGTH_MAX
              + " printable ASCII characters)");
    }
    return new RateRequest(body, key);
  }

  byte[] body() {
    return body;
  }

  @Nullable String idempotencyKey() {
    return idempotencyKey;
  }

  /** The input's size only: what is rated is nobody's business. */
  @Override
  public String toString() {
    return "RateRequest[" + body.length + " bytes]";
  }

  /** An input in the making; for one thread. */
  public static final class Builder {
    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    private Builder() {}

    /** Sets a member; the last value set under a name counts. */
    public Builder set(String name, @Nullable Object value) {
      members.put(name, value);
      return this;
    }

    /** The input. */
    public RateRequest build() {
      return of(members);
    }
  }
}
