package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that change while the program runs. */
class CertificatesTest {
  private static final Duration MONTH = Duration.ofDays(30);

  @TempDir Path folder = Path.of("");

  private final AtomicLong wall = new AtomicLong(System.currentTimeMillis());
  private final TlsEvents events = new TlsEvents(System::nanoTime);

  @BeforeEach
  void first_certificates() throws IOException {
    authority().init(now());
    issue("eu", "in", MONTH);
  }

  private AuthorityFolder authority() {
    return new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
  }

  private Instant now() {
    return Instant.ofEpochMilli(wall.get());
  }

  private String issue(String region, String out, Duration lifetime) throws IOException {
    return authority()
        .issue(
            new AuthorityFolder.Wish(region, List.of(Names.region(region)), List.of(), List.of()),
            folder.resolve(out),
            now(),
            lifetime)
        .getSerialNumber()
        .toString(16);
  }

  private CertificateFiles files() {
    Path in = folder.resolve("in");
    return new CertificateFiles("mesh", pair(in), in.resolve("ca.crt"), "eu", List.of());
  }

  private Certificates open() throws IOException {
    return Certificates.open(files(), events, wall::get);
  }

  private void copy(String from, String name) throws IOException {
    Files.copy(
        folder.resolve(from).resolve(name),
        folder.resolve("in").resolve(name),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private long count(String result) {
    var counter = events.reloads().get(new TlsEvents.Kind("mesh", result));
    return counter == null ? 0 : counter.sum();
  }

  @Test
  void a_new_pair_is_taken_once_both_files_are_there() throws Exception {
    Certificates certificates = open();
    AtomicInteger told = new AtomicInteger();
    certificates.onChange(told::incrementAndGet);
    String before = certificates.serial();
    String after = issue("eu", "next", MONTH);
    assertThat(certificates.look()).isFalse();
    copy("next", "tls.key");
    assertThat(certificates.look()).as("the key alone").isFalse();
    assertThat(certificates.serial()).isEqualTo(before);
    copy("next", "tls.crt");
    assertThat(certificates.look()).isTrue();
    assertThat(certificates.serial()).isEqualTo(after);
    assertThat(told).hasValue(1);
    assertThat(count("taken")).isEqualTo(1);
    assertThat(count("refused")).as("half a pair for a moment is no fault").isZero();
  }

  @Test
  void a_wrong_key_is_refused_once_and_the_last_good_pair_stays() throws Exception {
    Certificates certificates = open();
    String before = certificates.serial();
    issue("eu", "next", MONTH);
    copy("next", "tls.key");
    for (int i = 0; i < 30; i++) {
      assertThat(certificates.look()).isFalse();
    }
    assertThat(certificates.serial()).isEqualTo(before);
    assertThat(count("refused")).isEqualTo(1);
    copy("next", "tls.crt");
    assertThat(certificates.look()).isTrue();
  }

  @Test
  void a_half_written_file_and_one_that_is_gone_are_not_taken() throws Exception {
    Certificates certificates = open();
    Path cert = folder.resolve("in/tls.crt");
    String whole = Files.readString(cert);
    Files.writeString(cert, whole.substring(0, whole.length() / 2));
    assertThat(certificates.look()).isFalse();
    Files.delete(cert);
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.look()).isFalse();
    assertThat(count("refused")).isEqualTo(1);
    String after = issue("eu", "in", MONTH);
    assertThat(certificates.look()).isTrue();
    assertThat(certificates.serial()).isEqualTo(after);
  }

  @Test
  void expired_ones_and_those_of_another_region_are_not_taken() throws Exception {
    Certificates certificates = open();
    String before = certificates.serial();
    issue("eu", "in", Duration.ofDays(-2));
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.look()).isFalse();
    issue("us", "in", MONTH);
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.serial()).isEqualTo(before);
    assertThat(count("refused")).isEqualTo(2);
    assertThatThrownBy(this::open)
        .hasMessageContaining("openclaw://region/us")
        .hasMessageContaining("expected: openclaw://region/eu");
  }

  @Test
  void a_server_name_whose_certificate_expired_is_warned_of_and_keeps_no_other_from_being_renewed()
      throws Exception {
    issueFor("ended.example.com", Duration.ofDays(-2));
    issueFor("good.example.com", MONTH);
    try (Warnings warnings = new Warnings()) {
      Certificates certificates =
          Certificates.open(named("ended.example.com", "good.example.com"), events, wall::get);
      assertThat(warnings.lines)
          .singleElement()
          .asString()
          .startsWith("http: certificate CN=ended.example.com ")
          .contains(" ended at ");
      String after = issue("eu", "in", MONTH);
      assertThat(certificates.look()).isTrue();
      assertThat(certificates.serial()).isEqualTo(after);
      issueFor("good.example.com", MONTH);
      assertThat(certificates.look()).isTrue();
    }
    issue("eu", "in", Duration.ofDays(-2));
    assertThatThrownBy(() -> Certificates.open(named("good.example.com"), events, wall::get))
        .hasMessageContaining("in/tls.crt")
        .hasMessageContaining("expired at");
    issue("eu", "in", MONTH);
    Files.copy(
        folder.resolve("in/tls.key"),
        folder.resolve("ended.example.com/tls.key"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> Certificates.open(named("ended.example.com"), events, wall::get))
        .hasMessageContaining("another key");
  }

  private void issueFor(String name, Duration lifetime) throws IOException {
    authority()
        .issue(
            new AuthorityFolder.Wish(name, List.of(), List.of(name), List.of()),
            folder.resolve(name),
            now(),
            lifetime);
  }

  private CertificateFiles named(String... names) {
    CertificateFiles.Pair own = Objects.requireNonNull(files().identity());
    List<CertificateFiles.Named> others =
        Stream.of(names)
            .map(name -> new CertificateFiles.Named(name, pair(folder.resolve(name))))
            .toList();
    return new CertificateFiles("http", own, null, null, others);
  }

  private static CertificateFiles.Pair pair(Path in) {
    return new CertificateFiles.Pair(in.resolve("tls.crt"), in.resolve("tls.key"));
  }

  /** What is logged as a warning while it is open. */
  private static final class Warnings extends Handler implements AutoCloseable {
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("io.openclaw.tls");

    Warnings() {
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
      if (line.getLevel().equals(Level.WARNING)) {
        lines.add(line.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }

  @Test
  void a_certificate_that_begins_later_is_taken_when_its_time_has_come() throws Exception {
    Certificates certificates = open();
    String later = issue("eu", "in", MONTH);
    wall.addAndGet(-3_600_000);
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.look()).isFalse();
    wall.addAndGet(3_600_000);
    for (int i = 0; i < 10; i++) {
      certificates.look();
    }
    assertThat(certificates.serial()).isEqualTo(later);
  }

  @Test
  void the_authority_is_changed_with_overlap() throws Exception {
    Certificates certificates = open();
    X509 old = new X509("in");
    authority().rotate(now());
    issue("eu", "in", MONTH);
    assertThat(certificates.look()).isTrue();
    old.mustBeBelievedBy(certificates);
    authority().finish();
    issue("eu", "in", MONTH);
    assertThat(certificates.look()).isTrue();
    assertThatThrownBy(() -> old.mustBeBelievedBy(certificates))
        .isInstanceOfSatisfying(
            RefusedCertificateException.class,
            e -> assertThat(e.refusal()).isEqualTo(Refusal.UNKNOWN_CA));
  }

  /** A chain as it was. */
  private final class X509 {
    private final List<java.security.cert.Certificate> chain;

    X509(String from) throws IOException {
      Path file = folder.resolve(from).resolve("tls.crt");
      chain = List.copyOf(Pem.certificates(file, Pem.read(file)));
    }

    void mustBeBelievedBy(Certificates certificates) throws RefusedCertificateException {
      PeerCheck.client(certificates, chain, "eu");
    }
  }

  @Test
  void a_trust_that_would_refuse_the_own_certificate_is_not_taken() throws Exception {
    Certificates certificates = open();
    authority().rotate(now());
    authority().finish();
    issue("eu", "next", MONTH);
    copy("next", "ca.crt"); // without the certificate that goes with it
    assertThat(certificates.look()).isFalse();
    assertThat(certificates.look()).isFalse();
    assertThat(count("refused")).isEqualTo(1);
    assertThatThrownBy(this::open).hasMessageContaining("other regions would refuse it");
  }

  @Test
  void the_links_of_a_mounted_secret_are_followed() throws Exception {
    Path link = folder.resolve("data");
    issue("eu", "v1", MONTH);
    Files.createSymbolicLink(link, folder.resolve("v1"));
    Certificates certificates =
        Certificates.open(
            new CertificateFiles(
                "mesh",
                new CertificateFiles.Pair(link.resolve("tls.crt"), link.resolve("tls.key")),
                link.resolve("ca.crt"),
                "eu",
                List.of()),
            events,
            wall::get);
    String after = issue("eu", "v2", MONTH);
    Path next = folder.resolve("data.next");
    Files.createSymbolicLink(next, folder.resolve("v2"));
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    assertThat(certificates.look()).isTrue();
    assertThat(certificates.serial()).isEqualTo(after);
  }

  @Test
  void a_handshake_that_began_with_the_old_pair_ends_with_it() throws Exception {
    Certificates certificates = open();
    LiveKeyManager keys = new LiveKeyManager(certificates);
    String alias = Objects.requireNonNull(keys.chooseEngineServerAlias("EC", null, null));
    String before = certificates.serial();
    issue("eu", "in", MONTH);
    assertThat(certificates.look()).isTrue();
    assertThat(Objects.requireNonNull(keys.getCertificateChain(alias))[0].getSerialNumber())
        .hasToString(new java.math.BigInteger(before, 16).toString());
    assertThat(keys.getPrivateKey(alias)).isNotNull();
    assertThat(keys.chooseEngineServerAlias("EC", null, null)).isNotEqualTo(alias);
    assertThat(keys.chooseEngineServerAlias("RSA", null, null)).isNull();
  }

  @Test
  void the_files_say_when_they_end() throws Exception {
    Map<Path, Long> ends = open().notAfterSeconds();
    assertThat(ends).containsOnlyKeys(folder.resolve("in/tls.crt"), folder.resolve("in/ca.crt"));
    assertThat(ends.get(folder.resolve("in/tls.crt")))
        .isEqualTo(now().plus(MONTH).getEpochSecond());
  }
}
