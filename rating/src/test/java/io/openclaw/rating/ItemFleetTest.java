package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ItemFleet.Planted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ItemFleetTest {
  private static final int HISTORIES = 500;
  private static final int STEPS = 400;

  @Test
  void clients_that_go_on_until_they_are_answered_count_exactly_once_everywhere() {
    long retractions = 0;
    long crashes = 0;
    long retries = 0;
    for (long seed = 1; seed <= HISTORIES; seed++) {
      ItemFleet fleet = new ItemFleet(seed, Planted.NOTHING, true).run(STEPS);
      assertThat(fleet.findings()).as("seed %d", seed).isEmpty();
      retractions += fleet.retractions;
      crashes += fleet.crashes;
      retries += fleet.retries;
    }
    assertThat(retractions).as("the hard case happened").isGreaterThan(HISTORIES);
    assertThat(crashes).isGreaterThan(HISTORIES);
    assertThat(retries).isGreaterThan(HISTORIES);
  }

  @Test
  void clients_that_give_up_leave_counts_between_acknowledged_and_attempted() {
    for (long seed = 1; seed <= HISTORIES; seed++) {
      ItemFleet fleet = new ItemFleet(-seed, Planted.NOTHING, false).run(STEPS);
      assertThat(fleet.findings()).as("seed %d", -seed).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
  void the_checker_finds_what_is_planted(Planted planted) {
    int found = 0;
    for (long seed = 1; seed <= 50; seed++) {
      found += new ItemFleet(seed, planted, true).run(STEPS).findings().isEmpty() ? 0 : 1;
    }
    assertThat(found).as("histories of 50 in which %s was noticed", planted).isGreaterThan(25);
  }
}
