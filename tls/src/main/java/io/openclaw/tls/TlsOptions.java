package io.openclaw.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import io.netty.handler.ssl.util.SimpleTrustManagerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings that make Vert.x and the JDK use {@link Certificates}: each handshake takes what is
 * in force when it begins, with the JDK's own engine.
 *
 * <p>Where clients show certificates there is TLS 1.3 alone and no session is resumed: a resumed
 * one would not look at certificates again (RFC 8446, 2.2).
 */
public final class TlsOptions {
  private static final Set<String> NEWEST = Set.of("TLSv1.3");
  private static final Set<String> WITH_OLDER = Set.of("TLSv1.3", "TLSv1.2");

  /** Longer than the seven days that RFC 8446, 4.6.1 allows: the JDK then issues no ticket. */
  private static final int NO_TICKET_SECONDS = 8 * 86_400;

  private TlsOptions() {}

  /**
   * Makes a server speak TLS; certificates of clients are demanded where there is a trust.
   *
   * @param older whether TLS 1.2 is spoken too; never where clients show certificates
   * @param handshakeMillis how long a handshake may take
   */
  public static void server(
      HttpServerOptions options, Certificates certificates, boolean older, long handshakeMillis) {
    options
        .setSsl(true)
        .setKeyCertOptions(new LiveKeys(certificates))
        .setSslHandshakeTimeout(handshakeMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setEnabledSecureTransportProtocols(
            older && !certificates.hasTrust() ? WITH_OLDER : NEWEST);
    options.setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true));
    if (certificates.hasTrust()) {
      options
          .setClientAuth(ClientAuth.REQUIRED)
          .setTrustOptions(new LiveTrust(certificates, null))
          .setSslEngineOptions(new Unresumed());
    }
  }

  /** Makes a client's connections TLS 1.3, none of them resumed. */
  public static void client(HttpClientOptions options, Certificates certificates, String region) {
    options
        .setSsl(true)
        .setVerifyHost(false) // the region's name is what is looked at
        .setTrustOptions(new LiveTrust(certificates, region))
        .setSslEngineOptions(new Unresumed())
        .setEnabledSecureTransportProtocols(NEWEST);
    if (certificates.current().identity() != null) {
      options.setKeyCertOptions(new LiveKeys(certificates));
    }
  }

  /** The settings of connections to one region; to be kept and used again. */
  public static ClientSSLOptions client(Certificates certificates, String region) {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm("")
            .setTrustOptions(new LiveTrust(certificates, region))
            .setEnabledSecureTransportProtocols(NEWEST)
            .setUseAlpn(true);
    if (certificates.current().identity() != null) {
      options.setKeyCertOptions(new LiveKeys(certificates));
    }
    return options;
  }

  /** The engine for clients that use {@link #client(Certificates, String)}. */
  public static JdkSSLEngineOptions engine() {
    return new Unresumed();
  }

  /** Makes the JDK's own client speak TLS 1.3 to one region. */
  public static void client(HttpClient.Builder builder, Certificates certificates, String region) {
    SSLContext context = context(certificates, region);
    // The context alone would still offer 1.2. The client adds ALPN and server names to these.
    SSLParameters parameters = context.getDefaultSSLParameters();
    parameters.setProtocols(NEWEST.toArray(new String[0]));
    builder.sslContext(context).sslParameters(parameters);
  }

  private static SSLContext context(Certificates certificates, String region) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(
          new KeyManager[] {new LiveKeyManager(certificates)},
          new TrustManager[] {new LiveTrustManager(certificates, region)},
          null);
      context.getClientSessionContext().setSessionTimeout(1);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS 1.3", e);
    }
  }

  /** The JDK's engine, whose sessions nobody resumes. */
  private static final class Unresumed extends JdkSSLEngineOptions {
    Unresumed() {
      setUseWorkerThread(true); // heartbeats do not wait for signatures
    }

    @Override
    public JdkSSLEngineOptions copy() {
      return new Unresumed();
    }

    @Override
    public SslContextFactory sslContextFactory() {
      return new DefaultSslContextFactory(SslProvider.JDK, false) {
        private boolean client;

        @Override
        public SslContextFactory forClient(boolean isClient) {
          client = isClient;
          return super.forClient(isClient);
        }

        @Override
        public SslContext create() throws SSLException {
          SslContext context = super.create();
          context.sessionContext().setSessionTimeout(client ? 1 : NO_TICKET_SECONDS);
          return context;
        }
      };
    }
  }

  /** One object for all copies: contexts are kept by it. */
  private static final class LiveKeys implements KeyCertOptions {
    private final KeyManagerFactory factory;

    LiveKeys(Certificates certificates) {
      // Vert.x's own wrapper needs a logging library that is not there.
      factory =
          new SimpleKeyManagerFactory() {
            @Override
            protected void engineInit(KeyStore store, char[] password) {}

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {}

            @Override
            protected KeyManager[] engineGetKeyManagers() {
              return new KeyManager[] {new LiveKeyManager(certificates)};
            }
          };
    }

    @Override
    public KeyCertOptions copy() {
      return this;
    }

    @Override
    public KeyManagerFactory getKeyManagerFactory(Vertx vertx) {
      return factory;
    }

    @Override
    public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) {
      return name -> factory;
    }
  }

  /** One object for all copies: contexts are kept by it. */
  private static final class LiveTrust implements TrustOptions {
    private final TrustManagerFactory factory;
    private final TrustManager[] managers;

    LiveTrust(Certificates certificates, @Nullable String region) {
      managers = new TrustManager[] {new LiveTrustManager(certificates, region)};
      factory =
          new SimpleTrustManagerFactory() {
            @Override
            protected void engineInit(KeyStore store) {}

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {}

            @Override
            protected TrustManager[] engineGetTrustManagers() {
              return managers.clone();
            }
          };
    }

    @Override
    public TrustOptions copy() {
      return this;
    }

    @Override
    public TrustManagerFactory getTrustManagerFactory(Vertx vertx) {
      return factory;
    }

    @Override
    public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) {
      return name -> managers.clone();
    }
  }
}
