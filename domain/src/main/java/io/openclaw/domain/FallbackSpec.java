package io.openclaw.domain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Another rating service that answers where a tenant's model fails. It holds no secret: at most a
 * reference to one.
 *
 * @param url {@code http} or {@code https}, without user, query and fragment
 * @param timeoutMillis how long it may take to answer, connecting included
 * @param authorization where the {@code Authorization} header's value is: {@code env:NAME} or
 *     {@code file:/path}; null for none
 * @param probe how its health is checked; null for never
 */
public record FallbackSpec(
    String url, int timeoutMillis, @Nullable String authorization, @Nullable Probe probe) {
  public static final int TIMEOUT_MILLIS_MIN = 10;
  public static final int TIMEOUT_MILLIS_MAX = 10_000;
  public static final int TIMEOUT_MILLIS_DEFAULT = 1_000;

  private static final int URL_LENGTH_MAX = 2_048;
  private static final int PORT_MAX = 65_535;
  private static final String PATH = "/([A-Za-z0-9/._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*";
  private static final Pattern URL =
      Pattern.compile(
          "https?://([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}])"
              + "(:(?<port>[0-9]{1,5}))?("
              + PATH
              + ")?");
  private static final String REFERENCE =
      "env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:/[^\\p{Cntrl}]{1,1023}";

  /**
   * A {@code GET} that a healthy service answers with a 2xx status.
   *
   * @param path begins with a slash
   * @param everySeconds how often, roughly: each time is up to a quarter more or less
   */
  public record Probe(String path, int everySeconds) {
    public static final int SECONDS_MAX = 3_600;
    public static final int SECONDS_DEFAULT = 5;
    private static final int PATH_LENGTH_MAX = 256;

    public Probe {
      if (!path.matches(PATH) || path.length() > PATH_LENGTH_MAX) {
        throw new IllegalArgumentException(
            "probe.path: (expected: a path that begins with /, at most 256 characters, without"
                + " query)");
      }
      if (everySeconds < 1 || everySeconds > SECONDS_MAX) {
        throw new IllegalArgumentException(
            "probe.everySeconds: " + everySeconds + " (expected: 1 to " + SECONDS_MAX + ")");
      }
    }
  }

  public FallbackSpec {
    requireUrl(url);
    if (timeoutMillis < TIMEOUT_MILLIS_MIN || timeoutMillis > TIMEOUT_MILLIS_MAX) {
      throw new IllegalArgumentException(
          "timeoutMillis: "
              + timeoutMillis
              + " (expected: "
              + TIMEOUT_MILLIS_MIN
              + " to "
              + TIMEOUT_MILLIS_MAX
              + ")");
    }
    if (authorization != null && !authorization.matches(REFERENCE)) {
      // What stands there may be the secret itself, so it is not shown.
      throw new IllegalArgumentException(
          "authorization: not a reference (expected: env:NAME or file:/absolute/path; the secret"
              + " itself stands in that variable or file of every region, never in a release)");
    }
  }

  private static void requireUrl(String url) {
    // A secret may stand in the user, the query or the fragment, so such a URL is not shown.
    if (url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0) {
      throw new IllegalArgumentException(
          "url: with a user, query or fragment (expected: none of them; a secret goes into"
              + " authorization, as env:NAME or file:/path)");
    }
    Matcher matcher = URL.matcher(url);
    String port = matcher.matches() ? matcher.group("port") : "0";
    if (url.length() > URL_LENGTH_MAX
        || port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > PORT_MAX)) {
      throw new IllegalArgumentException(
          "url: "
              + url.substring(0, Math.min(url.length(), 120))
              + " (expected: like https://host:8443/path, http or https, at most "
              + URL_LENGTH_MAX
              + " characters)");
    }
  }
}
