package io.openclaw.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ratings of deterministic models that were asked for lately, in memory up to a number of bytes,
 * and perhaps in a store that nodes share. What a release changes has another {@link RatingKey}, so
 * nothing is ever purged: what nobody asks for any more makes room (W-TinyLFU, by Caffeine).
 *
 * <p>Thread-safe and non-blocking.
 */
public final class RatingCache {
  /** What an entry takes beside its texts: key, records, Caffeine's node. An estimate. */
  private static final int ENTRY_BYTES = 400;

  private static final int VALUE_BYTES = 48;

  private final Cache<RatingKey, KeptRating> own;
  private final boolean isOn;
  private final @Nullable SharedRatings shared;
  private final Clock clock;
  private final LongAdder hits = new LongAdder();
  private final LongAdder sharedHits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /** Where a rating that was asked for came from. */
  public record Counts(long hits, long sharedHits, long misses) {}

  /**
   * An empty one.
   *
   * @param bytesMax what it holds in memory at most, as estimated; 0 for nothing
   * @param shared the second level; null for none
   */
  public RatingCache(long bytesMax, @Nullable SharedRatings shared, Clock clock) {
    this.own =
        Caffeine.newBuilder()
            .maximumWeight(bytesMax)
            .weigher((RatingKey key, KeptRating kept) -> weight(key, kept))
            .executor(Runnable::run)
            .build();
    this.isOn = bytesMax > 0 || shared != null;
    this.shared = shared;
    this.clock = clock;
  }

  boolean isOn() {
    return isOn;
  }

  /**
   * The rating of a key that is younger than {@code maxAgeSeconds}, or the model's, which is kept
   * unless it is provisional. The stage fails as the model's does.
   */
  CompletionStage<KeptRating> rate(
      RatingKey key, int maxAgeSeconds, Supplier<CompletionStage<Rating>> model) {
    KeptRating found = own.getIfPresent(key);
    if (found != null && found.isYoungerThan(maxAgeSeconds, clock.wallMillis())) {
      hits.increment();
      return CompletableFuture.completedStage(found);
    }
    SharedRatings second = shared;
    if (second == null) {
      return ask(key, maxAgeSeconds, model);
    }
    return second.find(key).thenCompose(elsewhere -> orAsk(elsewhere, key, maxAgeSeconds, model));
  }

  private CompletionStage<KeptRating> orAsk(
      Optional<KeptRating> elsewhere,
      RatingKey key,
      int maxAgeSeconds,
      Supplier<CompletionStage<Rating>> model) {
    if (elsewhere.isPresent() && elsewhere.get().isYoungerThan(maxAgeSeconds, clock.wallMillis())) {
      sharedHits.increment();
      own.put(key, elsewhere.get());
      return CompletableFuture.completedStage(elsewhere.get());
    }
    return ask(key, maxAgeSeconds, model);
  }

  private CompletionStage<KeptRating> ask(
      RatingKey key, int maxAgeSeconds, Supplier<CompletionStage<Rating>> model) {
    misses.increment();
    return model
        .get()
        .thenApply(
            rating -> {
              KeptRating kept = new KeptRating(rating, clock.wallMillis());
              if (rating.provisional()) {
                return kept;
              }
              own.put(key, kept);
              if (shared != null) {
                shared.keep(key, kept, maxAgeSeconds);
              }
              return kept;
            });
  }

  /** What it answered with so far. */
  public Counts counts() {
    return new Counts(hits.sum(), sharedHits.sum(), misses.sum());
  }

  /** How many ratings are in memory, about. */
  public long size() {
    return own.estimatedSize();
  }

  /** How many bytes they take, as estimated. */
  public long bytes() {
    return own.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
  }

  private static int weight(RatingKey key, KeptRating kept) {
    long bytes = ENTRY_BYTES + 2L * (key.tenant().length() + key.digest().length());
    for (Reason reason : kept.rating().reasons()) {
      bytes += VALUE_BYTES + 2L * (reason.code().length() + reason.text().length());
    }
    bytes += weight(kept.rating().outputs()) + weight(kept.rating().item());
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  private static long weight(@Nullable Json value) {
    return switch (value) {
      case null -> 0;
      case Json.Obj object -> {
        long bytes = VALUE_BYTES;
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
          bytes += VALUE_BYTES + 2L * member.getKey().length() + weight(member.getValue());
        }
        yield bytes;
      }
      case Json.Arr array -> {
        long bytes = VALUE_BYTES;
        for (Json element : array.elements()) {
          bytes += weight(element);
        }
        yield bytes;
      }
      case Json.Str text -> VALUE_BYTES + 2L * text.value().length();
      case Json.Num number -> VALUE_BYTES;
      case Json.Bool bool -> 0;
      case Json.Null none -> 0;
    };
  }
}
