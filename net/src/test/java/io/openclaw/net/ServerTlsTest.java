package io.openclaw.net;

import static io.openclaw.net.PeersTransportTest.get;
import static io.openclaw.net.PeersTransportTest.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.ClientTls;
import io.openclaw.tls.Names;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.ServerTls;
import io.openclaw.tls.TlsEvents;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener that speaks TLS. */
final class ServerTlsTest {
  private static final String HOST = "127.0.0.1";
  private static final int HEADER_MILLIS = 700;
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: ([0-9]+)");
  private static final byte[] LIVEZ =
      "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  @TempDir Path folder = Path.of("");

  private final Vertx vertx = Vertx.builder().build();
  private final TlsEvents events = new TlsEvents(System::nanoTime);
  private final AtomicLong aheadMillis = new AtomicLong();
  private @Nullable TestCertificates issued;

  @BeforeEach
  void issue() throws IOException {
    issued = new TestCertificates(folder);
    issued.issue("server");
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private TestCertificates issued() {
    return java.util.Objects.requireNonNull(issued);
  }

  private CertificateFiles.Pair pair(String out) {
    return new CertificateFiles.Pair(issued().file(out, "tls.crt"), issued().file(out, "tls.key"));
  }

  private Certificates open(boolean demands, List<CertificateFiles.Named> names)
      throws IOException {
    return Certificates.open(
        new CertificateFiles(
            "http",
            pair("server"),
            demands ? issued().file("server", "ca.crt") : null,
            null,
            names),
        events,
        () -> System.currentTimeMillis() + aheadMillis.get());
  }

  private int start(Certificates certificates, boolean older) throws Exception {
    ApiSettings settings =
        new ApiSettings(HOST, 0, 1024, 1000, 2000, HEADER_MILLIS, 5000, 100, 100)
            .withTls(new ServerTls(certificates, older));
    MetricsPage page =
        new MetricsPage() {
          @Override
          public String type(@Nullable String accept) {
            return "text/plain";
          }

          @Override
          public byte[] render(String type) {
            return new byte[0];
          }
        };
    return get(MetricsServer.start(vertx, settings, new MetricsCache(vertx, page), CLOCK)).port();
  }

  private SSLContext client(@Nullable String shown) throws IOException {
    return ClientTls.context(
        issued().file("server", "ca.crt"),
        shown == null ? null : issued().file(shown, "tls.crt"),
        shown == null ? null : issued().file(shown, "tls.key"));
  }

  /** The status that a request gets; what the server shows is left in {@link #serverShowed}. */
  private int ask(SSLContext context, int port, String version, @Nullable String name)
      throws IOException {
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(4000);
      socket.setEnabledProtocols(new String[] {version});
      if (name != null) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        socket.setSSLParameters(parameters);
      }
      socket.getOutputStream().write(LIVEZ);
      byte[] head = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      if (head.length == 0) {
        throw new IOException("closed");
      }
      serverShowed = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return Integer.parseInt(
          new String(head, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length()));
    }
  }

  private @Nullable X509Certificate serverShowed;

  private String shownSerial() {
    return java.util.Objects.requireNonNull(serverShowed).getSerialNumber().toString(16);
  }

  @Test
  void both_versions_are_spoken_unless_the_older_one_is_switched_off() throws Exception {
    int both = start(open(false, List.of()), true);
    assertThat(ask(client(null), both, "TLSv1.3", null)).isEqualTo(200);
    assertThat(ask(client(null), both, "TLSv1.2", null)).isEqualTo(200);
    int newest = start(open(false, List.of()), false);
    assertThat(ask(client(null), newest, "TLSv1.3", null)).isEqualTo(200);
    assertThatThrownBy(() -> ask(client(null), newest, "TLSv1.2", null))
        .isInstanceOf(IOException.class);
    assertThat(within(2000, () -> refused(Refusal.HANDSHAKE) == 1))
        .as("%s", events.refusals())
        .isTrue();
  }

  private long refused(Refusal refusal) {
    return TestCertificates.refused(events, "http", refusal);
  }

  @Test
  void who_asks_for_a_server_name_is_shown_its_certificate() throws Exception {
    String org =
        issued()
            .authority()
            .issue(
                new io.openclaw.tls.AuthorityFolder.Wish(
                    "org", List.of(), List.of("*.example.org"), List.of()),
                folder.resolve("org"),
                Instant.now(),
                TestCertificates.DAY)
            .getSerialNumber()
            .toString(16);
    Certificates certificates =
        open(false, List.of(new CertificateFiles.Named("*.example.org", pair("org"))));
    int port = start(certificates, true);
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      ask(client(null), port, version, "api.example.org");
      assertThat(shownSerial()).isEqualTo(org);
      for (String other : List.of("example.org", "a.b.example.org", "example.com")) {
        ask(client(null), port, version, other);
        assertThat(shownSerial()).as(other).isEqualTo(certificates.serial());
      }
    }
    assertThatThrownBy(
            () -> open(false, List.of(new CertificateFiles.Named("api.com", pair("org")))))
        .hasMessageContaining("*.example.org")
        .hasMessageContaining("expected: api.com among them");
  }

  @Test
  void clients_without_a_believed_certificate_are_refused_where_one_is_demanded() throws Exception {
    int port = start(open(true, List.of()), true);
    issued().issue("router", List.of(Names.ROUTER), Instant.now(), TestCertificates.DAY);
    assertThat(ask(client("router"), port, "TLSv1.3", null)).isEqualTo(200);
    assertThatThrownBy(() -> ask(client("router"), port, "TLSv1.2", null))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ask(client(null), port, "TLSv1.3", null))
        .isInstanceOf(IOException.class);
    assertThat(within(2000, () -> refused(Refusal.NO_CERTIFICATE) == 1))
        .as("%s", events.refusals())
        .isTrue();
    issued().issue("ended", List.of(Names.ROUTER), Instant.now(), TestCertificates.DAY.negated());
    assertThatThrownBy(() -> ask(client("ended"), port, "TLSv1.3", null))
        .isInstanceOf(IOException.class);
    assertThat(refused(Refusal.EXPIRED)).isEqualTo(1);
  }

  @Test
  void nobody_goes_on_with_an_old_session_where_certificates_are_demanded() throws Exception {
    Certificates certificates = open(true, List.of());
    int port = start(certificates, true);
    issued().issue("router", List.of(Names.ROUTER), Instant.now(), TestCertificates.DAY);
    SSLContext keepsSessions = client("router");
    ask(keepsSessions, port, "TLSv1.3", null);
    String before = shownSerial();
    assertThat(before).isEqualTo(certificates.serial());
    issued().issue("server");
    assertThat(certificates.look()).isTrue();
    ask(keepsSessions, port, "TLSv1.3", null);
    assertThat(shownSerial())
        .as("a resumed session would show the old one")
        .isEqualTo(certificates.serial())
        .isNotEqualTo(before);
    issued().authority().rotate(Instant.now());
    issued().issue("server");
    assertThat(certificates.look()).isTrue();
    SSLContext knowsBoth = client("router");
    assertThat(ask(knowsBoth, port, "TLSv1.3", null)).isEqualTo(200);
    issued().authority().finish();
    issued().issue("server");
    assertThat(certificates.look()).isTrue();
    assertThatThrownBy(() -> ask(knowsBoth, port, "TLSv1.3", null)).isInstanceOf(IOException.class);
    assertThat(refused(Refusal.UNKNOWN_CA)).isEqualTo(1);
  }

  @Test
  void a_connection_ends_when_its_client_is_not_believed_any_more() throws Exception {
    Certificates certificates = open(true, List.of());
    int port = start(certificates, true);
    issued().issue("router", List.of(Names.ROUTER), Instant.now(), TestCertificates.DAY);
    try (Socket socket = client("router").getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(3000);
      socket.getOutputStream().write(LIVEZ);
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      issued().authority().rotate(Instant.now());
      issued().authority().finish();
      issued().issue("server");
      assertThat(certificates.look()).isTrue();
      assertThat(socket.getInputStream().readAllBytes()).as("read to its end").isNotEmpty();
    }
    assertThat(refused(Refusal.UNKNOWN_CA)).isEqualTo(1);
  }

  @Test
  void a_connection_ends_within_a_minute_when_its_client_s_certificate_does() throws Exception {
    Certificates certificates = open(true, List.of());
    int port = start(certificates, true);
    issued().issue("router", List.of(Names.ROUTER), Instant.now(), Duration.ofHours(1));
    issued().issue("other", List.of(Names.ROUTER), Instant.now(), TestCertificates.DAY);
    try (Socket socket = keptAlive("router", port);
        Socket other = keptAlive("other", port)) {
      aheadMillis.set(Duration.ofHours(2).toMillis());
      for (int second = 0; second < 60; second++) {
        assertThat(refused(Refusal.EXPIRED)).isZero();
        assertThat(certificates.look()).as("no file has changed").isFalse();
      }
      assertThat(socket.getInputStream().read()).as("ended").isEqualTo(-1);
      other.getOutputStream().write(LIVEZ);
      assertThat(status(other)).as("goes on").isEqualTo("HTTP/1.1 200 OK");
    }
    assertThat(refused(Refusal.EXPIRED)).isEqualTo(1);
  }

  /** A connection over which a request was answered. */
  private Socket keptAlive(String shown, int port) throws IOException {
    Socket socket = client(shown).getSocketFactory().createSocket(HOST, port);
    socket.setSoTimeout(3000);
    socket.getOutputStream().write(LIVEZ);
    assertThat(status(socket)).isEqualTo("HTTP/1.1 200 OK");
    return socket;
  }

  /** An answer's first line; the whole answer is read. */
  private static String status(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed after " + head);
      }
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head);
    assertThat(length.find()).as("%s", head).isTrue();
    socket.getInputStream().skipNBytes(Long.parseLong(length.group(1)));
    return head.substring(0, head.indexOf("\r\n"));
  }

  @Test
  void who_says_nothing_or_not_enough_is_cut() throws Exception {
    int port = start(open(false, List.of()), true);
    byte[] halfAHello = {0x16, 3, 1, 2, 0, 1};
    for (byte[] said : List.of(new byte[0], halfAHello)) {
      try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(10 * HEADER_MILLIS);
        socket.getOutputStream().write(said);
        assertThat(socket.getInputStream().readAllBytes().length).isLessThan(100);
      }
    }
    SSLContext context = client(null);
    try (Socket socket = context.getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(10 * HEADER_MILLIS);
      socket.getOutputStream().write("GET /livez HT".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void random_bytes_are_no_handshake_and_harm_nobody() throws Exception {
    int port = start(open(false, List.of()), true);
    byte[] noise = new byte[512];
    new SecureRandom().nextBytes(noise);
    for (int i = 0; i < 20; i++) {
      try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(4000);
        socket.getOutputStream().write(noise);
        assertThat(socket.getInputStream().readAllBytes().length).isLessThan(100);
      } catch (java.net.SocketException e) {
        // reset: as good
      }
    }
    assertThat(ask(client(null), port, "TLSv1.3", null)).isEqualTo(200);
  }
}
