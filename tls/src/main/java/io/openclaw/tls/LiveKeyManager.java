package io.openclaw.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that is in force when a handshake begins; an alias names the set, so that
 * certificate and key are of the same one. Thread-safe.
 */
final class LiveKeyManager extends X509ExtendedKeyManager {
  private final Certificates certificates;

  LiveKeyManager(Certificates certificates) {
    this.certificates = certificates;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      @Nullable String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyType == null ? List.of() : List.of(keyType), asked(engine));
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    // Whoever issued it: the other side then refuses it with its reason.
    return alias(List.of(keyTypes), List.of());
  }

  private @Nullable String alias(List<String> keyTypes, List<String> asked) {
    int generation = certificates.generation();
    CertificateSet set = certificates.generation(generation);
    if (set == null) {
      return null;
    }
    int number = set.numberFor(asked);
    CertificateSet.Identity shown = set.numbered(number);
    boolean fits = shown != null && keyTypes.contains(shown.key().getAlgorithm());
    return fits ? generation + "/" + number : null;
  }

  private static List<String> asked(@Nullable SSLEngine engine) {
    List<String> names = new ArrayList<>();
    if (engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          names.add(host.getAsciiName());
        }
      }
    }
    return names;
  }

  private CertificateSet.@Nullable Identity of(@Nullable String alias) {
    if (alias == null || !alias.matches("[0-9]{1,9}/[0-9]{1,3}")) {
      return null;
    }
    int slash = alias.indexOf('/');
    CertificateSet set = certificates.generation(Integer.parseInt(alias.substring(0, slash)));
    return set == null ? null : set.numbered(Integer.parseInt(alias.substring(slash + 1)));
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    CertificateSet.Identity shown = of(alias);
    return shown == null ? null : shown.chain().toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    CertificateSet.Identity shown = of(alias);
    return shown == null ? null : shown.key();
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(List.of(keyTypes), List.of());
  }

  @Override
  public @Nullable String chooseServerAlias(
      @Nullable String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyType == null ? List.of() : List.of(keyType), List.of());
  }

  @Override
  public String @Nullable [] getClientAliases(
      @Nullable String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(
      @Nullable String keyType, Principal @Nullable [] issuers) {
    return null;
  }
}
