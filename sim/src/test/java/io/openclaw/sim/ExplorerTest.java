package io.openclaw.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ExplorerTest {
  private static final int STATES_MAX = 1_000_000;

  @ParameterizedTest
  @ValueSource(
      strings = {"heir-a", "heir-b", "heir-c", "heirs", "drift", "restart-own", "admission"})
  void in_no_state_do_two_use_the_block_and_each_holder_uses_it_in_some(String name) {
    Scenario scenario = Scenarios.of(name).orElseThrow();
    Explorer.Outcome found = new Explorer(new LeaseModel(scenario, null), STATES_MAX).run();
    assertThat(found.trace()).isNull();
    assertThat(found.complete()).isTrue();
    assertThat(found.users()).isEqualTo(scenario.holders());
  }

  @ParameterizedTest
  @EnumSource(Bug.class)
  void a_planted_bug_is_found(Bug bug) {
    LeaseModel model = new LeaseModel(Scenarios.showing(bug), bug);
    Explorer.Outcome found = new Explorer(model, STATES_MAX).run();
    assertThat(found.trace()).as(bug.title()).isNotNull().startsWith("     start");
  }

  @Test
  void a_run_that_gives_up_does_not_count_as_clean() {
    Run run = Run.of("--scenario", "heir-c", "--states-max", "100");
    assertThat(run.text).contains("GAVE UP");
    assertThat(run.code).isEqualTo(1);
  }

  @Test
  void a_found_bug_is_printed_with_the_way_to_it() {
    Run run = Run.of("--bug", "acks-kept");
    assertThat(run.text).contains("TWO USERS, as planted: acks-kept", "uses: AB");
    assertThat(run.code).isEqualTo(1);
  }

  @Test
  void an_unknown_bug_is_told_with_those_there_are() {
    Run run = Run.of("--bug", "gremlin");
    assertThat(run.text).contains("--bug: gremlin (expected: one of heir-without-quorum,");
    assertThat(run.code).isEqualTo(2);
  }

  private record Run(int code, String text) {
    static Run of(String... args) {
      StringWriter text = new StringWriter();
      CommandLine line = new CommandLine(new ExploreCommand());
      line.setOut(new PrintWriter(text));
      line.setErr(new PrintWriter(text));
      return new Run(line.execute(args), text.toString());
    }
  }
}
