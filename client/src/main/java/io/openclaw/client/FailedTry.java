package io.openclaw.client;

import java.time.Duration;

/**
 * A try of a call that brought no answer, or a refusal after which it was tried again.
 *
 * @param region where
 * @param reason what happened: {@code connect}, {@code reset}, {@code timeout}, {@code status 503}
 * @param after the time since the call began
 */
public record FailedTry(String region, String reason, Duration after) {
  @Override
  public String toString() {
    return region + " " + reason + " after " + after.toMillis() + " ms";
  }
}
