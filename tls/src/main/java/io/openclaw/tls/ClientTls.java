package io.openclaw.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS for one command that asks a server by its host name. */
public final class ClientTls {
  private ClientTls() {}

  /**
   * For the JDK's own client, which then compares host names.
   *
   * @param ca authorities that are believed; none: this machine's
   * @param cert what the server is shown; none: nothing
   * @param key of {@code cert}
   * @throws IOException where a file does not do
   */
  public static SSLContext context(@Nullable Path ca, @Nullable Path cert, @Nullable Path key)
      throws IOException {
    if ((cert == null) != (key == null)) {
      throw new IOException("a certificate without its key, or a key alone (expected: both)");
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          cert == null || key == null ? null : keys(cert, key),
          ca == null ? null : new TrustManager[] {trust(ca)},
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static KeyManager[] keys(Path cert, Path key)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = Pem.certificates(cert, Pem.read(cert));
    KeyStore store = Trust.emptyStore();
    store.setKeyEntry(
        "own", Pem.key(key, Pem.read(key)), new char[0], chain.toArray(new X509Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  static X509TrustManager trust(Path ca) throws IOException, GeneralSecurityException {
    return Trust.pkix(Pem.certificates(ca, Pem.read(ca)));
  }
}
