package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.release.CanarySpec.Sticky;
import io.openclaw.release.CanarySpec.Traffic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanarySpecTest {
  @Test
  void a_weight_has_at_most_two_digits_after_the_point() {
    assertThat(Traffic.parse("5")).isEqualTo(new Traffic.Weight(500));
    assertThat(Traffic.parse("0.25")).isEqualTo(new Traffic.Weight(25));
    assertThat(Traffic.parse("12.5")).isEqualTo(new Traffic.Weight(1250));
    assertThat(Traffic.parse("7.500")).isEqualTo(new Traffic.Weight(750));
    assertThat(Traffic.parse("0")).isEqualTo(new Traffic.Weight(0));
    assertThat(Traffic.parse("100")).isEqualTo(new Traffic.Weight(10_000));
    assertThat(Traffic.parse("shadow")).isEqualTo(new Traffic.Shadow());
    for (String wrong : List.of("101", "100.01", "-1", "0.125", "5%", "", "1e1", "Shadow", " 5")) {
      assertThatThrownBy(() -> Traffic.parse(wrong))
          .hasMessage(
              "weight: "
                  + wrong
                  + " (expected: 0 to 100, at most two digits after the point, or shadow)");
    }
    assertThatThrownBy(() -> new Traffic.Weight(10_001))
        .hasMessage("basisPoints: 10001 (expected: 0 to 10000)");
  }

  @Test
  void stickiness_is_the_key_or_a_json_pointer() {
    assertThat(Sticky.parse("key")).isEqualTo(new Sticky.Key());
    assertThat(Sticky.parse("/customer/id"))
        .isEqualTo(new Sticky.Pointer(List.of("customer", "id")));
    assertThat(Sticky.parse("/a~1b/~01/")).isEqualTo(new Sticky.Pointer(List.of("a/b", "~1", "")));
    for (String wrong : List.of("", "customer", "/a~2", "/a~")) {
      assertThatThrownBy(() -> Sticky.parse(wrong))
          .hasMessage(
              "sticky: \"" + wrong + "\" (expected: key, or a JSON Pointer such as /customer/id)");
    }
    assertThatThrownBy(() -> Sticky.parse("/" + "a".repeat(256)))
        .hasMessage("sticky: 257 characters (expected: at most 256)");
    assertThatThrownBy(() -> Sticky.parse("/a".repeat(17)))
        .hasMessage("sticky: 17 levels (expected: 1 to 16)");
  }

  @Test
  void the_canary_is_another_version_and_names_are_bounded() {
    assertThatThrownBy(() -> spec("v1", "v1"))
        .hasMessage("canary: \"v1\" (expected: another version than the stable one)");
    assertThatThrownBy(() -> spec("v1", " "))
        .hasMessage("canary: \" \" (expected: a name of 1 to 128 characters)");
    assertThatThrownBy(() -> spec("v".repeat(129), "v2"))
        .hasMessage("stable: 129 characters (expected: a name of 1 to 128 characters)");
    CanarySpec heavier = spec("v1", "v2").with(new Traffic.Weight(5000));
    assertThat(heavier.traffic()).isEqualTo(new Traffic.Weight(5000));
    assertThat(heavier.salt()).isEqualTo(spec("v1", "v2").salt());
  }

  @Test
  void thresholds_are_within_their_ranges() {
    CanaryThresholds defaults = CanaryThresholds.DEFAULTS;
    assertThat(defaults.with("sampleMin", 500).sampleMin()).isEqualTo(500);
    assertThat(defaults.with("promoteAfterSeconds", 0).promoteAfterNanos()).isZero();
    assertThat(defaults.with("p95RatioMax", 2).p95RatioMax()).isEqualTo(2);
    refused("errorDifferenceMax", 1.5, "errorDifferenceMax: 1.5 (expected: 0.0001 to 1)");
    refused("errorDifferenceMax", Double.NaN, "errorDifferenceMax: NaN (expected: 0.0001 to 1)");
    refused("p95RatioMax", 0.5, "p95RatioMax: 0.5 (expected: 1 to 100)");
    refused("p95MarginMicros", -1, "p95MarginMicros: -1 (expected: 0 to 60000000)");
    refused("ratingPsiMax", 0, "ratingPsiMax: 0 (expected: 0.01 to 10)");
    refused("reasonPsiMax", 11, "reasonPsiMax: 11 (expected: 0.01 to 10)");
    refused("flipsMax", 0, "flipsMax: 0 (expected: 0.0001 to 1)");
    refused("sampleMin", 10, "sampleMin: 10 (expected: 100 to 1000000000)");
    refused("sampleMin", 100.5, "sampleMin: 100.5 (expected: a whole number)");
    refused(
        "promoteAfterSeconds",
        1,
        "promoteAfterSeconds: 1 (expected: 60 to 2592000, or 0 for never)");
    refused(
        "promoteAfterSeconds", 1e12, "promoteAfterSeconds: 1000000000000 (expected: 0 to 2592000)");
    assertThatThrownBy(() -> defaults.with("psi", 1))
        .hasMessageStartingWith("threshold: \"psi\" (expected: errorDifferenceMax, ");
  }

  private static void refused(String name, double value, String message) {
    assertThatThrownBy(() -> CanaryThresholds.DEFAULTS.with(name, value)).hasMessage(message);
  }

  @Test
  void bins_are_deciles_and_reasons_of_a_sample() {
    List<Rating> sample = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String code = i % 10 == 0 ? "RARE" : "AGE";
      List<Reason> reasons =
          i % 3 == 0 ? List.of() : List.of(new Reason(code, code, new Decimal(1, 0)));
      sample.add(new Rating(new Decimal(i, 1), reasons, null));
    }
    CanaryBins bins = CanaryBins.ofSample(sample);
    assertThat(bins.ratingClasses()).isEqualTo(10);
    assertThat(bins.edges()).startsWith(new Decimal(10, 0), new Decimal(20, 0));
    assertThat(bins.reasonCodes()).containsExactly("AGE", "RARE");
    assertThat(bins.ratingClass(new Decimal(-1, 0))).isZero();
    assertThat(bins.ratingClass(new Decimal(99_999, 4))).isZero();
    assertThat(bins.ratingClass(new Decimal(10, 0))).isEqualTo(1);
    assertThat(bins.ratingClass(new Decimal(1000, 0))).isEqualTo(9);
    assertThat(bins.reasonClass(List.of())).isZero();
    assertThat(bins.reasonClass(List.of(new Reason("RARE", "", new Decimal(1, 0))))).isEqualTo(2);
    assertThat(bins.reasonClass(List.of(new Reason("NEW", "", new Decimal(1, 0))))).isEqualTo(3);
  }

  @Test
  void a_sample_of_one_value_makes_two_classes_and_wrong_bins_are_refused() {
    Rating same = new Rating(new Decimal(7, 0), List.of(), null);
    assertThat(CanaryBins.ofSample(List.of(same, same)).edges()).containsExactly(new Decimal(7, 0));
    assertThatThrownBy(() -> CanaryBins.ofSample(List.of()))
        .hasMessage("ratings: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> new CanaryBins(List.of(), List.of()))
        .hasMessage("edges: 0 (expected: 1 to 19)");
    assertThatThrownBy(
            () -> new CanaryBins(List.of(new Decimal(2, 0), new Decimal(1, 0)), List.of()))
        .hasMessage("edges: 1 (expected: more than 2)");
    assertThatThrownBy(() -> new CanaryBins(List.of(Decimal.ZERO), List.of("A", "A")))
        .hasMessage("reasonCodes: 2 (expected: at most 32, each once)");
  }

  private static CanarySpec spec(String stable, String canary) {
    return new CanarySpec(
        "credit",
        "score",
        stable,
        canary,
        Traffic.parse("5"),
        Sticky.parse("key"),
        1,
        new CanaryBins(List.of(Decimal.ZERO), List.of()),
        CanaryThresholds.DEFAULTS);
  }
}
