package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds of tenants and limits, and how refused values are shown. */
class BoundsTest {
  private static LimitSpec limit(long milliRate, long burst) {
    return new LimitSpec("tenant/t", LimitSpec.Level.TENANT, milliRate, burst);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0            | 1          | rate: 0.0 (expected: 0.001 to 100000000)",
        "-1           | 1          | rate: -0.001 (expected: 0.001 to 100000000)",
        "100000000001 | 1          | rate: 1.00000000001E8 (expected: 0.001 to 100000000)",
        "1            | 0          | burst: 0 (expected: 1 to 1000000000)",
        "1            | -1         | burst: -1 (expected: 1 to 1000000000)",
        "1            | 1000000001 | burst: 1000000001 (expected: 1 to 1000000000)",
      })
  void a_limit_out_of_bounds_is_refused_with_the_value(long rate, long burst, String message) {
    assertThatThrownBy(() -> limit(rate, burst)).hasMessage(message);
  }

  @Test
  void limits_and_costs_at_their_bounds_are_taken() {
    assertThat(limit(1, 1).burst()).isEqualTo(1);
    LimitSpec largest = limit(100_000_000_000L, 1_000_000_000L);
    assertThat(new Tenant("t", List.of("m"), null, 1_000_000_000L, largest).cost())
        .isEqualTo(largest.burst());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | cost: 0 (expected: 1 to the burst, 10)",
        "11 | cost: 11 (expected: 1 to the burst, 10)",
      })
  void a_cost_that_no_bucket_could_hold_is_refused(long cost, String message) {
    assertThatThrownBy(() -> new Tenant("t", List.of("m"), null, cost, limit(1, 10)))
        .hasMessage(message);
  }

  @Test
  void a_cost_below_one_is_refused_without_a_limit_too() {
    assertThatThrownBy(() -> new Tenant("t", List.of("m"), null, 0, null))
        .hasMessage("cost: 0 (expected: 1 to the burst, any)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".t", "-t", "a/b", "a b", "\u00e9", "a\nb"})
  void a_tenant_of_another_name_is_refused(String id) {
    assertThatThrownBy(() -> new Tenant(id, List.of("m"), null, 1, null))
        .hasMessage("tenant: \"" + id + "\" (expected: 1 to 64 letters, digits, '.', '_' or '-')");
  }

  @Test
  void a_tenant_without_a_model_is_refused() {
    assertThatThrownBy(() -> new Tenant("t".repeat(64), List.of(), null, 1, null))
        .hasMessage("tenant " + "t".repeat(64) + ": no model");
    assertThatThrownBy(() -> new Tenant("t".repeat(65), List.of("m"), null, 1, null))
        .hasMessageStartingWith("tenant: \"ttt");
  }

  @Test
  void shown_values_are_short_and_hold_no_control_characters() {
    assertThat(Violation.shown(new Json.Str("a\u0000b\nc\u0085d\u007f"))).isEqualTo("\"a b c d \"");
    assertThat(Violation.shown(new Json.Str("x".repeat(64))))
        .isEqualTo("\"" + "x".repeat(64) + "\"");
    assertThat(Violation.shown(new Json.Str("x".repeat(65))))
        .isEqualTo("\"" + "x".repeat(64) + "…\"");
    assertThat(Violation.shown(new Json.Str("x".repeat(63) + "\ud83d\ude00")))
        .isEqualTo("\"" + "x".repeat(63) + "…\"");
    assertThat(Violation.shown(new Json.Num(-1.5))).isEqualTo("-1.5");
    assertThat(Violation.shown(new Json.Num(1e300))).isEqualTo("1.0E300");
    assertThat(Violation.shown(Json.Bool.FALSE)).isEqualTo("false");
    assertThat(Violation.shown(Json.Null.NULL)).isEqualTo("null");
    assertThat(Violation.shown(new Json.Obj(Map.of("secret", Json.Bool.TRUE))))
        .isEqualTo("an object");
    assertThat(Violation.shown(new Json.Arr(List.of()))).isEqualTo("an array");
  }

  @Test
  void a_pointer_escapes_what_rfc_6901_says() {
    assertThat(Violation.pointerTo("a/b~c")).isEqualTo("/a~1b~0c");
    assertThat(Violation.pointerTo("~1")).isEqualTo("/~01");
    assertThat(Violation.pointerTo("")).isEqualTo("/");
  }
}
