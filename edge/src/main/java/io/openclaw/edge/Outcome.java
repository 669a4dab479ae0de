package io.openclaw.edge;

import io.openclaw.domain.Problem;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The result of a step on a request's way: what the next step needs, or why there is none. */
sealed interface Outcome<T> {
  /** The way goes on. */
  record Ok<T>(T value) implements Outcome<T> {}

  /**
   * The end of the way.
   *
   * @param identity who asked, where that is known
   * @param rateLimit the RateLimit headers, where limits were asked
   * @param elsewhere where a router may try it again, null where that would not help
   */
  record Refused<T>(
      Problem problem,
      @Nullable Identified identity,
      @Nullable RateLimit rateLimit,
      @Nullable Elsewhere elsewhere)
      implements Outcome<T> {}

  static <T> Outcome<T> ok(T value) {
    return new Ok<>(value);
  }

  static <T> Outcome<T> refused(Problem problem) {
    return new Refused<>(problem, null, null, null);
  }

  /** The next step's outcome, or this refusal. */
  default <U> Outcome<U> then(Function<T, Outcome<U>> next) {
    return switch (this) {
      case Ok<T>(T value) -> next.apply(value);
      case Refused<T>(
              Problem problem,
              Identified identity,
              RateLimit rateLimit,
              Elsewhere elsewhere) ->
          new Refused<>(problem, identity, rateLimit, elsewhere);
    };
  }
}
