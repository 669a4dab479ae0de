package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.FallbackService;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.release.Content;
import io.openclaw.tls.CertificateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What regions tell each other of fallbacks, and the secrets these refer to. */
final class FallbacksTest {
  private static final List<String> REGIONS = List.of("a", "b", "c");

  @TempDir Path folder = Path.of("");

  /** Never answers, and says so. */
  private static final class Dead implements FallbackService {
    @Override
    public CompletionStage<byte[]> ask(Question question, long timeoutMillis) {
      return CompletableFuture.failedFuture(new IllegalStateException("dead"));
    }

    @Override
    public CompletionStage<Void> probe(long timeoutMillis) {
      return CompletableFuture.failedFuture(new IllegalStateException("dead"));
    }
  }

  private Fallbacks region(String name) throws IOException {
    return new Fallbacks(
        name,
        REGIONS,
        Orders.open(folder.resolve(name + ".json"), FallbackSwitch::read, "every fallback is on"),
        new SecretSource(Map.of(), folder),
        (spec, authorization) -> new Dead(),
        1_000_000_000,
        SystemClock.INSTANCE,
        new Random(1));
  }

  private static Content content(String reference) {
    FallbackSpec spec =
        new FallbackSpec(
            "http://rates",
            1_000,
            reference.isEmpty() ? null : reference,
            new FallbackSpec.Probe("/", 1));
    return new Content(
        null,
        null,
        List.of(),
        List.of(new Tenant("bank", List.of("card"), null, 1, null, null, spec)),
        List.of(),
        List.of(),
        Map.of());
  }

  private static boolean isOn(Fallbacks of) {
    return java.util.Objects.requireNonNull(of.live().get("bank")).view().isEnabled();
  }

  private static void tell(Fallbacks from, Fallbacks to) {
    List<Fact> facts = new ArrayList<>();
    from.all(facts::add);
    facts.forEach(to::merge);
  }

  @Test
  void a_switch_reaches_every_region_and_survives_a_restart_and_the_later_one_holds()
      throws Exception {
    Fallbacks a = region("a");
    Fallbacks b = region("b");
    a.serve(content(""));
    a.order("bank", false);
    assertThat(isOn(a)).isFalse();
    tell(a, b); // before it knows of the tenant
    b.serve(content(""));
    assertThat(isOn(b)).isFalse();
    b.order("bank", true);
    tell(a, b);
    tell(b, a);
    assertThat(List.of(isOn(a), isOn(b))).containsExactly(true, true);
    a.order("bank", false);
    tell(a, b);
    b.save();
    Fallbacks again = region("b");
    again.serve(content(""));
    assertThat(isOn(again)).isFalse();
    List<Fact> changed = new ArrayList<>();
    a.drainChanges(changed::add);
    a.drainChanges(changed::add);
    assertThat(changed.stream().map(Fact::key)).containsOnlyOnce("switch/bank");
  }

  @Test
  void what_a_breaker_says_is_told_and_binds_no_other_region() throws Exception {
    Fallbacks a = region("a");
    Fallbacks b = region("b");
    a.serve(content(""));
    Map<String, Fallback> views = b.serve(content(""));
    a.tick();
    Thread.sleep(0);
    java.util.Objects.requireNonNull(a.live().get("bank")).view().probe();
    a.tick();
    tell(a, b);
    assertThat(b.states("bank").get("a")).extracting(Fallbacks.Told::state).isEqualTo("open");
    assertThat(b.states("bank").get("b")).extracting(Fallbacks.Told::state).isEqualTo("closed");
    assertThat(java.util.Objects.requireNonNull(views.get("bank")).state().text())
        .isEqualTo("closed");
  }

  /** Whether all orders of hearing the same lead to the same. */
  private static boolean converges(BinaryOperator<FallbackSwitch> merge) {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      List<FallbackSwitch> said = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        said.add(
            new FallbackSwitch(
                random.nextBoolean(), 1 + random.nextInt(3), REGIONS.get(random.nextInt(3))));
      }
      FallbackSwitch first = said.stream().reduce(merge).orElseThrow();
      for (int order = 0; order < 10; order++) {
        said.add(said.get(random.nextInt(said.size()))); // heard twice
        Collections.shuffle(said, random);
        if (!said.stream().reduce(merge).orElseThrow().equals(first)) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void all_orders_lead_to_the_same_and_planted_merges_are_found() {
    assertThat(converges((a, b) -> b.overrules(a) ? b : a)).isTrue();
    assertThat(converges((a, b) -> b)).as("the last heard").isFalse();
    assertThat(converges((a, b) -> b.version() >= a.version() ? b : a)).as("no tie").isFalse();
  }

  @Test
  void what_is_no_fact_of_fallbacks_is_refused() throws Exception {
    Fallbacks a = region("a");
    a.serve(content(""));
    long now = System.currentTimeMillis();
    byte[] good = new FallbackSwitch(false, now, "b").bytes();
    a.merge(new Fact.Register("fallbacks", "switch/bank", now, good));
    assertThat(isOn(a)).isFalse();
    byte[] state =
        "{\"since\":1,\"state\":\"open\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    for (Fact wrong :
        List.of(
            new Fact.Register("fallbacks", "switch/bank", now + 1, good),
            new Fact.Register("fallbacks", "switch/", now, good),
            new Fact.Register("fallbacks", "switch/bank/b", now, good),
            new Fact.Register("fallbacks", "switch/bank", now, state),
            new Fact.Register("fallbacks", "breaker/bank/moon", now, state),
            new Fact.Register("fallbacks", "breaker/bank/b", now, good),
            new Fact.Register("fallbacks", "breaker/bank/b", now + 100_000_000, state),
            new Fact.Count("fallbacks", "switch/bank", "b", new long[] {1}))) {
      assertThatThrownBy(() -> a.merge(wrong))
          .as(wrong.key())
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_fallback_whose_secret_is_not_here_is_not_used_and_says_so() throws Exception {
    Fallbacks a = region("a");
    assertThat(a.serve(content("env:RATES_TOKEN"))).isEmpty();
    assertThat(a.unusable("bank")).isEqualTo("the variable RATES_TOKEN is not set in this region");
    assertThat(a.states("bank").get("a")).extracting(Fallbacks.Told::state).isEqualTo("unusable");
  }

  @Test
  void a_release_cannot_refer_to_what_the_configuration_uses() throws Exception {
    Path file = Files.writeString(folder.resolve("mesh-secret"), "s3cret");
    Path key = Files.writeString(folder.resolve("name.key"), "s3cret");
    Files.createSymbolicLink(folder.resolve("link"), file);
    Files.createLink(folder.resolve("hard-link"), key);
    Path free = Files.writeString(folder.resolve("free"), "s3cret");
    NodeConfig config =
        new NodeConfig(
            Map.of(
                Setting.DATA,
                Files.createDirectory(folder.resolve("data")).toString(),
                Setting.MESH_SECRET_FILE,
                file.toString(),
                Setting.HTTP_TLS_KEY,
                folder.resolve("none").toString(),
                Setting.JOBS_WEBHOOK_SECRET,
                "env:HOOKS"),
            List.of("a"),
            Map.of(),
            List.of(new CertificateFiles.Named("a.test", new CertificateFiles.Pair(free, key))),
            Secret.NONE,
            Secret.NONE,
            CacheSecrets.NONE,
            LeaseSettings.of("a", List.of("a")),
            content("env:HOOKS"));
    SecretSource secrets =
        SecretSource.ofReleases(Map.of("HOOKS", "s3cret", "OTHER", "s3cret"), config);
    for (String own :
        List.of(
            "env:HOOKS",
            "file:" + file,
            "file:" + folder.resolve("link"),
            "file:" + key,
            "file:" + folder.resolve("hard-link"))) {
      assertThat(secrets.fault(own)).as(own).contains("is this program's own");
    }
    assertThat(secrets.fault("env:OTHER")).isNull();
    assertThat(secrets.fault("file:" + free)).isNull();
  }

  @Test
  void secrets_are_found_where_references_lead_and_nowhere_else() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path file = folder.resolve("token");
    SecretSource secrets =
        new SecretSource(
            Map.of("GOOD", "Bearer s3cret", "TWO", "s3cret\nx: y", "OPENCLAW_X", "s3cret"), data);
    assertThat(secrets.resolve("env:GOOD").reveal()).isEqualTo("Bearer s3cret");
    Files.writeString(file, "Bearer from-file\n");
    assertThat(secrets.resolve("file:" + file).reveal()).isEqualTo("Bearer from-file");
    Files.writeString(file, "s3cret".repeat(1_000));
    Files.writeString(data.resolve("admin.key"), "s3cret");
    Files.createSymbolicLink(folder.resolve("link"), data.resolve("admin.key"));
    for (Map.Entry<String, String> wrong :
        Map.of(
                "env:NONE",
                "the variable NONE is not set",
                "env:TWO",
                "env:TWO holds no value for a header",
                "env:OPENCLAW_X",
                "the variable OPENCLAW_X is this program's own",
                "file:" + file,
                "holds no value for a header",
                "file:" + folder.resolve("none"),
                "none cannot be read in this region",
                "file:" + data,
                "is this program's own",
                "file:" + folder,
                "is no regular file",
                "file:" + folder.resolve("link"),
                "is this program's own",
                "s3cret",
                "not a reference")
            .entrySet()) {
      assertThat(secrets.fault(wrong.getKey()))
          .as(wrong.getKey())
          .contains(wrong.getValue())
          .doesNotContain("s3cret");
    }
  }
}
