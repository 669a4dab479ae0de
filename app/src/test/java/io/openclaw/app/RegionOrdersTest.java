package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which regions persons have drained. */
final class RegionOrdersTest {
  private static final List<String> REGIONS = List.of("a", "b", "c");

  @TempDir Path folder = Path.of("");
  private long wallMillis = 1_000_000;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanoTime() {
          return 0;
        }

        @Override
        public long wallMillis() {
          return wallMillis;
        }
      };

  private RegionOrders region(String name) throws IOException {
    return new RegionOrders(
        name,
        REGIONS,
        Orders.open(folder.resolve(name + ".json"), RegionOrder::read, "no region is drained"),
        clock);
  }

  private static void tell(RegionOrders from, RegionOrders to) {
    List<Fact> facts = new ArrayList<>();
    from.all(facts::add);
    facts.forEach(to::merge);
  }

  @Test
  void an_order_reaches_every_region_and_survives_a_restart_and_the_later_one_holds()
      throws Exception {
    RegionOrders a = region("a");
    RegionOrders b = region("b");
    a.order("b", true, "new kernel", "ops", 0);
    tell(a, b);
    assertThat(b.isDrained()).isTrue();
    assertThat(a.isDrained()).isFalse();
    b.save();
    assertThat(region("b").isDrained()).isTrue();
    b.order("b", false, "done", "ops", 0);
    tell(a, b);
    tell(b, a);
    assertThat(List.of(a.isDrained("b"), b.isDrained("b"))).containsExactly(false, false);
    List<Fact> told = new ArrayList<>();
    b.drainChanges(told::add);
    b.drainChanges(told::add);
    assertThat(told.stream().map(Fact::key)).containsExactly("drain/b");
  }

  @Test
  void an_order_ends_by_itself_where_that_was_asked() throws Exception {
    RegionOrders a = region("a");
    a.order("a", true, "a drill", "ops", wallMillis + 500);
    assertThat(a.isDrained()).isTrue();
    wallMillis += 500;
    assertThat(a.isDrained()).isFalse();
  }

  @Test
  void what_is_no_order_is_refused() throws Exception {
    RegionOrders a = region("a");
    byte[] order = new RegionOrder(true, "r", "o", 0, 7, "b").bytes();
    for (Fact fact :
        List.of(
            new Fact.Register("regions", "drain/mars", 7, order),
            new Fact.Register("regions", "other/a", 7, order),
            new Fact.Register("regions", "drain/a", 8, order),
            new Fact.Register(
                "regions", "drain/a", 7, "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
            new Fact.Register(
                "regions", "drain/a", 7, new RegionOrder(true, "r", "o", 0, 7, "mars").bytes()))) {
      assertThatThrownBy(() -> a.merge(fact)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(a.isDrained()).isFalse();
  }

  @Test
  void a_person_drains_and_restores_a_region() throws Exception {
    try (TestNode node = TestNode.start(Map.of(), "")) {
      assertThat(region(node, "status").out()).contains("REGION", "local", "yes", "no");
      Ran last = region(node, "drain", "local", "--reason", "alone");
      assertThat(last.code()).isNotZero();
      assertThat(last.err())
          .contains("a region beside which another is up and not drained, or force");
      Ran drained =
          region(
              node,
              "drain",
              "local",
              "--reason",
              "alone",
              "--author",
              "ops",
              "--for",
              "30m",
              "--force");
      assertThat(drained.out()).contains("ops", "alone", "Z ");
      HttpResponse<String> ready = get(node.node().url() + "/readyz");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("draining: by order");
      assertThat(get(node.node().url() + "/livez").statusCode()).isEqualTo(200);
      assertThat(region(node, "restore", "local", "--reason", "done").code()).isZero();
      HttpResponse<String> again = get(node.node().url() + "/readyz");
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(again.headers().firstValue("x-openclaw-load").orElse(""))
          .matches("[01]\\.[0-9]{3}");
      assertThat(again.headers().firstValue("x-openclaw-hears")).as("there is no other").isEmpty();
      assertThat(region(node, "drain", "mars", "--reason", "x").err())
          .contains("/region: (expected: one of [local])");
      assertThat(region(node, "failover", "local", "local", "--reason", "x").err())
          .contains("expected: another region, which is up");
    }
  }

  private static Ran region(TestNode node, String... arguments) {
    List<String> all = new ArrayList<>(List.of("region"));
    all.addAll(List.of(arguments));
    all.addAll(
        List.of(
            "--admin-url",
            node.node().adminUrl(),
            "--admin-key-file",
            node.node().adminKeyFile().toString()));
    return Ran.command(all);
  }

  private static HttpResponse<String> get(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
