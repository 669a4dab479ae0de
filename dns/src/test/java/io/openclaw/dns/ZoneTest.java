package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ZoneTest {
  @Test
  void a_name_for_two_things_is_refused() {
    assertThatThrownBy(() -> new Zone(withServices("@", "eu")))
        .hasMessageContaining("regions: eu.rate.example stands there twice");
    assertThatThrownBy(() -> new Zone(withServices("@", "@"))).hasMessageContaining("services:");
    assertThatThrownBy(() -> new Zone(withServices("ns1"))).hasMessageContaining("nameServers:");
    assertThat(new Zone(withServices("api")).settings.services()).containsExactly("api");
  }

  @Test
  void a_region_that_nobody_probes_is_refused() {
    var view =
        new io.openclaw.steer.HealthView(
            List.of("eu", "us"), io.openclaw.steer.HealthRules.defaults(), 0);
    assertThatThrownBy(() -> new Selection(TestZone.settings(1, Order.LISTED), view))
        .hasMessage("regions: ap (expected: one of [eu, us])");
  }

  @Test
  void names_are_letters_digits_and_dashes_of_the_right_length() {
    assertThat(DomainName.of("Rate.Example.").toString()).isEqualTo("rate.example");
    for (String wrong :
        List.of(
            "", ".", "a..b", "-a", "a b", "ü.example", "a".repeat(64), "a.".repeat(127) + "a")) {
      assertThatThrownBy(() -> DomainName.of(wrong)).hasMessageContaining("expected: labels");
    }
    assertThat(DomainName.of("a.b.c").isWithin(DomainName.of("b.c"))).isTrue();
    assertThat(DomainName.of("ab.c").isWithin(DomainName.of("b.c"))).isFalse();
  }

  @Test
  void a_ttl_out_of_range_is_refused() {
    ZoneSettings good = TestZone.settings(1, Order.LISTED);
    assertThatThrownBy(
            () ->
                new ZoneSettings(
                    good.name(),
                    good.servers(),
                    good.services(),
                    good.regions(),
                    61,
                    1,
                    good.order(),
                    List.of(),
                    443,
                    false))
        .hasMessage("ttlSeconds: 61 (expected: 1 to 60)");
  }

  private static ZoneSettings withServices(String... services) {
    ZoneSettings good = TestZone.settings(1, Order.LISTED);
    return new ZoneSettings(
        good.name(),
        good.servers(),
        List.of(services),
        good.regions(),
        5,
        1,
        good.order(),
        List.of(),
        443,
        true);
  }
}
