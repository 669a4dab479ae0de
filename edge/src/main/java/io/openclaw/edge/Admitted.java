package io.openclaw.edge;

import org.jspecify.annotations.Nullable;

/**
 * A request that every limit admitted; its tokens are spent. The headers are null where there is no
 * limit.
 */
record Admitted(Routed routed, @Nullable RateLimit rateLimit) {}
