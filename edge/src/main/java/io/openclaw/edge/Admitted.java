package io.openclaw.edge;

import org.jspecify.annotations.Nullable;

/**
 * A request that every limit admitted; its tokens are spent. The headers are null where there is no
 * limit.
 *
 * @param spent its try, by which its tokens may come back; null where no router numbers it
 */
record Admitted(Routed routed, @Nullable RateLimit rateLimit, Tries.@Nullable Spent spent) {}
