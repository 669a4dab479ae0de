package io.openclaw.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whose certificates are believed: those that lead to one of the given authorities (PKIX, RFC
 * 5280). Several may be given, such as an old and a new one. Immutable, thread-safe.
 */
final class Trust {
  private final List<X509Certificate> authorities;
  private final X509TrustManager pkix;

  Trust(List<X509Certificate> authorities) throws GeneralSecurityException {
    this.authorities = List.copyOf(authorities);
    pkix = pkix(authorities);
  }

  /** The JDK's manager, which compares host names too where it is asked to. */
  static X509TrustManager pkix(List<X509Certificate> authorities) throws GeneralSecurityException {
    KeyStore store = emptyStore();
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("ca" + i, authorities.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("this Java platform has no PKIX trust manager");
  }

  static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new GeneralSecurityException("an empty key store cannot be made", e);
    }
  }

  List<X509Certificate> authorities() {
    return authorities;
  }

  /**
   * Believes a chain, leaf first, or throws.
   *
   * @param client whether it is a client's
   */
  void check(X509Certificate[] chain, String authType, boolean client, long wallMillis)
      throws RefusedCertificateException {
    if (chain == null || chain.length == 0) {
      throw new RefusedCertificateException(
          Refusal.NO_CERTIFICATE, "no certificate (expected: one of a known authority)");
    }
    X509Certificate leaf = chain[0];
    checkDates(leaf, wallMillis);
    try {
      if (client) {
        pkix.checkClientTrusted(chain, authType);
      } else {
        pkix.checkServerTrusted(chain, authType);
      }
    } catch (CertificateException e) {
      Refusal refusal = refusal(e);
      String expected =
          refusal == Refusal.UNKNOWN_CA
              ? "issued by " + leaf.getIssuerX500Principal() + " (expected: a known authority)"
              : String.valueOf(e.getMessage());
      throw new RefusedCertificateException(refusal, describe(leaf) + ": " + expected, e);
    }
  }

  static void checkDates(X509Certificate leaf, long wallMillis) throws RefusedCertificateException {
    Instant now = Instant.ofEpochMilli(wallMillis);
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new RefusedCertificateException(
          Refusal.EXPIRED,
          describe(leaf) + ": expired at " + leaf.getNotAfter().toInstant() + told(wallMillis));
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new RefusedCertificateException(
          Refusal.NOT_YET_VALID,
          describe(leaf) + ": begins at " + leaf.getNotBefore().toInstant() + told(wallMillis));
    }
  }

  private static String told(long wallMillis) {
    return " (expected: valid at " + Instant.ofEpochMilli(wallMillis / 1000 * 1000) + ")";
  }

  /** A certificate in few words: its subject and its serial number. */
  static String describe(X509Certificate certificate) {
    return "certificate "
        + certificate.getSubjectX500Principal()
        + " serial "
        + certificate.getSerialNumber().toString(16);
  }

  private static Refusal refusal(CertificateException failure) {
    Refusal refusal = Refusal.INVALID;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      refusal =
          switch (cause) {
            case CertificateExpiredException e -> Refusal.EXPIRED;
            case CertificateNotYetValidException e -> Refusal.NOT_YET_VALID;
            case CertPathBuilderException e -> Refusal.UNKNOWN_CA;
            default -> refusal;
          };
    }
    return refusal;
  }
}
