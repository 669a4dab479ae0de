package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.steer.Balancers;
import io.openclaw.steer.Networks;
import io.openclaw.steer.Steering;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client goes by the router's policies, and by what regions say of themselves. */
class SteeringTest {
  private static final RateRequest INPUT = RateRequest.json("{\"duration\":6}");

  private ScriptedRegion a;
  private ScriptedRegion b;

  @BeforeEach
  void begin() throws IOException {
    a = new ScriptedRegion("a");
    b = new ScriptedRegion("b");
  }

  @AfterEach
  void end() throws IOException {
    a.close();
    b.close();
  }

  private ClientBuilder client(Steering steering) {
    return OpenClawClient.builder()
        .apiKey("k")
        .region("a", a.url())
        .region("b", b.url())
        .steering(steering)
        .probeInterval(Duration.ofMillis(100));
  }

  private static Set<String> regions(OpenClawClient client) {
    Set<String> regions = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      regions.add(client.rate(INPUT).region());
    }
    return regions;
  }

  @Test
  void the_least_loaded_region_is_the_one_that_says_so() {
    a.load = "0.900";
    b.load = "0.100";
    try (OpenClawClient client = ScriptedRegion.found(client(new Steering.LeastLoaded()))) {
      assertThat(regions(client)).containsExactly("b");
      b.load = "1.000";
      ScriptedRegion.await(() -> regions(client).equals(Set.of("a")));
    }
  }

  @Test
  void the_cheapest_region_is_left_when_it_is_busy() {
    Steering cheapest = new Steering.Cheapest(Map.of("a", 1.0, "b", 2.0), 0.7);
    try (OpenClawClient client = ScriptedRegion.found(client(cheapest))) {
      assertThat(regions(client)).containsExactly("a");
      a.load = "0.800";
      ScriptedRegion.await(() -> regions(client).equals(Set.of("b")));
    }
  }

  @Test
  void weights_share_the_calls_out() {
    Steering weighted = new Steering.Weighted(Map.of("a", 1, "b", 1));
    try (OpenClawClient client = ScriptedRegion.found(client(weighted))) {
      assertThat(regions(client)).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void a_region_that_hears_of_too_few_others_comes_last() {
    a.hears = "0/2";
    Steering order = new Steering.Failover(List.of("a", "b"));
    try (OpenClawClient client = ScriptedRegion.found(client(order))) {
      assertThat(regions(client)).containsExactly("b");
      a.hears = "1/2";
      ScriptedRegion.await(() -> regions(client).equals(Set.of("a")));
    }
  }

  @Test
  void what_cannot_be_meant_is_refused() {
    ClientBuilder unknown = client(new Steering.Failover(List.of("a", "mars")));
    assertThatThrownBy(unknown::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steering failover: mars (expected: one of [a, b])");
    Networks networks = new Networks(Map.of(), text -> new byte[0]);
    assertThatThrownBy(() -> client(new Steering.Geo(networks, Balancers.NONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("steering: geo (expected: another");
  }
}
