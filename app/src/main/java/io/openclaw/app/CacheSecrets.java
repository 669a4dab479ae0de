package io.openclaw.app;

/**
 * What {@code cache.redisUrl} needs.
 *
 * @param signature what entries are signed with, the same on every node
 * @param password what Redis asks for; none where it asks for nothing
 */
record CacheSecrets(Secret signature, Secret password) {
  static final CacheSecrets NONE = new CacheSecrets(Secret.NONE, Secret.NONE);
}
