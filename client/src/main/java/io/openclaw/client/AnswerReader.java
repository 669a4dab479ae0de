package io.openclaw.client;

import io.openclaw.client.PlainJson.Malformed;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers as what they mean. Stateless. */
final class AnswerReader {
  private static final Set<String> PROBLEM_MEMBERS =
      Set.of("index", "type", "title", "status", "detail", "request_id", "errors", "retry_after");

  private AnswerReader() {}

  /** Reads one kind of good answer. */
  interface Form<T> {
    T of(PlainJson document, Answer answer) throws Malformed;
  }

  /** What a good answer holds. Throws what another one means. */
  static <T> T read(Answer answer, Form<T> form) {
    if (!answer.isGood()) {
      throw new ProblemException(problem(answer), answer.region(), answer.failed());
    }
    try {
      return form.of(PlainJson.read(answer.body()), answer);
    } catch (Malformed e) {
      throw invalid(answer, e.getMessage());
    }
  }

  static InvalidAnswerException invalid(Answer answer, @Nullable String detail) {
    return new InvalidAnswerException(
        answer.region(), answer.status(), String.valueOf(detail), answer.failed());
  }

  static RateResult rating(PlainJson document, Answer answer) throws Malformed {
    List<RateResult.Reason> reasons = new ArrayList<>();
    for (PlainJson reason : document.objects("reasons")) {
      reasons.add(
          new RateResult.Reason(reason.text("code"), reason.text("text"), reason.number("points")));
    }
    HttpHeaders headers = answer.headers();
    return new RateResult(
        document.number("rating"),
        document.textOrNull("decision"),
        document.numberOrNull("threshold"),
        document.text("model"),
        document.text("version"),
        document.text("variant"),
        List.copyOf(reasons),
        document.mapOrEmpty("item"),
        document.mapOrEmpty("outputs"),
        document.text("region"),
        document.text("request_id"),
        RateLimit.of(headers),
        headers.firstValue("idempotent-replayed").orElse("").equals("true"),
        answer.tries());
  }

  /** What a refusal says; where it is no problem document, its status alone. */
  static ProblemDetails problem(Answer answer) {
    long seconds = answer.retryAfterSeconds();
    Duration retryAfter = seconds > 0 ? Duration.ofSeconds(seconds) : null;
    try {
      return problem(PlainJson.read(answer.body()), retryAfter);
    } catch (Malformed e) {
      String id = answer.headers().firstValue("x-request-id").orElse("");
      return new ProblemDetails(
          answer.status(),
          "about:blank",
          "HTTP status " + answer.status(),
          "the answer has no problem document",
          id,
          List.of(),
          retryAfter,
          Map.of());
    }
  }

  /** What a problem document, or a line of a batch that is one, says. */
  static ProblemDetails problem(PlainJson document, @Nullable Duration retryAfter)
      throws Malformed {
    List<ProblemDetails.FieldError> errors = new ArrayList<>();
    if (document.has("errors")) {
      for (PlainJson error : document.objects("errors")) {
        errors.add(new ProblemDetails.FieldError(error.text("pointer"), error.text("detail")));
      }
    }
    Map<String, @Nullable Object> more = new HashMap<>(document.map());
    more.keySet().removeAll(PROBLEM_MEMBERS);
    return new ProblemDetails(
        (int) document.whole("status"),
        document.text("type"),
        document.text("title"),
        document.text("detail"),
        document.text("request_id"),
        List.copyOf(errors),
        document.has("retry_after")
            ? Duration.ofSeconds(document.whole("retry_after"))
            : retryAfter,
        Collections.unmodifiableMap(more));
  }
}
