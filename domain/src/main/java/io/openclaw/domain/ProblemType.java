package io.openclaw.domain;

/** The kinds of refusal, each with a stable type URI: part of the HTTP contract. */
public enum ProblemType {
  BAD_REQUEST(400, "bad-request", "Bad request"),
  NOT_JSON(400, "not-json", "The body is not valid JSON"),
  UNAUTHENTICATED(401, "unauthenticated", "A valid key is needed"),
  FORBIDDEN(403, "forbidden", "The key may not do this"),
  NOT_FOUND(404, "not-found", "There is nothing here"),
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "The method is not allowed here"),
  REQUEST_TIMEOUT(408, "request-timeout", "The request took too long to arrive"),
  BODY_TOO_LARGE(413, "body-too-large", "The body is too large"),
  URI_TOO_LONG(414, "uri-too-long", "The request line is too long"),
  UNSUPPORTED_MEDIA_TYPE(
      415, "unsupported-media-type", "The body's media type or encoding is not supported"),
  MISDIRECTED(421, "misdirected", "Another region has it"),
  INVALID_INPUT(422, "invalid-input", "The input does not fit the model"),
  IDEMPOTENCY_KEY_REUSED(
      422, "idempotency-key-reused", "The idempotency key belongs to another request"),
  NOT_QUERYABLE(422, "not-queryable", "The model cannot be asked without an effect"),
  RELEASE_REFUSED(422, "release-refused", "The release is refused"),
  LIMIT_EXCEEDED(429, "limit-exceeded", "A limit is exhausted"),
  HEADERS_TOO_LARGE(431, "headers-too-large", "The request's headers are too large"),
  INTERNAL(500, "internal", "The rating failed"),
  OVERLOADED(503, "overloaded", "The region has more to do than it can"),
  UNAVAILABLE(503, "unavailable", "The service cannot take this request now"),
  DEADLINE_EXCEEDED(504, "deadline-exceeded", "The rating missed its deadline"),
  LOOP_DETECTED(508, "loop-detected", "The request goes round in a circle");

  private static final String IANA = "https://iana.org/assignments/http-problem-types#";

  private final int status;
  private final String slug;
  private final String title;

  ProblemType(int status, String slug, String title) {
    this.status = status;
    this.slug = slug;
    this.title = title;
  }

  public int status() {
    return status;
  }

  /**
   * The type's stable URI: IANA's where one is registered, our own otherwise; {@code
   * docs/problems.md} explains each.
   */
  public String uri() {
    return switch (this) {
      case LIMIT_EXCEEDED -> IANA + "quota-exceeded";
      case UNAVAILABLE -> IANA + "temporary-reduced-capacity";
      case BAD_REQUEST,
          NOT_JSON,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          REQUEST_TIMEOUT,
          BODY_TOO_LARGE,
          UNSUPPORTED_MEDIA_TYPE,
          MISDIRECTED,
          INVALID_INPUT,
          IDEMPOTENCY_KEY_REUSED,
          NOT_QUERYABLE,
          RELEASE_REFUSED,
          URI_TOO_LONG,
          HEADERS_TOO_LARGE,
          INTERNAL,
          OVERLOADED,
          DEADLINE_EXCEEDED,
          LOOP_DETECTED ->
          "urn:openclaw:problem:" + slug;
    };
  }

  /** The type's short name, as metrics and logs show it. */
  public String slug() {
    return slug;
  }

  public String title() {
    return title;
  }
}
