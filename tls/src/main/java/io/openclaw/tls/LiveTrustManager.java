package io.openclaw.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes whom the trust in force believes, and of servers only the region that was dialled: host
 * names are not looked at. Thread-safe.
 */
final class LiveTrustManager extends X509ExtendedTrustManager {
  private final Certificates certificates;
  private final @Nullable String region;

  /**
   * @param region whom servers must be
   */
  LiveTrustManager(Certificates certificates, @Nullable String region) {
    this.certificates = certificates;
    this.region = region;
  }

  private void check(X509Certificate[] chain, String authType, boolean client)
      throws RefusedCertificateException {
    try {
      PeerCheck.chain(certificates, chain, authType, client);
      if (!client && region != null) {
        PeerCheck.region(chain[0], region);
      }
    } catch (RefusedCertificateException e) {
      String whom = client || region == null ? "" : "dialling " + region + ": ";
      certificates.events().refused(certificates.place(), e.refusal(), whom + e.getMessage());
      throw e;
    }
    certificates.events().believed(certificates.place(), chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws RefusedCertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws RefusedCertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws RefusedCertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws RefusedCertificateException {
    check(chain, authType, false);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws RefusedCertificateException {
    check(chain, authType, false);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws RefusedCertificateException {
    check(chain, authType, false);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0]; // so nobody's choice of certificate depends on them
  }
}
