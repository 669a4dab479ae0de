package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the small authority issues, as the JDK and OpenSSL read it. */
class AuthorityFolderTest {
  private static final Duration QUARTER = Duration.ofDays(90);

  private final Instant now = Instant.now();

  @TempDir Path folder = Path.of("");

  private AuthorityFolder authority() {
    return new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
  }

  private X509Certificate issue(String out) throws IOException {
    return authority()
        .issue(
            new AuthorityFolder.Wish(
                "eu",
                List.of(Names.region("eu")),
                List.of("eu.example.com"),
                List.of("10.0.0.5", "2001:db8::7")),
            folder.resolve(out),
            now,
            QUARTER);
  }

  private void check(Path bundle, Path chain) throws Exception {
    Trust trust = new Trust(Pem.certificates(bundle, Pem.read(bundle)));
    X509Certificate[] all =
        Pem.certificates(chain, Pem.read(chain)).toArray(new X509Certificate[0]);
    trust.check(all, "UNKNOWN", true, now.toEpochMilli());
    trust.check(all, "UNKNOWN", false, now.toEpochMilli());
  }

  @Test
  void what_is_issued_is_believed_and_says_what_was_asked_for() throws Exception {
    authority().init(now);
    X509Certificate issued = issue("eu");
    check(folder.resolve("ca/ca.crt"), folder.resolve("eu/tls.crt"));
    assertThat(Names.all(issued))
        .containsExactly(
            "openclaw://region/eu", "eu.example.com", "10.0.0.5", "2001:db8:0:0:0:0:0:7");
    assertThat(issued.getSerialNumber().bitLength()).isEqualTo(129);
    assertThat(issued.getBasicConstraints()).as("no authority").isEqualTo(-1);
    assertThat(issued.getNotAfter().toInstant())
        .isEqualTo(Instant.ofEpochSecond(now.plus(QUARTER).getEpochSecond()));
    assertThat(issue("eu").getSerialNumber()).isNotEqualTo(issued.getSerialNumber());
  }

  @Test
  void keys_are_only_their_owners() throws Exception {
    authority().init(now);
    issue("eu");
    authority().rotate(now);
    for (String key : List.of("ca/authority.key", "ca/previous.key", "eu/tls.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void during_a_rotation_old_and_new_are_believed_by_who_knows_either() throws Exception {
    authority().init(now);
    issue("old");
    authority().rotate(now);
    issue("new");
    check(folder.resolve("new/ca.crt"), folder.resolve("old/tls.crt"));
    check(folder.resolve("new/ca.crt"), folder.resolve("new/tls.crt"));
    check(folder.resolve("old/ca.crt"), folder.resolve("new/tls.crt"));
    authority().finish();
    check(folder.resolve("ca/ca.crt"), folder.resolve("new/tls.crt"));
    assertThatThrownBy(() -> check(folder.resolve("ca/ca.crt"), folder.resolve("old/tls.crt")))
        .isInstanceOfSatisfying(
            RefusedCertificateException.class,
            e -> assertThat(e.refusal()).isEqualTo(Refusal.UNKNOWN_CA));
  }

  @Test
  void a_second_authority_or_rotation_is_refused() throws Exception {
    assertThatThrownBy(() -> issue("eu")).hasMessageContaining("openclaw cert init");
    assertThatThrownBy(() -> authority().finish()).hasMessageContaining("previous.crt");
    authority().init(now);
    assertThatThrownBy(() -> authority().init(now)).hasMessageContaining("already");
    authority().rotate(now);
    assertThatThrownBy(() -> authority().rotate(now)).hasMessageContaining("under way");
  }

  /** Ends there, as by a crash or a full disk. */
  private static void stopIf(boolean stops) throws IOException {
    if (stops) {
      throw new IOException("stopped");
    }
  }

  private boolean isStopped(WholeFiles.Steps steps) throws IOException {
    try {
      new AuthorityFolder(folder.resolve("ca"), new SecureRandom(), steps).rotate(now);
      return false;
    } catch (IOException e) {
      assertThat(e).hasMessage("stopped");
      return true;
    }
  }

  @Test
  void a_rotation_that_stops_at_any_step_leaves_an_authority_that_issues_and_can_be_rotated()
      throws Exception {
    boolean stopped = true;
    int steps = 0;
    for (; stopped; steps++) {
      deleteAll(folder.resolve("ca"));
      authority().init(now);
      issue("old");
      int last = steps;
      AtomicInteger taken = new AtomicInteger();
      stopped = isStopped(step -> stopIf(taken.getAndIncrement() == last));
      issue("new");
      check(folder.resolve("ca/ca.crt"), folder.resolve("new/tls.crt"));
      check(folder.resolve("old/ca.crt"), folder.resolve("new/tls.crt"));
      check(folder.resolve("new/ca.crt"), folder.resolve("old/tls.crt"));
      if (!Files.exists(folder.resolve("ca/previous.crt"))) {
        authority().rotate(now);
      }
      issue("next");
      check(folder.resolve("old/ca.crt"), folder.resolve("next/tls.crt"));
      authority().finish();
      check(folder.resolve("ca/ca.crt"), folder.resolve("next/tls.crt"));
      try (Stream<Path> left = Files.list(folder.resolve("ca"))) {
        assertThat(left.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder("authority.crt", "authority.key", "ca.crt");
      }
    }
    assertThat(steps).as("rounds: one for each step, and one without a stop").isEqualTo(15);
  }

  private static void deleteAll(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void a_rotation_that_is_interrupted_late_is_completed_by_the_next_command_but_not_finished()
      throws Exception {
    authority().init(now);
    byte[] old = Files.readAllBytes(folder.resolve("ca/authority.key"));
    WholeFiles.Steps late = step -> stopIf(step.equals("rename next.crt"));
    assertThat(isStopped(late)).isTrue();
    assertThat(folder.resolve("ca/next.crt")).exists();
    assertThat(folder.resolve("ca/next.key")).as("already in its place").doesNotExist();
    assertThatThrownBy(() -> authority().finish()).hasMessageContaining("complete only now");
    assertThat(folder.resolve("ca/previous.key")).hasBinaryContent(old);
    authority().finish();
    assertThat(folder.resolve("ca/previous.key")).doesNotExist();
    assertThat(isStopped(late)).isTrue();
    authority().rotate(now);
    assertThatThrownBy(() -> authority().rotate(now)).hasMessageContaining("under way");
  }

  @Test
  void a_key_that_is_another_certificate_s_issues_nothing_and_the_message_says_what_to_do()
      throws Exception {
    authority().init(now);
    new AuthorityFolder(folder.resolve("other"), new SecureRandom()).init(now);
    Files.copy(
        folder.resolve("other/authority.key"),
        folder.resolve("ca/authority.key"),
        StandardCopyOption.REPLACE_EXISTING);
    for (ThrowingCallable command :
        List.<ThrowingCallable>of(() -> issue("eu"), () -> authority().rotate(now))) {
      assertThatThrownBy(command)
          .hasMessageContaining("authority.key: another key than that of")
          .hasMessageContaining("expected: a pair; put both back from a backup");
    }
    assertThat(folder.resolve("eu")).doesNotExist();
  }

  @Test
  void a_voucher_for_an_authority_that_never_came_is_not_given_away() throws Exception {
    authority().init(now);
    AuthorityFolder other = new AuthorityFolder(folder.resolve("other"), new SecureRandom());
    other.init(now);
    other.rotate(now);
    Files.copy(folder.resolve("other/voucher.crt"), folder.resolve("ca/voucher.crt"));
    issue("eu");
    assertThat(AuthorityFolder.certificates(folder.resolve("eu/tls.crt"))).hasSize(1);
  }

  @Test
  void an_authority_whose_making_was_interrupted_is_made_again() throws Exception {
    for (String stop : List.of("rename ca.crt.tmp", "write authority.key")) {
      AuthorityFolder half =
          new AuthorityFolder(
              folder.resolve("ca"), new SecureRandom(), step -> stopIf(step.equals(stop)));
      assertThatThrownBy(() -> half.init(now)).hasMessage("stopped");
      assertThatThrownBy(() -> issue("eu")).hasMessageContaining("openclaw cert init");
    }
    authority().init(now);
    issue("eu");
    check(folder.resolve("ca/ca.crt"), folder.resolve("eu/tls.crt"));
  }

  @Test
  void openssl_finds_nothing_wrong_with_it() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "no openssl here");
    authority().init(now);
    issue("old");
    authority().rotate(now);
    issue("new");
    assertThat(openssl("verify", "-x509_strict", "-CAfile", "new/ca.crt", "new/tls.crt"))
        .contains("OK");
    assertThat(
            openssl(
                "verify",
                "-x509_strict",
                "-CAfile",
                "old/ca.crt",
                "-untrusted",
                "new/tls.crt",
                "new/tls.crt"))
        .contains("OK");
    assertThat(openssl("x509", "-in", "new/tls.crt", "-noout", "-ext", "subjectAltName"))
        .contains("URI:openclaw://region/eu", "DNS:eu.example.com", "IP Address:10.0.0.5");
  }

  private String openssl(String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("/usr/bin/openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return out;
  }
}
