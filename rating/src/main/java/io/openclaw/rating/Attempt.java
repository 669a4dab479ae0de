package io.openclaw.rating;

import org.jspecify.annotations.Nullable;

/**
 * Which try of a request this is, so that a router's retry in another region does not count twice.
 *
 * @param id the same for every try of one client request; null where nobody retries on the client's
 *     behalf
 * @param number 1 for the first try
 */
public record Attempt(@Nullable String id, int number) {
  /** The only try of a request that nobody repeats. */
  public static final Attempt ONCE = new Attempt(null, 1);
}
