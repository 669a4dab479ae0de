package io.openclaw.net;

import static io.openclaw.net.PeersTransportTest.SECRET;
import static io.openclaw.net.PeersTransportTest.freePort;
import static io.openclaw.net.PeersTransportTest.get;
import static io.openclaw.net.PeersTransportTest.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Clock;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshView;
import io.openclaw.mesh.MeshView.State;
import io.openclaw.mesh.TestTable;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.ClientTls;
import io.openclaw.tls.Names;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.TlsEvents;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes whose streams are TLS, and who is not let in. */
final class PeersTlsTest {
  private static final String HOST = "127.0.0.1";
  private static final List<String> REGIONS = List.of("ap", "eu", "us");
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

  private final TlsEvents events = new TlsEvents(System::nanoTime);
  private final AtomicLong aheadMillis = new AtomicLong();
  private final Map<String, PeersSettings.Address> addresses = new TreeMap<>();
  private final Map<String, PeersNode> nodes = new TreeMap<>();
  private final Map<String, Certificates> certificates = new TreeMap<>();
  private @Nullable TestCertificates issued;

  @BeforeEach
  void issueCertificates() throws Exception {
    issued = new TestCertificates(folder);
    for (String region : REGIONS) {
      addresses.put(region, new PeersSettings.Address(HOST, freePort()));
      issued().issue(region);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (PeersNode node : nodes.values()) {
      get(node.close());
    }
  }

  private TestCertificates issued() {
    return Objects.requireNonNull(issued);
  }

  private void start(String region) throws Exception {
    start(region, addresses);
  }

  private void start(String region, Map<String, PeersSettings.Address> where) throws Exception {
    Map<String, PeersSettings.Address> peers = new TreeMap<>(where);
    int port = Objects.requireNonNull(peers.remove(region)).port();
    Certificates own = issued().open(region, region, region, events, aheadMillis);
    certificates.put(region, own);
    nodes.put(
        region,
        get(
            PeersNode.start(
                MeshSettings.of(region, List.copyOf(peers.keySet()), 1),
                new PeersSettings(region, HOST, port, peers, SECRET),
                own,
                List.of(new TestTable("test")),
                null,
                NoRequests.NONE,
                CLOCK)));
  }

  private void startAll() throws Exception {
    for (String region : REGIONS) {
      start(region);
    }
    assertThat(within(8000, this::allUp)).as("%s", events.refusals()).isTrue();
  }

  private List<MeshView.Peer> views() {
    List<MeshView.Peer> views = new ArrayList<>();
    nodes.values().forEach(node -> views.addAll(node.view().peers().values()));
    return views;
  }

  private boolean allUp() {
    return views().stream().allMatch(peer -> peer.state() == State.UP);
  }

  private long suspicions() {
    return views().stream().mapToLong(peer -> peer.counters().suspicions()).sum();
  }

  private boolean isSeenByAll(String region, String serial) {
    return REGIONS.stream()
        .filter(other -> !other.equals(region))
        .map(other -> events.peers().get(new TlsEvents.Peer(other, Names.region(region))))
        .allMatch(seen -> seen != null && seen.toString(16).equals(serial));
  }

  private void changeAll() throws Exception {
    Map<String, String> serials = new TreeMap<>();
    for (String region : REGIONS) {
      serials.put(region, issued().issue(region));
    }
    for (Certificates each : certificates.values()) {
      assertThat(each.look()).isTrue();
    }
    for (String region : REGIONS) {
      String serial = Objects.requireNonNull(serials.get(region));
      assertThat(within(4000, () -> isSeenByAll(region, serial)))
          .as("%s shows %s: %s, %s", region, serial, events.peers(), events.refusals())
          .isTrue();
    }
    // Each pair has met by one of its two streams: the other is renewed by then, too.
    Thread.sleep(2 * PeersRenewal.PAUSE_MILLIS);
  }

  @Test
  void nobody_is_suspected_while_certificates_and_then_the_authority_change() throws Exception {
    startAll();
    long before = suspicions();
    changeAll();
    changeAll();
    issued().authority().rotate(Instant.now());
    changeAll();
    issued().authority().finish();
    changeAll();
    assertThat(suspicions() - before).as("%s", views()).isZero();
    assertThat(allUp()).isTrue();
    assertThat(events.refusals()).isEmpty();
  }

  @Test
  void regions_that_change_at_different_times_understand_each_other() throws Exception {
    startAll();
    long before = suspicions();
    issued().authority().rotate(Instant.now());
    for (String region : REGIONS) {
      String serial = issued().issue(region);
      assertThat(Objects.requireNonNull(certificates.get(region)).look()).isTrue();
      assertThat(within(4000, () -> isSeenByAll(region, serial)))
          .as("%s: %s", region, events.refusals())
          .isTrue();
    }
    assertThat(suspicions() - before).isZero();
    assertThat(events.refusals()).isEmpty();
  }

  private HttpResponse<String> ask(int port, String region, @Nullable String shown)
      throws IOException, InterruptedException {
    Path cert = shown == null ? null : issued().file(shown, "tls.crt");
    Path key = shown == null ? null : issued().file(shown, "tls.key");
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(ClientTls.context(issued().file("eu", "ca.crt"), cert, key))
            .build()) {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create("https://" + HOST + ":" + port + PeersTransport.REQUESTS + "x"))
              .header(PeersTransport.REGION_HEADER, region)
              .header("authorization", "Bearer " + SECRET)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private void mustBeRefused(String shown, Refusal refusal) throws Exception {
    int port = Objects.requireNonNull(addresses.get("eu")).port();
    long before = TestCertificates.refused(events, "eu", refusal);
    String file = shown.isEmpty() ? null : shown;
    try {
      HttpResponse<String> answer = ask(port, "us", file);
      assertThat(answer.statusCode()).as(shown).isEqualTo(403);
      assertThat(answer.headers().firstValue(PeersTransport.REFUSED_HEADER))
          .hasValue(refusal.word());
    } catch (IOException e) {
      assertThat(e).as("a handshake that failed").isNotNull();
    }
    assertThat(within(2000, () -> TestCertificates.refused(events, "eu", refusal) > before))
        .as("%s: %s", shown, events.refusals())
        .isTrue();
  }

  @Test
  void who_is_not_let_in_is_refused_by_name() throws Exception {
    start("eu");
    int port = Objects.requireNonNull(addresses.get("eu")).port();
    assertThat(ask(port, "us", "us").statusCode()).as("believed, nothing there").isEqualTo(404);
    List<String> us = List.of(Names.region("us"));
    Instant now = Instant.now();
    issued().issue("expired", us, now, TestCertificates.DAY.negated());
    mustBeRefused("expired", Refusal.EXPIRED);
    issued().issue("later", us, now.plus(TestCertificates.DAY), TestCertificates.DAY);
    mustBeRefused("later", Refusal.NOT_YET_VALID);
    mustBeRefused("ap", Refusal.WRONG_NAME);
    issued().issue("router", List.of(Names.ROUTER), now, TestCertificates.DAY);
    mustBeRefused("router", Refusal.WRONG_NAME);
    mustBeRefused("", Refusal.NO_CERTIFICATE);
    TestCertificates strangers = new TestCertificates(folder.resolve("strangers"));
    strangers.issue("us");
    mustBeRefused("strangers/us", Refusal.UNKNOWN_CA);
  }

  @Test
  void clear_text_is_refused() throws Exception {
    start("eu");
    int port = Objects.requireNonNull(addresses.get("eu")).port();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + port + "/")).build();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> client.send(request, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
    assertThat(within(2000, () -> TestCertificates.refused(events, "eu", Refusal.HANDSHAKE) >= 1))
        .as("%s", events.refusals())
        .isTrue();
  }

  @Test
  void a_dial_that_reaches_another_region_is_given_up() throws Exception {
    Map<String, PeersSettings.Address> crossed = new TreeMap<>(addresses);
    crossed.put("us", Objects.requireNonNull(addresses.get("ap")));
    start("ap");
    start("eu", crossed);
    assertThat(within(4000, () -> TestCertificates.refused(events, "eu", Refusal.WRONG_NAME) >= 1))
        .as("%s", events.refusals())
        .isTrue();
    MeshView.Peer us = nodes().view().peers().get("us");
    assertThat(Objects.requireNonNull(us).state()).isNotEqualTo(State.UP);
  }

  private PeersNode nodes() {
    return Objects.requireNonNull(nodes.get("eu"));
  }

  @Test
  void streams_of_a_peer_end_within_a_minute_when_its_certificate_does() throws Exception {
    issued().issue("us", List.of(Names.region("us")), Instant.now(), Duration.ofHours(1));
    startAll();
    aheadMillis.set(Duration.ofHours(2).toMillis());
    Certificates eu = Objects.requireNonNull(certificates.get("eu"));
    for (int second = 0; second < 60; second++) {
      assertThat(eu.look()).as("no file has changed").isFalse();
    }
    assertThat(
            within(
                8000,
                () ->
                    TestCertificates.refused(events, "eu", Refusal.EXPIRED) >= 1
                        && Objects.requireNonNull(nodes().view().peers().get("us")).state()
                            != State.UP
                        && Objects.requireNonNull(nodes().view().peers().get("ap")).state()
                            == State.UP))
        .as("%s, %s", nodes().view().peers(), events.refusals())
        .isTrue();
  }

  @Test
  void streams_of_an_authority_that_is_dropped_end() throws Exception {
    startAll();
    issued().authority().rotate(Instant.now());
    for (String region : List.of("ap", "eu")) {
      issued().issue(region);
      Objects.requireNonNull(certificates.get(region)).look();
    }
    issued().authority().finish(); // the region us keeps what the old one issued
    for (String region : List.of("ap", "eu")) {
      issued().issue(region);
      Objects.requireNonNull(certificates.get(region)).look();
    }
    assertThat(
            within(
                8000,
                () ->
                    TestCertificates.refused(events, "eu", Refusal.UNKNOWN_CA) >= 1
                        && Objects.requireNonNull(nodes().view().peers().get("us")).state()
                            != State.UP
                        && Objects.requireNonNull(nodes().view().peers().get("ap")).state()
                            == State.UP))
        .as("%s", nodes().view().peers())
        .isTrue();
  }
}
