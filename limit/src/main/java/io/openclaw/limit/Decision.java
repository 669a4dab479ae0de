package io.openclaw.limit;

import org.jspecify.annotations.Nullable;

/** What the limiter says of one request. */
public sealed interface Decision {
  /**
   * Every limit agreed and its tokens are spent. Before anything is done for the request, {@link
   * Limiter#confirm} must say that they were ours to spend: the thread may have been held up since
   * it read the clock, until after the right had ended.
   */
  final class Admitted implements Decision {
    /** One bucket after the spending per limit of the nest; null where a dry run would deny. */
    private final @Nullable TokenBucket first;

    private final @Nullable TokenBucket[] others;

    Admitted(@Nullable TokenBucket first, @Nullable TokenBucket[] others) {
      this.first = first;
      this.others = others;
    }

    @Nullable TokenBucket bucket(int index) {
      return index == 0 ? first : others[index - 1];
    }

    /** Whole tokens left here in a limit of the nest; 0 where a dry run would deny. */
    public long remaining(int index) {
      TokenBucket bucket = bucket(index);
      return bucket == null ? 0 : bucket.tokens();
    }
  }

  /**
   * One limit said no, and nothing was spent anywhere.
   *
   * @param by the limit that said no
   * @param cost what it was asked for
   * @param atNanos when
   */
  record Denied(Limit by, long cost, long atNanos) implements Decision {
    /** Whole tokens it has left here. */
    public long remaining() {
      return by.tokens(atNanos);
    }

    /** When the next tokens come, if nobody else takes them; greater than zero. */
    public long retryAfterNanos() {
      return by.nanosUntil(cost, atNanos);
    }
  }
}
