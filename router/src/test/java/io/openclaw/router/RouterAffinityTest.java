package io.openclaw.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.steer.Balancers;
import io.openclaw.steer.Networks;
import io.openclaw.steer.Steering;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Requests that may be repeated go to where their answer is kept; QUERY passes. */
class RouterAffinityTest {
  private static String region(TestFleet fleet, int key) throws IOException {
    return RawClient.post(
            fleet.port(), "/v1/rate", "{}".getBytes(UTF_8), "idempotency-key: order-" + key)
        .header("x-region");
  }

  @Test
  void a_key_goes_to_one_region_and_keys_go_to_all() throws IOException {
    try (TestFleet fleet =
        new TestFleet(3, settings -> settings.withSteering(new Steering.DynamicLatency()))) {
      Map<Integer, String> regions = new HashMap<>();
      for (int round = 0; round < 5; round++) {
        for (int key = 0; key < 30; key++) {
          String region = region(fleet, key);
          assertThat(region).isEqualTo(regions.getOrDefault(key, region));
          regions.put(key, region);
        }
      }
      assertThat(new HashSet<>(regions.values())).isEqualTo(Set.of("a", "b", "c"));
    }
  }

  @Test
  void a_key_whose_region_is_gone_goes_elsewhere() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      int key = 0;
      while (!region(fleet, key).equals("b")) {
        key++;
      }
      fleet.region(1).kill();
      for (int i = 0; i < 5; i++) {
        assertThat(region(fleet, key)).isEqualTo("a");
      }
    }
  }

  @Test
  void a_client_behind_a_balancer_goes_to_its_network_s_region() throws IOException {
    Function<String, byte[]> addresses = text -> InetAddress.ofLiteral(text).getAddress();
    Networks networks =
        new Networks(Map.of("192.0.2.0/24", List.of("b"), "127.0.0.0/8", List.of("c")), addresses);
    Balancers balancers = new Balancers(List.of("127.0.0.0/8"), addresses);
    Balancers others = new Balancers(List.of("10.0.0.0/8"), addresses);
    assertThat(nearest(new Steering.Geo(networks, balancers))).containsOnly("b");
    assertThat(nearest(new Steering.Geo(networks, others))).containsOnly("c");
  }

  @Test
  void who_is_denied_everywhere_still_goes_to_its_network_s_region() throws IOException {
    Function<String, byte[]> addresses = text -> InetAddress.ofLiteral(text).getAddress();
    Networks networks = new Networks(Map.of("127.0.0.0/8", List.of("b")), addresses);
    try (TestFleet fleet =
        new TestFleet(
            2, settings -> settings.withSteering(new Steering.Geo(networks, Balancers.NONE)))) {
      denied(fleet.region(0), "b;for=5000");
      denied(fleet.region(1), "a;for=5000");
      String credential = "authorization: Bearer alice";
      assertThat(RawClient.get(fleet.port(), "/v1/limits", credential).status()).isEqualTo(429);
      assertThat(fleet.metrics.diverted).hasSize(1);
      fleet.regions.forEach(FakeRegion::thaw);
      for (int i = 0; i < 20; i++) {
        assertThat(RawClient.get(fleet.port(), "/v1/limits", credential).text()).isEqualTo("b");
      }
    }
  }

  private static void denied(FakeRegion region, String hint) {
    region.behaviour =
        request ->
            request
                .response()
                .putHeader("x-openclaw-elsewhere", hint)
                .setStatusCode(429)
                .end(region.name);
  }

  @Test
  void batches_and_jobs_go_where_ratings_would() throws IOException {
    Function<String, byte[]> addresses = text -> InetAddress.ofLiteral(text).getAddress();
    Networks networks = new Networks(Map.of("127.0.0.0/8", List.of("c")), addresses);
    try (TestFleet fleet =
        new TestFleet(
            3, settings -> settings.withSteering(new Steering.Geo(networks, Balancers.NONE)))) {
      Set<String> keyed = new HashSet<>();
      for (int key = 0; key < 10; key++) {
        String field = "idempotency-key: order-" + key;
        String rated = region(fleet, key);
        keyed.add(rated);
        for (String path : List.of("/v1/rate/batch", "/v1/jobs")) {
          byte[] body = "{}".getBytes(UTF_8);
          assertThat(RawClient.post(fleet.port(), path, body).header("x-region")).isEqualTo("c");
          assertThat(RawClient.post(fleet.port(), path, body, field).header("x-region"))
              .isEqualTo(rated);
        }
      }
      assertThat(keyed).as("not the network's alone").hasSizeGreaterThan(1);
    }
  }

  @Test
  void a_request_for_which_no_region_can_be_chosen_is_answered_all_the_same() throws IOException {
    Function<String, byte[]> addresses =
        text -> {
          if (text.equals("192.0.2.66")) {
            throw new IllegalStateException("as a defect would");
          }
          return InetAddress.ofLiteral(text).getAddress();
        };
    Networks networks = new Networks(Map.of("192.0.2.0/24", List.of("a")), addresses);
    Steering steering =
        new Steering.Geo(networks, new Balancers(List.of("127.0.0.0/8"), addresses));
    String field = "x-forwarded-for: 192.0.2.66";
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withSteering(steering))) {
      for (String path : List.of("/v1/rate", "/v1/rate/batch")) {
        byte[] body = "{}".getBytes(UTF_8);
        assertThat(RawClient.get(fleet.port(), path, field).status()).isEqualTo(500);
        assertThat(RawClient.post(fleet.port(), path, body, field).status()).isEqualTo(500);
        assertThat(RawClient.post(fleet.port(), path, body).status()).isEqualTo(200);
      }
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(0)).isZero();
    }
  }

  /** Where requests go that say they come from 192.0.2.7. */
  private static Set<String> nearest(Steering steering) throws IOException {
    Set<String> regions = new HashSet<>();
    try (TestFleet fleet = new TestFleet(3, settings -> settings.withSteering(steering))) {
      for (int i = 0; i < 10; i++) {
        regions.add(
            RawClient.post(
                    fleet.port(), "/v1/rate", "{}".getBytes(UTF_8), "x-forwarded-for: 192.0.2.7")
                .header("x-region"));
      }
    }
    return regions;
  }

  @Test
  void a_query_passes_with_its_body_and_its_304_comes_back() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour =
          request -> request.response().setStatusCode(304).putHeader("etag", "W/\"t\"").end();
      for (int i = 0; i < 2; i++) {
        RawClient.Answer answer =
            client.exchange("QUERY", "/v1/rate", "{}".getBytes(UTF_8), "if-none-match: W/\"t\"");
        assertThat(answer.status()).isEqualTo(304);
        assertThat(answer.header("etag")).isEqualTo("W/\"t\"");
      }
      FakeRegion.Seen seen = fleet.region(0).seen.get(0);
      assertThat(seen.method()).isEqualTo("QUERY");
      assertThat(seen.body().toString()).isEqualTo("{}");
    }
  }

  @Test
  void a_query_is_tried_elsewhere_when_its_region_dies() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = request -> request.connection().close();
      RawClient.Answer answer = client.exchange("QUERY", "/v1/rate", "{}".getBytes(UTF_8));
      assertThat(answer.header("x-region")).isEqualTo("b");
    }
  }
}
