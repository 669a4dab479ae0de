package io.openclaw.jmh;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import io.openclaw.domain.LimitSpec;
import java.time.Duration;

/**
 * Bucket4j's local bucket, lock-free, as its builder makes it by default.
 *
 * <p>By default it reads the time in milliseconds, and so has nothing to refill most of the time;
 * {@code nanos} has it keep time as finely as we do.
 */
final class Bucket4jPeer implements Peer<Bucket> {
  private final boolean nanos;

  Bucket4jPeer(boolean nanos) {
    this.nanos = nanos;
  }

  @Override
  public Bucket bucket(String id, boolean generous) {
    Bandwidth bandwidth =
        generous
            ? Bandwidth.builder()
                .capacity(LimitSpec.BURST_MAX)
                .refillGreedy(GENEROUS_RATE, Duration.ofSeconds(1))
                .build()
            : Bandwidth.builder()
                .capacity(1)
                .refillGreedy(1, Duration.ofSeconds(SPENT_SECONDS))
                .build();
    LocalBucketBuilder builder = Bucket.builder().addLimit(bandwidth);
    return nanos ? builder.withNanosecondPrecision().build() : builder.build();
  }

  @Override
  public Object decide(Bucket bucket, KeySequence caller) {
    return bucket.tryConsume(1);
  }
}
