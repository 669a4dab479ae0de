package io.openclaw.tls;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Whether a connection's other side is who it should be. */
public final class PeerCheck {
  private PeerCheck() {}

  static void chain(
      Certificates certificates, X509Certificate[] chain, String authType, boolean client)
      throws RefusedCertificateException {
    Trust trust = certificates.current().trust();
    if (trust == null) {
      throw new RefusedCertificateException(
          Refusal.UNKNOWN_CA, "no authority is configured (expected: ca)");
    }
    trust.check(chain, authType, client, certificates.now());
  }

  /**
   * The certificate must say that its holder is that region.
   *
   * @throws RefusedCertificateException {@link Refusal#WRONG_NAME}, with the names found
   */
  static void region(X509Certificate leaf, String region) throws RefusedCertificateException {
    if (!Names.isRegion(leaf, region)) {
      throw new RefusedCertificateException(
          Refusal.WRONG_NAME,
          Trust.describe(leaf)
              + ": names "
              + Names.all(leaf)
              + " (expected: "
              + Names.region(region)
              + ")");
    }
  }

  /**
   * Looks at a client that is connected: its certificate must be that region's, and believed still.
   *
   * @param shown what it showed in the handshake, leaf first
   * @throws RefusedCertificateException with the reason
   */
  public static void client(Certificates certificates, List<Certificate> shown, String region)
      throws RefusedCertificateException {
    client(certificates, shown);
    region((X509Certificate) shown.getFirst(), region);
  }

  /**
   * Whether a certificate that somebody showed when he connected has ended since. It need not
   * matter: {@link #client} says, at the price of signatures.
   */
  public static boolean hasEnded(Certificates certificates, List<Certificate> shown) {
    Instant now = Instant.ofEpochMilli(certificates.now());
    return shown.stream()
        .anyMatch(
            each -> each instanceof X509Certificate x && now.isAfter(x.getNotAfter().toInstant()));
  }

  /**
   * Looks at a client that is connected: its certificate must be believed still, whosever it is.
   *
   * @throws RefusedCertificateException with the reason
   */
  public static void client(Certificates certificates, List<Certificate> shown)
      throws RefusedCertificateException {
    X509Certificate[] chain =
        shown.stream()
            .filter(X509Certificate.class::isInstance)
            .map(X509Certificate.class::cast)
            .toArray(X509Certificate[]::new);
    chain(certificates, chain, "UNKNOWN", true);
  }
}
