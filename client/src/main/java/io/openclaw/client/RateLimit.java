package io.openclaw.client;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is left of one limit or quota in the region that answered, as the fields {@code RateLimit}
 * and {@code RateLimit-Policy} say (draft-ietf-httpapi-ratelimit-headers-10).
 *
 * @param policy the limit's name, such as {@code tenant} or {@code tenant-day}
 * @param remaining tokens left there
 * @param reset until all that it may hold is there again
 * @param quota tokens per window over all regions; 0 where unsaid
 * @param window the window; zero where unsaid
 */
public record RateLimit(
    String policy, long remaining, Duration reset, long quota, Duration window) {
  private static final int LENGTH_MAX = 4096;
  private static final int POLICIES_MAX = 32;
  private static final int DIGITS_MAX = 15;

  /**
   * What an answer's header fields say; empty where they say nothing, for a client must not fail
   * for a field that it does not understand.
   */
  static List<RateLimit> of(HttpHeaders headers) {
    Map<String, Map<String, Long>> policies = items(joined(headers, "ratelimit-policy"));
    List<RateLimit> limits = new ArrayList<>();
    items(joined(headers, "ratelimit"))
        .forEach(
            (name, state) -> {
              Long remaining = state.get("r");
              if (remaining != null) {
                Map<String, Long> policy = policies.getOrDefault(name, Map.of());
                limits.add(
                    new RateLimit(
                        name,
                        remaining,
                        Duration.ofSeconds(state.getOrDefault("t", 0L)),
                        policy.getOrDefault("q", 0L),
                        Duration.ofSeconds(policy.getOrDefault("w", 0L))));
              }
            });
    return List.copyOf(limits);
  }

  private static String joined(HttpHeaders headers, String name) {
    String value = String.join(",", headers.allValues(name));
    return value.length() > LENGTH_MAX ? "" : value;
  }

  /** The items of a structured list of strings with integer parameters (RFC 9651 §3.1). */
  private static Map<String, Map<String, Long>> items(String field) {
    Map<String, Map<String, Long>> items = new LinkedHashMap<>();
    for (String item : field.split(",", POLICIES_MAX + 1)) {
      String[] parts = item.split(";", -1);
      String name = parts[0].strip();
      if (name.length() < 2 || name.charAt(0) != '"' || !name.endsWith("\"")) {
        continue;
      }
      Map<String, Long> parameters = new HashMap<>();
      for (int i = 1; i < parts.length; i++) {
        int equals = parts[i].indexOf('=');
        String digits = parts[i].substring(equals + 1).strip();
        if (equals > 0 && isNumber(digits)) {
          parameters.put(parts[i].substring(0, equals).strip(), Long.parseLong(digits));
        }
      }
      items.put(name.substring(1, name.length() - 1), parameters);
    }
    return items;
  }

  private static boolean isNumber(String digits) {
    return !digits.isEmpty()
        && digits.length() <= DIGITS_MAX
        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
