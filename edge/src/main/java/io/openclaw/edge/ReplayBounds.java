package io.openclaw.edge;

/**
 * How many answers are kept for idempotency keys, and how long. A tenant may hold half of it.
 *
 * @param keysMax answers kept and requests under way
 * @param bytesMax bytes of the answers kept
 * @param keepMillis how long an answer is given again
 */
public record ReplayBounds(int keysMax, long bytesMax, long keepMillis) {
  private static final int TENANT_PART = 2;

  int tenantKeysMax() {
    return Math.max(1, keysMax / TENANT_PART);
  }

  long tenantBytesMax() {
    return bytesMax / TENANT_PART;
  }
}
