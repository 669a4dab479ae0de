package io.openclaw.edge;

import io.openclaw.limit.Decision;
import io.openclaw.limit.QuotaNest;
import org.jspecify.annotations.Nullable;

/**
 * A request that every limit admitted; its tokens are spent. The headers are null where there is no
 * limit.
 *
 * @param byLimits what the limits gave; null where there are none
 * @param byQuotas what the quotas gave; null where there are none
 * @param spent its try, by which its tokens may come back; null where no router numbers it
 */
record Admitted(
    Routed routed,
    @Nullable RateLimit rateLimit,
    Decision.@Nullable Admitted byLimits,
    QuotaNest.@Nullable Taken byQuotas,
    Tries.@Nullable Spent spent) {
  /** The same, to be rated in another way. */
  Admitted by(Routed another) {
    return new Admitted(another, rateLimit, byLimits, byQuotas, spent);
  }
}
