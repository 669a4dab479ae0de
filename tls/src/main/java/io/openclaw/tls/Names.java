package io.openclaw.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate names. A region is the URI {@code openclaw://region/<name>} among the subject
 * alternative names (RFC 5280, 4.2.1.6), a router {@code openclaw://router}; a subject's common
 * name is never looked at.
 */
public final class Names {
  static final int DNS = 2;
  static final int URI = 6;
  static final int IP = 7;

  private static final String REGION = "openclaw://region/";

  /** The URI of a router. */
  public static final String ROUTER = "openclaw://router";

  private Names() {}

  /** The URI of a region. */
  public static String region(String name) {
    return REGION + name;
  }

  /** The URIs of this program in a certificate; one that cannot be read has none. */
  public static List<String> uris(X509Certificate certificate) {
    return of(certificate, Set.of(URI)).stream()
        .filter(name -> name.startsWith("openclaw://"))
        .toList();
  }

  /** All subject alternative names that are DNS names, addresses or URIs. */
  public static List<String> all(X509Certificate certificate) {
    return of(certificate, Set.of(DNS, URI, IP));
  }

  private static List<String> of(X509Certificate certificate, Set<Integer> kinds) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> entries = certificate.getSubjectAlternativeNames();
      if (entries != null) {
        for (List<?> entry : entries) {
          if (entry.get(0) instanceof Integer kind
              && kinds.contains(kind)
              && entry.get(1) instanceof String name) {
            names.add(name);
          }
        }
      }
    } catch (CertificateParsingException e) {
      return List.of();
    }
    return names;
  }

  /** Whether a certificate says that its holder is that region, and no other region beside. */
  static boolean isRegion(X509Certificate certificate, String region) {
    List<String> uris = uris(certificate);
    return uris.contains(region(region))
        && uris.stream().filter(uri -> uri.startsWith(REGION)).count() == 1;
  }

  /** The DNS names, lower case. */
  static boolean covers(X509Certificate certificate, String host) {
    int dot = host.indexOf('.');
    @Nullable String wildcard = dot < 0 ? null : "*" + host.substring(dot);
    for (String name : all(certificate)) {
      if (name.equalsIgnoreCase(host) || name.equalsIgnoreCase(wildcard)) {
        return true;
      }
    }
    return false;
  }
}
