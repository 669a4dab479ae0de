package io.openclaw.edge;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.rating.DurableLog;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are given again, byte for byte, to a request that names the same idempotency key: by
 * tenant, API key and idempotency key, for a fixed time, on disk before the first answer leaves.
 *
 * <p>Only ratings are kept: whatever else was answered has spent nothing and changed nothing, so
 * that a retry may succeed. Thread-safe; never blocks.
 *
 * @see <a
 *     href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/">draft-ietf-httpapi-idempotency-key-header</a>
 */
public final class Replays {
  /** Characters of a key. */
  public static final int KEY_LENGTH_MAX = 255;

  /** Bytes of an answer that is kept; one record of the log must hold it. */
  public static final int ANSWER_BYTES_MAX = 60 * 1024;

  /** Requests that wait for the first of their key. */
  static final int WAITING_MAX = 16;

  /** Old answers that a request forgets on its way. */
  private static final int SWEPT_MAX = 8;

  private static final int SWEPT_AT_ONCE = 500;

  private final ReplayBounds bounds;
  private final DurableLog log;
  private final Clock clock;
  private final ReplayBook book;
  private final LongAdder replayed = new LongAdder();
  private final LongAdder mismatched = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * What there is and what was asked for so far.
   *
   * @param keys answers kept and requests under way
   * @param bytes of the answers kept
   * @param replayed answers given again
   * @param mismatched requests refused because their body was another
   * @param refused requests refused because no more could be kept
   */
  public record Counts(int keys, long bytes, long replayed, long mismatched, long refused) {}

  /** An empty one that appends to a log. */
  public Replays(ReplayBounds bounds, DurableLog log, Clock clock) {
    this.bounds = bounds;
    this.log = log;
    this.clock = clock;
    this.book = new ReplayBook(bounds);
  }

  /**
   * Takes over a record of the log, in its order; before the first request.
   *
   * @throws IllegalArgumentException where it is none
   */
  public void restore(byte[] record) {
    ReplayRecord kept = ReplayRecord.read(record);
    synchronized (book) {
      book.restore(kept, clock.wallMillis());
    }
  }

  /** Forgets what is too old; to be called now and then. */
  public void sweep() {
    int swept = SWEPT_AT_ONCE;
    while (swept == SWEPT_AT_ONCE) {
      synchronized (book) { // not for long: requests wait for it
        swept = book.sweep(clock.wallMillis(), SWEPT_AT_ONCE);
      }
    }
  }

  /** What there is. */
  public Counts counts() {
    synchronized (book) {
      return new Counts(book.keys(), book.bytes(), replayed.sum(), mismatched.sum(), refused.sum());
    }
  }

  /** Whether a header can be a key: 1 to 255 printable ASCII characters. */
  public static boolean isKey(String text) {
    return !text.isEmpty()
        && text.length() <= KEY_LENGTH_MAX
        && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /**
   * The answer that was given under this key, or a new one.
   *
   * @param tenant whose it is
   * @param keyId the id of its API key
   * @param key the idempotency key
   * @param rate how to have a new answer; asked at most once, and only where none is kept
   */
  CompletionStage<Answered> once(
      String tenant,
      String keyId,
      String key,
      byte[] body,
      Supplier<CompletionStage<Answered>> rate) {
    Hash256 id = id(tenant, keyId, key);
    return once(id, Hash256.of(List.of(), body), tenant, rate);
  }

  /** Every part with its length before it: no tenant's key can look like another's. */
  Hash256 id(String tenant, String keyId, String key) {
    return Hash256.of(List.of(tenant, keyId, key), new byte[0]);
  }

  private CompletionStage<Answered> once(
      Hash256 id, Hash256 body, String tenant, Supplier<CompletionStage<Answered>> rate) {
    ReplayBook.Entry entry;
    CompletableFuture<Boolean> turn = null;
    synchronized (book) {
      long wallMillis = clock.wallMillis();
      book.sweep(wallMillis, SWEPT_MAX);
      ReplayBook.Entry known = book.find(id, wallMillis);
      if (known == null && !log.accepts()) {
        return refusing(tenant);
      }
      if (known == null && book.isFull(tenant)) {
        return full(tenant);
      }
      entry = known == null ? book.begin(id, body, tenant, wallMillis) : known;
      if (!entry.body.equals(body)) {
        return mismatch(tenant);
      }
      ReplayRecord kept = entry.kept;
      if (kept != null) {
        return replay(kept);
      }
      if (known != null) {
        if (known.waiting.size() >= WAITING_MAX) {
          return crowded(tenant);
        }
        turn = new CompletableFuture<>();
        known.waiting.add(turn);
      }
    }
    return turn == null
        ? first(id, entry, rate)
        : turn.thenCompose(now -> once(id, body, tenant, rate));
  }

  private CompletionStage<Answered> first(
      Hash256 id, ReplayBook.Entry entry, Supplier<CompletionStage<Answered>> rate) {
    CompletionStage<Answered> rating;
    try {
      rating = rate.get();
    } catch (RuntimeException | Error e) {
      end(id, entry, null);
      throw e;
    }
    return rating.thenCompose(
        answered -> {
          if (answered.problem() != null || answered.body().length > ANSWER_BYTES_MAX) {
            end(id, entry, null);
            return CompletableFuture.completedStage(answered);
          }
          return keep(id, entry, answered);
        });
  }

  private CompletionStage<Answered> keep(Hash256 id, ReplayBook.Entry entry, Answered answered) {
    ReplayRecord record =
        new ReplayRecord(
            clock.wallMillis(),
            id,
            entry.body,
            answered.tenant(),
            answered.model(),
            answered.body());
    return log.append(record.write())
        .handle(
            (durable, failure) -> {
              end(id, entry, failure == null ? record : null);
              return failure == null ? answered : unkept(answered);
            });
  }

  /** What could not be kept must not be told: a retry would rate again. */
  private static Answered unkept(Answered answered) {
    Problem problem =
        Problem.of(
                ProblemType.UNAVAILABLE,
                "the answer could not be written to disk, as its idempotency key asks")
            .withRetryAfter(1);
    return new Answered(
        new byte[0],
        problem,
        answered.tenant(),
        answered.model(),
        answered.variant(),
        answered.rateLimit());
  }

  private void end(Hash256 id, ReplayBook.Entry entry, @Nullable ReplayRecord record) {
    List<CompletableFuture<Boolean>> waiting;
    synchronized (book) {
      if (record == null) {
        book.forget(id, entry);
      } else {
        book.keep(entry, record);
      }
      waiting = List.copyOf(entry.waiting);
      entry.waiting.clear();
    }
    waiting.forEach(turn -> turn.complete(true)); // to the answer, or to be the next first
  }

  private CompletionStage<Answered> replay(ReplayRecord kept) {
    replayed.increment();
    return CompletableFuture.completedStage(
        new Answered(
            kept.answer(),
            null,
            kept.tenant(),
            kept.model(),
            Answered.REPLAY,
            null,
            null,
            Reuse.REPLAYED));
  }

  private CompletionStage<Answered> mismatch(String tenant) {
    mismatched.increment();
    return refusal(
        tenant,
        Problem.of(
            ProblemType.IDEMPOTENCY_KEY_REUSED,
            "the body is another than the key's first (expected: the same bytes, or another key)"));
  }

  private CompletionStage<Answered> full(String tenant) {
    refused.increment();
    return refusal(
        tenant,
        Problem.of(
                ProblemType.UNAVAILABLE,
                "no room for another idempotency key (expected: fewer than "
                    + bounds.tenantKeysMax()
                    + " answers and "
                    + bounds.tenantBytesMax()
                    + " bytes of one tenant within "
                    + bounds.keepMillis() / 3_600_000
                    + " hours)")
            .withRetryAfter(60));
  }

  /** Before anything is rated: its answer could not be told, so that a retry would pay again. */
  private CompletionStage<Answered> refusing(String tenant) {
    refused.increment();
    Problem problem =
        Problem.of(
                ProblemType.UNAVAILABLE,
                "the disk takes no answer now, as an idempotency key asks; nothing was rated")
            .withRetryAfter(1);
    return CompletableFuture.completedStage(
        new Answered(new byte[0], problem, tenant, "", "", null, Elsewhere.ANYWHERE));
  }

  private CompletionStage<Answered> crowded(String tenant) {
    refused.increment();
    return refusal(
        tenant,
        Problem.of(
                ProblemType.OVERLOADED,
                WAITING_MAX + " requests wait for the first of their idempotency key already")
            .withRetryAfter(1));
  }

  private static CompletionStage<Answered> refusal(String tenant, Problem problem) {
    return CompletableFuture.completedStage(
        new Answered(new byte[0], problem, tenant, "", "", null));
  }
}
