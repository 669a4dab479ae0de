package io.openclaw.app;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where webhooks may go: over https to addresses of the public internet, or to hosts that the
 * configuration allows, these also over http and to private addresses.
 *
 * <p>A name is resolved each time and every address of it is looked at; the connection goes to the
 * address that was looked at, so that a name which resolves otherwise a moment later leads nowhere.
 * Thread-safe; blocks on a name server.
 */
final class WebhookTarget {
  private static final int URL_LENGTH_MAX = 2048;
  private static final String ENTRY = "([a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[0-9]{1,5})?";
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /** Names to addresses; a port. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * A webhook whose address was looked at.
   *
   * @param address where to connect to
   */
  record Checked(URI url, InetSocketAddress address) {
    boolean isTls() {
      return "https".equalsIgnoreCase(url.getScheme());
    }
  }

  private final Set<String> allowed;
  private final Resolver resolver;

  /**
   * @param allow {@code host} or {@code host:port}, separated by commas; may be empty
   */
  WebhookTarget(String allow, Resolver resolver) {
    this.allowed = allow.isEmpty() ? Set.of() : new TreeSet<>(entries(allow));
    this.resolver = resolver;
  }

  private static List<String> entries(String allow) {
    return Arrays.stream(allow.split(",", -1))
        .map(each -> each.strip().toLowerCase(Locale.ROOT))
        .toList();
  }

  /** Whether a text names hosts as {@code jobs.webhookAllow} must. */
  static boolean isAllowList(String allow) {
    return entries(allow).stream().allMatch(each -> each.matches(ENTRY));
  }

  /**
   * Where a webhook goes.
   *
   * @throws IOException where it may not, with what was expected
   */
  Checked check(String text) throws IOException {
    URI url = parse(text);
    String host = bare(url.getHost()).toLowerCase(Locale.ROOT);
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
    boolean ours = allowed.contains(name) || allowed.contains(name + ":" + port);
    if (!tls && !ours) {
      throw new IOException("the webhook's scheme is http (expected: https)");
    }
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException e) {
      throw new IOException("the webhook's host cannot be resolved", e);
    }
    for (InetAddress address : addresses) {
      if (!ours && !isPublic(address)) {
        throw new IOException(
            "the webhook's host has an address that is not of the public internet (expected: one"
                + " that is, or a host in jobs.webhookAllow)");
      }
    }
    return new Checked(url, new InetSocketAddress(addresses[0], port));
  }

  private static URI parse(String text) throws IOException {
    try {
      URI url = new URI(text);
      String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
      if (text.length() <= URL_LENGTH_MAX
          && (scheme.equals("https") || scheme.equals("http"))
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getFragment() == null
          && url.getPort() != 0
          && url.getPort() <= 65_535) {
        return url;
      }
    } catch (URISyntaxException e) {
      // the same answer
    }
    throw new IOException(
        "the webhook is no URL (expected: like https://example.net/path, without a user or a"
            + " fragment)");
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Whether an address is one that anybody on the internet could reach. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return switch (address) {
      case Inet4Address v4 -> isPublic4(bytes[0] & 0xff, bytes[1] & 0xff, bytes[2] & 0xff);
      case Inet6Address v6 -> isPublic6(bytes);
      default -> false;
    };
  }

  /** Of the IANA registry of special-purpose addresses, what Java's own tests leave open. */
  private static boolean isPublic4(int a, int b, int c) {
    return a != 0
        && a != 10
        && a != 127
        && a < 224
        && !(a == 100 && (b & 0xc0) == 64) // shared between carriers
        && !(a == 169 && b == 254)
        && !(a == 172 && (b & 0xf0) == 16)
        && !(a == 192 && b == 168)
        && !(a == 192 && b == 0 && (c == 0 || c == 2))
        && !(a == 192 && b == 88 && c == 99)
        && !(a == 198 && (b == 18 || b == 19))
        && !(a == 198 && b == 51 && c == 100)
        && !(a == 203 && b == 0 && c == 113);
  }

  /** Global unicast alone, and no way to carry an IPv4 address in it. */
  private static boolean isPublic6(byte[] bytes) {
    int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    int second = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    return (first & 0xe000) == 0x2000
        && first != 0x2002 // 6to4
        && !(first == 0x2001 && second < 0x0200) // Teredo and other protocols
        && !(first == 0x2001 && second == 0x0db8) // documentation
        && first != 0x3fff;
  }
}
