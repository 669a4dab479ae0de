package io.openclaw.net;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where this node listens for its peers, and where they listen.
 *
 * @param self this node's region
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes any free one
 * @param peers where each other region's node is dialled
 * @param secret what all nodes of the mesh know and nobody else: {@link #SECRET_LENGTH_MIN} to
 *     {@link #SECRET_LENGTH_MAX} visible ASCII characters
 */
public record PeersSettings(
    String self, String host, int port, Map<String, Address> peers, String secret) {
  /** The shortest secret, in characters. */
  public static final int SECRET_LENGTH_MIN = 16;

  /** The longest secret, in characters. */
  public static final int SECRET_LENGTH_MAX = 512;

  /**
   * A host name or address with a port.
   *
   * @param host resolved anew at each dial
   */
  public record Address(String host, int port) {
    public Address {
      if (host.isBlank()) {
        throw new IllegalArgumentException("host: '' (expected: a name or an address)");
      }
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
      }
    }

    /** Reads {@code host:port}; an IPv6 address stands in brackets. */
    public static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, Math.max(colon, 0));
        if (host.startsWith("[") && host.endsWith("]")) {
          host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
          host = "";
        }
        return new Address(host, port);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("peer: '" + text + "' (expected: host:port)", e);
      }
    }
  }

  public PeersSettings {
    peers = new TreeMap<>(peers);
    if (peers.containsKey(self)) {
      throw new IllegalArgumentException(
          "peers: " + peers.keySet() + " (expected: without " + self + " itself)");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
    }
    if (secret.length() < SECRET_LENGTH_MIN
        || secret.length() > SECRET_LENGTH_MAX
        || !secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "mesh secret: "
              + secret.length()
              + " characters (expected: "
              + SECRET_LENGTH_MIN
              + " to "
              + SECRET_LENGTH_MAX
              + ", visible ASCII)");
    }
  }

  /** Everything but the secret. */
  @Override
  public String toString() {
    return "PeersSettings[self="
        + self
        + ", host="
        + host
        + ", port="
        + port
        + ", peers="
        + peers
        + "]";
  }
}
