package io.openclaw.edge;

import io.openclaw.limit.Nest;
import io.openclaw.limit.QuotaNest;

/**
 * A request whose key is good and whose tenant is known.
 *
 * @param nest the limits that must agree, from the outermost to the innermost
 * @param quotas the quotas that must agree, from the outermost to the innermost
 * @param policy their RateLimit-Policy header
 */
record Identified(
    Directory.KeyEntry key,
    Directory.TenantEntry tenant,
    Nest nest,
    QuotaNest quotas,
    String policy) {}
