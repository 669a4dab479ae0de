package io.openclaw.bench;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * One URL that requests go to.
 *
 * @param url as given; holds no user name or password
 * @param tls whether the scheme is https
 * @param path path and query, as the request line has them
 */
record Target(String url, boolean tls, String host, int port, String path) {
  /**
   * Reads an absolute http or https URL.
   *
   * @throws IllegalArgumentException showing the value and what was expected
   */
  public static Target of(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw refused(url);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException("a URL with a user or password (expected: --key-file)");
    }
    if (uri.getHost() == null || uri.getRawFragment() != null || uri.getPort() > 65_535) {
      throw refused(url);
    }
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw refused(url);
    }
    boolean tls = scheme.equals("https");
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new Target(url, tls, uri.getHost(), port, path + query);
  }

  private static IllegalArgumentException refused(String url) {
    return new IllegalArgumentException(url + " (expected: http://host:port/path or https://…)");
  }

  /** The host as an address: without the brackets of an IPv6 literal. */
  String address() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** What the Host header says. */
  String authority() {
    return port == (tls ? 443 : 80) ? host : host + ":" + port;
  }
}
