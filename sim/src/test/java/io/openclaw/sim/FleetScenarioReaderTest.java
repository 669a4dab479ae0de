package io.openclaw.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.yaml.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetScenarioReaderTest {
  private static final String GOOD =
      """
      seconds: 10
      regions: [a, b, c]
      limits: [{id: t, rate: 10, burst: 10}]
      load: [{offered: 5}]
      """;

  @Test
  void what_is_not_said_has_its_default() throws ConfigException {
    FleetScenario scenario = FleetScenarioReader.parse("f.yaml", GOOD);
    assertThat(scenario.regions()).containsExactly("a", "b", "c");
    assertThat(scenario.leaseMillis()).isEqualTo(400);
    assertThat(scenario.network().oneWayNanos()[0][2]).isEqualTo(20_000_000);
    assertThat(scenario.load().getFirst().to()).isEqualTo(10);
    assertThat(scenario.load().getFirst().offered()).containsExactly(5, 5, 5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sed: 1|f.yaml:5:6: sed: unknown (expected: one of [description, driftPpm,",
        "network: {rttMillis: -1}|f.yaml:5:22: network.rttMillis: -1 (expected: 0 to 10000)",
        "network: {loss: 2}|network.loss: 2 (expected: 0 to 1)",
        "network: {pairs: [{between: [a, x]}]}|network.pairs[0].between: x (expected: of [a, b, c])",
        "leaseMillis: 1|leaseMillis: 1 (expected: a whole number, 50 to 60000)",
        "driftPpm: 1001|driftPpm: 1001 (expected: a whole number, 0 to 1000)",
        "events: [{at: 11, do: heal}]|events[0].at: 11 (expected: 0 to 10)",
        "events: [{at: 1, do: explode}]|events[0].do: explode (expected: one of [kill, restart,",
        "events: [{at: 1, do: kill, region: x}]|events[0].region: x (expected: one of [a, b, c])",
        "events: [{at: 1, do: heal, region: a}]|events[0].region: unknown (expected: one of [at, do])",
        "events: [{at: 1, do: cut, from: a, to: a}]|events[0].to: the same as from",
        "events: [{at: 1, do: partition, groups: [[a], [a]]}]|groups: (expected: each region once)",
        "events: {at: 1}|events: (expected: a list of maps)",
        "expect: [{jain: 0.9, excess: 0}]|expect[0]: [excess, jain] (expected: one of",
        "expect: [{utilisation: 97}]|expect[0].utilisation: 97 (expected: 0 to 1)",
        "expect: [{excess: 0, limit: u}]|expect[0].limit: u (expected: one of [t])",
      })
  void what_is_wrong_is_refused_with_its_place(String line, String complaint) {
    assertThatThrownBy(() -> FleetScenarioReader.parse("f.yaml", GOOD + line + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[a, b, c]|65|regions: 65 (expected: a whole number, 2 to 64)",
        "[a, b, c]|[a, a]|regions: [a, a] (expected: a number or names, 2 to 64, each once)",
        "seconds: 10|seconds: 3601|seconds: 3601 (expected: a whole number, 1 to 3600)",
        "regions: [a, b, c]|regions: 64|,",
        "rate: 10,|rate: 0,|limits[0].rate: 0 (expected: 0.001 to 100000000)",
        "burst: 10|burst: 10, cost: 11|limits[0].cost: 11 (expected: a whole number, 1 to 10)",
        "burst: 10|burst: 10, mode: fast|limits[0].mode: fast (expected: one of [strict, gossip])",
        "burst: 10|burst: 10, count: 1000001|limits[0].count: 1000001",
        "offered: 5|offered: 9000000|requests in all (expected: at most 10000000)",
        "offered: 5|offered: {x: 5}|load[0].offered.x: unknown (expected: one of [a, b, c])",
        "offered: 5|from: 5|load[0].offered: (expected: tokens per second",
        "offered: 5|offered: 5, from: 8, to: 8|load[0].to: 8 (expected: > from)",
      })
  void too_much_is_refused(String part, String instead, String complaint) {
    String document = GOOD.replace(part, instead);
    if (complaint.equals(",")) {
      document = document.replace("seconds: 10", "seconds: 3600");
      complaint = "230400 = seconds x regions x limits (expected: at most 60000 of them)";
    }
    String refused = document;
    assertThatThrownBy(() -> FleetScenarioReader.parse("f.yaml", refused))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(complaint);
  }
}
