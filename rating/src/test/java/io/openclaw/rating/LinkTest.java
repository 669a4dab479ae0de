package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinkTest {
  @Test
  void links_have_the_values_of_the_tables() {
    assertThat(Link.IDENTITY.inverse(-7.5)).isEqualTo(-7.5);
    assertThat(Link.LOGIT.inverse(0)).isEqualTo(0.5);
    assertThat(Link.LOGIT.inverse(Math.log(3))).isCloseTo(0.75, within(1e-15));
    assertThat(Link.CLOGLOG.inverse(0)).isCloseTo(1 - Math.exp(-1), within(1e-15));
    assertThat(Link.LOG.inverse(1)).isEqualTo(Math.E);
    // Abramowitz and Stegun, table 26.1, and 26.2.14 for the tail
    assertThat(Link.PROBIT.inverse(0)).isEqualTo(0.5);
    assertThat(Link.PROBIT.inverse(1)).isCloseTo(0.841344746068543, within(1e-15));
    assertThat(Link.PROBIT.inverse(1.96)).isCloseTo(0.975002104851780, within(1e-14));
    assertThat(Link.PROBIT.inverse(-3)).isCloseTo(0.001349898031630, within(1e-15));
    assertThat(Link.PROBIT.inverse(-6)).isCloseTo(9.865876450377e-10, within(1e-21));
    assertThat(Link.PROBIT.inverse(-5)).isCloseTo(2.866515718791939e-7, within(1e-16));
  }

  @Test
  void every_link_grows_and_stays_within_its_range() {
    for (Link link : Link.values()) {
      double last = Double.NEGATIVE_INFINITY;
      for (double x = -40; x <= 40; x += 0.01) {
        double y = link.inverse(x);
        assertThat(y).as(link + " at " + x).isGreaterThanOrEqualTo(last - 1e-15);
        if (link == Link.LOGIT || link == Link.PROBIT || link == Link.CLOGLOG) {
          assertThat(y).isBetween(0.0, 1.0);
        }
        last = y;
      }
      assertThat(link.inverse(Double.NaN)).isNaN();
    }
  }
}
