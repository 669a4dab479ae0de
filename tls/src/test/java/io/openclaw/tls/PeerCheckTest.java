package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate is believed to be one region's only; checkers that believe more are found out. */
class PeerCheckTest {
  @TempDir Path folder = Path.of("");

  private final List<String> wronglyBelieved = new ArrayList<>();

  @BeforeEach
  void authority() throws IOException {
    new AuthorityFolder(folder, new SecureRandom()).init(Instant.now());
  }

  private X509Certificate issued(String subject, List<String> uris, List<String> dns)
      throws IOException {
    return new AuthorityFolder(folder, new SecureRandom())
        .issue(
            new AuthorityFolder.Wish(subject, uris, dns, List.of()),
            folder.resolve("out"),
            Instant.now(),
            Duration.ofDays(1));
  }

  /** Whether a checker tells the region eu from everybody else. */
  private boolean isSound(BiPredicate<X509Certificate, String> checker) throws IOException {
    wronglyBelieved.clear();
    boolean own = checker.test(issued("x", List.of(Names.region("eu")), List.of()), "eu");
    List<List<String>> others =
        List.of(
            List.of(),
            List.of(Names.ROUTER),
            List.of(Names.region("us")),
            List.of(Names.region("eu-west")),
            List.of(Names.region("EU")),
            List.of("openclaw://region/"),
            List.of("https://region/eu"),
            List.of("openclaw://router/eu"),
            List.of(Names.region("eu"), Names.region("us")));
    for (List<String> uris : others) {
      // The subject, and DNS names, say eu: they must not count.
      List<String> dns = List.of("eu", "eu.example.com", Names.region("eu"));
      if (checker.test(issued("eu", uris, dns), "eu")) {
        wronglyBelieved.add(uris.toString());
      }
    }
    return own && wronglyBelieved.isEmpty();
  }

  private static boolean check(X509Certificate leaf, String region) {
    try {
      PeerCheck.region(leaf, region);
      return true;
    } catch (RefusedCertificateException e) {
      assertThat(e.refusal()).isEqualTo(Refusal.WRONG_NAME);
      assertThat(e).hasMessageContaining("expected: openclaw://region/" + region);
      return false;
    }
  }

  @Test
  void only_a_region_s_own_certificate_is_believed() throws Exception {
    assertThat(isSound(PeerCheckTest::check)).as("%s", wronglyBelieved).isTrue();
  }

  @Test
  void checkers_that_believe_too_much_are_found_out() throws Exception {
    assertThat(isSound((leaf, region) -> true)).as("any certificate").isFalse();
    assertThat(isSound((leaf, region) -> !Names.uris(leaf).isEmpty())).as("any name").isFalse();
    assertThat(
            isSound(
                (leaf, region) ->
                    Names.uris(leaf).stream().anyMatch(u -> u.startsWith(Names.region(region)))))
        .as("a name that begins so")
        .isFalse();
    assertThat(isSound((leaf, region) -> leaf.getSubjectX500Principal().getName().contains(region)))
        .as("the subject")
        .isFalse();
    assertThat(
            isSound(
                (leaf, region) ->
                    Names.all(leaf).stream()
                        .filter(name -> name.startsWith(Names.region("")))
                        .toList()
                        .equals(List.of(Names.region(region)))))
        .as("a name of another kind that reads so")
        .isFalse();
    assertThat(isSound((leaf, region) -> Names.uris(leaf).contains(Names.region(region))))
        .as("one of several regions")
        .isFalse();
  }
}
