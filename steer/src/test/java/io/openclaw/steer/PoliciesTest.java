package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PoliciesTest {
  private static final long MS = 1_000_000L;
  private static final long NOW = 77;
  private static final int EU = 0;
  private static final int US = 1;
  private static final int AP = 2;

  private final SplittableRandom random = new SplittableRandom(1);
  private final HealthView view =
      new HealthView(List.of("eu", "us", "ap"), HealthRules.defaults(), NOW);

  PoliciesTest() {
    view.probeOk(EU, 5 * MS, NOW);
    view.probeOk(US, 40 * MS, NOW);
    view.probeOk(AP, 80 * MS, NOW);
  }

  private void down(int region) {
    view.probeFailed(region, NOW);
    view.probeFailed(region, NOW);
  }

  private double[] shares(Steering steering) {
    int draws = 20_000;
    double[] shares = new double[view.size()];
    for (int i = 0; i < draws; i++) {
      shares[steering.choose(view, 0, NOW, random)] += 1.0 / draws;
    }
    return shares;
  }

  @Test
  void weights_are_shares_of_the_requests() {
    double[] shares = shares(new Steering.Weighted(Map.of("eu", 1, "us", 3)));
    assertThat(shares[EU]).isCloseTo(0.25, within(0.02));
    assertThat(shares[US]).isCloseTo(0.75, within(0.02));
    assertThat(shares[AP]).isZero();
  }

  @Test
  void a_region_of_no_weight_takes_over_when_no_other_is_left() {
    down(EU);
    down(US);
    assertThat(shares(new Steering.Weighted(Map.of("eu", 1, "us", 3)))[AP])
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void the_least_loaded_region_is_the_one_that_says_so() {
    view.loaded(EU, 0.8);
    view.loaded(US, 0.2);
    view.loaded(AP, 0.5);
    assertThat(shares(new Steering.LeastLoaded())[US]).isCloseTo(1, within(1e-9));
  }

  @Test
  void equally_loaded_regions_are_told_apart_by_what_is_under_way_from_here() {
    view.loaded(EU, 0.21);
    view.loaded(US, 0.23);
    view.loaded(AP, 0.9);
    view.begin(EU);
    assertThat(shares(new Steering.LeastLoaded())[US]).isCloseTo(1, within(1e-9));
    view.begin(US);
    assertThat(shares(new Steering.LeastLoaded())[EU]).isCloseTo(0.5, within(0.02));
  }

  @Test
  void the_cheapest_region_is_used_until_it_is_busy() {
    Steering cheapest = new Steering.Cheapest(Map.of("eu", 3.0, "us", 1.0, "ap", 2.0), 0.7);
    view.loaded(US, 0.69);
    assertThat(shares(cheapest)[US]).isCloseTo(1, within(1e-9));
    view.loaded(US, 0.7);
    assertThat(shares(cheapest)[AP]).isCloseTo(1, within(1e-9));
    view.loaded(AP, 0.9);
    assertThat(shares(cheapest)[EU]).isCloseTo(1, within(1e-9));
    view.loaded(EU, 0.95);
    assertThat(shares(cheapest)[US]).as("the least busy of all").isCloseTo(1, within(1e-9));
  }

  @Test
  void a_client_goes_to_the_first_usable_region_of_its_network() throws Exception {
    Steering geo =
        new Steering.Geo(
            new Networks(
                Map.of("192.0.2.0/24", List.of("ap", "us"), "2001:db8::/32", List.of("us", "mars")),
                NetworksTest::literal),
            Balancers.NONE);
    byte[] client = InetAddress.getByName("192.0.2.77").getAddress();
    assertThat(geo.preferred(view, client, 0)).isEqualTo(AP);
    assertThat(geo.choose(view, AP, 0, NOW, random)).isEqualTo(AP);
    assertThat(geo.preferred(view, client, 1 << AP)).as("on its second try").isEqualTo(US);
    view.hears(AP, 0, 2);
    assertThat(geo.preferred(view, client, 0)).as("the mesh has lost the first").isEqualTo(US);
    view.hears(AP, 2, 2);
    down(AP);
    assertThat(geo.preferred(view, client, 0)).isEqualTo(US);
    byte[] elsewhere = InetAddress.getByName("198.51.100.1").getAddress();
    assertThat(geo.preferred(view, elsewhere, 0)).isEqualTo(Elsewhere.UNKNOWN);
    assertThat(geo.choose(view, Elsewhere.UNKNOWN, 0, NOW, random)).isEqualTo(EU);
  }

  @Test
  void a_region_that_drains_is_better_than_one_that_failed() {
    down(EU);
    view.probeDraining(US, NOW);
    down(AP);
    for (Steering steering : List.of(new Steering.DynamicLatency(), new Steering.LeastLoaded())) {
      assertThat(shares(steering)[US]).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void a_drained_region_that_is_then_stopped_is_no_better_than_one_that_failed() {
    down(EU);
    view.probeDraining(US, NOW);
    down(AP);
    view.probeFailed(US, NOW);
    for (double share : shares(new Steering.DynamicLatency())) {
      assertThat(share).isCloseTo(1.0 / 3, within(0.02));
    }
    view.probeDraining(US, NOW);
    assertThat(view.rank(US)).as("drained by order, and answering").isLessThan(view.rank(EU));
  }

  @Test
  void every_choice_can_be_explained() {
    view.begin(EU);
    down(AP);
    Explanation why = Explanation.of(new Steering.DynamicLatency(), view, US, NOW);
    assertThat(why.policy()).isEqualTo("dynamic_latency");
    assertThat(why.preferred()).isEqualTo("us");
    assertThat(why.panic()).isFalse();
    assertThat(why.regions().get(EU).cost()).isEqualTo(10e6);
    assertThat(why.regions())
        .extracting(Explanation.Standing::candidate)
        .containsExactly(true, true, false);
    assertThat(why.regions())
        .extracting(Explanation.Standing::why)
        .containsExactly(
            "up: by its cost",
            "the request asks for it",
            "it failed, and has not answered well often enough since");
    assertThat(Explanation.of(new Steering.DynamicLatency(), view, AP, NOW).preferred())
        .as("a region that is down gets nothing, whoever asks for it")
        .isEmpty();
    view.hears(US, 0, 2);
    Explanation lost = Explanation.of(new Steering.DynamicLatency(), view, US, NOW);
    assertThat(lost.preferred()).isEmpty();
    assertThat(lost.regions().get(US).why()).isEqualTo("up, but it hears of too few regions");
    down(EU);
    down(US);
    assertThat(Explanation.of(new Steering.DynamicLatency(), view, -1, NOW).panic()).isTrue();
  }

  @Test
  void settings_that_mean_nothing_are_refused() {
    assertThatThrownBy(() -> new Steering.Weighted(Map.of("eu", -1)))
        .hasMessage("weight of eu: -1 (expected: 0 to 1000000)");
    assertThatThrownBy(() -> new Steering.Cheapest(Map.of("eu", Double.NaN), 0.7))
        .hasMessage("price of eu: NaN (expected: >= 0)");
    assertThatThrownBy(() -> new Steering.Cheapest(Map.of(), 1.5))
        .hasMessage("busyAt: 1.5 (expected: more than 0, to 1)");
  }

  @Test
  void a_region_that_the_mesh_has_lost_is_used_only_where_no_other_is_up() {
    Steering weighted = new Steering.Weighted(Map.of("eu", 1, "us", 1, "ap", 1));
    view.hears(EU, 1, 2);
    view.hears(US, 0, 2);
    view.hears(AP, 1, 2);
    assertThat(shares(weighted)[US]).isZero();
    assertThat(Explanation.of(weighted, view, -1, NOW).regions().get(US).why())
        .isEqualTo("up, but it hears of too few regions");
    down(EU);
    down(AP);
    assertThat(shares(weighted)[US]).isCloseTo(1, within(1e-9));
    view.hears(US, 1, 2);
    assertThat(view.alone(US)).isFalse();
    view.hears(US, 0, 0);
    assertThat(view.alone(US)).as("there are no others").isFalse();
    view.hears(US, 0, 1);
    assertThat(view.alone(US)).as("half of two is no majority").isTrue();
  }
}
