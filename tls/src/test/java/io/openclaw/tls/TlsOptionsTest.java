package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's client offers another region. */
class TlsOptionsTest {
  private static final int WAIT_MILLIS = 10_000;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder = Path.of("");

  @BeforeEach
  void certificates() throws Exception {
    AuthorityFolder authority = new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
    authority.init(Instant.now());
    for (String region : List.of("eu", "us")) {
      authority.issue(
          new AuthorityFolder.Wish(region, List.of(Names.region(region)), List.of(), List.of()),
          folder.resolve(region),
          Instant.now(),
          Duration.ofDays(1));
    }
  }

  private Path file(String region, String name) {
    return folder.resolve(region).resolve(name);
  }

  private Certificates open(String region) throws Exception {
    return Certificates.open(
        new CertificateFiles(
            "mesh",
            new CertificateFiles.Pair(file(region, "tls.crt"), file(region, "tls.key")),
            file(region, "ca.crt"),
            region,
            List.of()),
        new TlsEvents(System::nanoTime),
        System::currentTimeMillis);
  }

  /** The region us, which speaks only one version. */
  private SSLServerSocket us(String version) throws Exception {
    SSLServerSocket listening =
        (SSLServerSocket)
            ClientTls.context(file("us", "ca.crt"), file("us", "tls.crt"), file("us", "tls.key"))
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listening.setSoTimeout(WAIT_MILLIS);
    listening.setEnabledProtocols(new String[] {version});
    listening.setNeedClientAuth(true);
    return listening;
  }

  private static String serveOne(SSLServerSocket listening) {
    try (SSLSocket socket = (SSLSocket) listening.accept()) {
      socket.setSoTimeout(WAIT_MILLIS);
      socket.startHandshake();
      BufferedReader head =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String line = head.readLine();
      while (line != null && !line.isEmpty()) {
        line = head.readLine();
      }
      socket.getOutputStream().write(ANSWER);
      return socket.getSession().getProtocol();
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private String ask(SSLServerSocket listening, String region) throws Exception {
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    TlsOptions.client(builder, open("eu"), region);
    try (HttpClient client = builder.build()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("https://127.0.0.1:" + listening.getLocalPort() + "/"))
                  .timeout(Duration.ofMillis(WAIT_MILLIS))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void a_region_is_offered_tls_1_3_alone_and_the_name_is_still_compared() throws Exception {
    try (SSLServerSocket listening = us("TLSv1.3")) {
      CompletableFuture<String> served = CompletableFuture.supplyAsync(() -> serveOne(listening));
      assertThat(ask(listening, "us")).isEqualTo("ok");
      assertThat(served.get(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo("TLSv1.3");
    }
    try (SSLServerSocket listening = us("TLSv1.3")) {
      CompletableFuture<String> served = CompletableFuture.supplyAsync(() -> serveOne(listening));
      assertThatThrownBy(() -> ask(listening, "ap")).hasMessageContaining("openclaw://region/ap");
      served.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }
    try (SSLServerSocket listening = us("TLSv1.2")) {
      CompletableFuture<String> served = CompletableFuture.supplyAsync(() -> serveOne(listening));
      assertThatThrownBy(() -> ask(listening, "us")).isInstanceOf(SSLHandshakeException.class);
      assertThat(served.get(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo("SSLHandshakeException");
    }
  }
}
