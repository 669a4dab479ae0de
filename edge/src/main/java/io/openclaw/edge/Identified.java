package io.openclaw.edge;

import io.openclaw.limit.Limit;

/**
 * A request whose key is good and whose tenant is known.
 *
 * @param nest the limits that must agree, from the outermost to the innermost
 * @param policy their RateLimit-Policy header
 */
@SuppressWarnings("ArrayRecordComponent") // shared by all requests of a key, never changed
record Identified(
    Directory.KeyEntry key, Directory.TenantEntry tenant, Limit[] nest, String policy) {}
