package io.openclaw.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A region's refusal, {@code application/problem+json} (RFC 9457); docs/problems.md explains each
 * type.
 *
 * @param status the HTTP status
 * @param type the stable URI of the kind of refusal; {@code about:blank} where the answer had no
 *     problem document
 * @param title the kind in words
 * @param detail what was found and expected
 * @param requestId the request's id in the region's logs; empty where the answer named none
 * @param errors what is wrong with the input, all of it; quotes values
 * @param retryAfter when to come again; null where that would not help
 * @param members the document's other members, such as {@code limit} and {@code level}
 */
public record ProblemDetails(
    int status,
    String type,
    String title,
    String detail,
    String requestId,
    List<FieldError> errors,
    @Nullable Duration retryAfter,
    Map<String, @Nullable Object> members) {

  /**
   * One thing that is wrong with an input.
   *
   * @param pointer JSON Pointer (RFC 6901) to the member
   * @param detail what was found, of a text up to 64 characters, and expected
   */
  public record FieldError(String pointer, String detail) {}
}
