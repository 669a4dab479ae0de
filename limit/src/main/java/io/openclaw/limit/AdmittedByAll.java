package io.openclaw.limit;

import org.jspecify.annotations.Nullable;

/** A request that several limits admitted, or a dry run that denied it. */
final class AdmittedByAll implements Decision.Admitted {
  /** One bucket after the spending per limit of the nest; null where a dry run would deny. */
  private final @Nullable TokenBucket[] buckets;

  AdmittedByAll(@Nullable TokenBucket... buckets) {
    this.buckets = buckets;
  }

  static @Nullable TokenBucket bucket(Decision.Admitted admitted, int index) {
    return switch (admitted) {
      case TokenBucket sole -> sole;
      case AdmittedByAll all -> all.buckets[index];
    };
  }

  @Override
  public long remaining(int index) {
    TokenBucket bucket = buckets[index];
    return bucket == null ? 0 : bucket.tokens();
  }
}
