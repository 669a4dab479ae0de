package io.openclaw.client;

import java.net.http.HttpHeaders;
import java.util.List;

/**
 * A region's answer, whole.
 *
 * @param region who answered
 * @param status the HTTP status
 * @param headers its header fields
 * @param body its bytes
 * @param failed the tries before it that failed
 * @param tries how many there were
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never changed
record Answer(
    String region,
    int status,
    HttpHeaders headers,
    byte[] body,
    List<FailedTry> failed,
    int tries) {
  private static final int LIMITED = 429;
  private static final int TAKEN_OVER = 421;

  boolean isGood() {
    return status >= 200 && status < 300;
  }

  boolean isDenial() {
    return status == LIMITED;
  }

  /** Whether, of a numbered try, another region has a later one: no token was spent on this. */
  boolean isTakenOver() {
    return status == TAKEN_OVER;
  }

  /** Whether a better answer may be had elsewhere, whoever is asked. */
  boolean isUnavailable() {
    return status == 502 || status == 503 || status == 504;
  }

  /** The seconds of {@code Retry-After}; 0 where it is missing or a date. */
  long retryAfterSeconds() {
    String text = headers.firstValue("retry-after").orElse("");
    boolean number = !text.isEmpty() && text.length() <= 9;
    return number && text.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(text) : 0;
  }

  Answer after(List<FailedTry> failedBefore, int triesSoFar) {
    return new Answer(region, status, headers, body, List.copyOf(failedBefore), triesSoFar);
  }
}
