package io.openclaw.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.yaml.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
  private static final Path SCENARIOS = Path.of("../examples/scenarios");

  private static final String MOVING =
      """
      seconds: 12
      regions: [a, b, c]
      limits: [{id: t, rate: 200, burst: 200}]
      load: [{to: 7, offered: {a: 200}}, {from: 7, offered: {b: 200}}]
      events: [{at: 4, do: kill, region: c}, {at: 9, do: restart, region: c}]
      expect: [{excess: 0}, {share: 0.9, region: b, after: 7, within: 2}]
      """;

  static List<Path> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void every_scenario_ends_as_its_golden_report_says(Path file)
      throws ConfigException, IOException {
    FleetScenario scenario = FleetScenarioReader.read(file);
    Findings findings = run(scenario, scenario.seed(), true);
    Path golden = Path.of(file.toString().replace(".yaml", ".golden.txt"));
    assertThat(ReportText.of(findings))
        .as("docs/simulate.md says how golden reports are made anew")
        .isEqualTo(Files.readString(golden));
    assertThat(findings.allMet()).isTrue();
  }

  @Test
  void the_same_seed_gives_the_same_reports_and_another_one_another() throws ConfigException {
    FleetScenario scenario = FleetScenarioReader.parse("moving", MOVING);
    Findings first = run(scenario, 1, true);
    Findings second = run(scenario, 1, true);
    assertThat(ReportText.of(second)).isEqualTo(ReportText.of(first));
    assertThat(ReportJson.of(second)).isEqualTo(ReportJson.of(first));
    assertThat(Plots.of(second)).isEqualTo(Plots.of(first));
    assertThat(ReportText.of(run(scenario, 2, true))).isNotEqualTo(ReportText.of(first));
  }

  @Test
  void shares_that_do_not_follow_demand_are_seen_to_miss_what_is_expected() throws ConfigException {
    FleetScenario scenario = FleetScenarioReader.parse("moving", MOVING);
    Findings follows = run(scenario, 1, true);
    Findings fixed = run(scenario, 1, false);
    assertThat(follows.allMet()).isTrue();
    assertThat(fixed.allMet()).isFalse();
    int from = Track.warmUpStep(scenario);
    Track track = fixed.tracks().getFirst();
    assertThat(track.utilisation(from, track.steps)).isLessThan(0.5);
  }

  @Test
  void an_admission_too_many_is_seen_also_where_the_limit_changed() {
    Judge judge = new Judge(10, 5, 0);
    judge.bound(1, 2, 1_000_000_000L);
    for (int i = 0; i < 5; i++) {
      judge.admitted(1, 900_000_000L);
    }
    judge.admitted(1, 1_000_000_000L); // what the old burst allowed, as earned until then
    assertThat(judge.verdict().excess()).isLessThanOrEqualTo(1e-9);
    judge.admitted(3, 5_000_000_000L);
    assertThat(judge.verdict().excess()).isEqualTo(1); // the new burst is 2
  }

  @Test
  void max_min_fairness_gives_the_rest_to_those_who_want_more() {
    assertThat(Track.maxMin(new double[] {80, 5, 40}, 100)).containsExactly(55, 5, 40);
    assertThat(Track.maxMin(new double[] {10, 5, 40}, 100)).containsExactly(10, 5, 40);
  }

  @Test
  void plots_are_well_formed_and_small() throws Exception {
    FleetScenario scenario = FleetScenarioReader.parse("moving", "name: a<b & \"c\"\n" + MOVING);
    Map<String, String> plots = Plots.of(run(scenario, 1, true));
    assertThat(plots.keySet())
        .containsExactly("admitted.svg", "shares.svg", "utilisation.svg", "excess.svg");
    for (String plot : plots.values()) {
      byte[] bytes = plot.getBytes(StandardCharsets.UTF_8);
      assertThat(bytes.length).isLessThan(60_000);
      assertThat(
              DocumentBuilderFactory.newInstance()
                  .newDocumentBuilder()
                  .parse(new ByteArrayInputStream(bytes))
                  .getElementsByTagName("path")
                  .getLength())
          .isGreaterThan(1);
    }
  }

  private static Findings run(FleetScenario scenario, long seed, boolean follows) {
    return Simulation.run(scenario, seed, follows, second -> {});
  }
}
