package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.QuotaSpec.Per;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaWindowTest {
  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  @ParameterizedTest
  @CsvSource({
    "DAY,2026-11-21T00:00:00Z,2026-11-21,2026-11-21T00:00:00Z,2026-11-22T00:00:00Z",
    "DAY,2026-11-21T23:59:59.999Z,2026-11-21,2026-11-21T00:00:00Z,2026-11-22T00:00:00Z",
    "DAY,2028-02-28T12:00:00Z,2028-02-28,2028-02-28T00:00:00Z,2028-02-29T00:00:00Z",
    "MONTH,2026-12-31T23:59:59.999Z,2026-12,2026-12-01T00:00:00Z,2027-01-01T00:00:00Z",
    "MONTH,2027-01-01T00:00:00Z,2027-01,2027-01-01T00:00:00Z,2027-02-01T00:00:00Z",
    "MONTH,2028-02-29T00:00:00Z,2028-02,2028-02-01T00:00:00Z,2028-03-01T00:00:00Z",
    "DAY,1969-12-31T23:00:00Z,1970-01-01,1970-01-01T00:00:00Z,1970-01-02T00:00:00Z",
  })
  void a_window_is_a_day_or_a_month_of_utc(
      Per per, String at, String name, String start, String end) {
    QuotaWindow window = QuotaWindow.of(per, millis(at));
    assertThat(window.name()).isEqualTo(name);
    assertThat(window.startMillis()).isEqualTo(millis(start));
    assertThat(window.endMillis()).isEqualTo(millis(end));
    assertThat(QuotaWindow.parse(name)).isEqualTo(window);
    assertThat(QuotaWindow.of(per, window.endMillis())).isEqualTo(window.next());
    assertThat((window.endMillis() - window.startMillis()) / 1000)
        .isLessThanOrEqualTo(per.secondsMax());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2026", "2026-13", "2026-02-30", "1969-12-31", "2026-1-1", "x"})
  void what_names_no_window_is_refused(String name) {
    assertThatThrownBy(() -> QuotaWindow.parse(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("window: " + name + " (expected: like 2026-11-30 or 2026-11");
  }

  @Test
  void a_quota_has_one_token_to_a_thousand_million_million() {
    assertThatThrownBy(() -> new QuotaSpec("t", LimitSpec.Level.TENANT, 0, Per.DAY, false))
        .hasMessage("tokens: 0 (expected: 1 to 1000000000000000)");
    assertThatThrownBy(
            () ->
                new QuotaSpec(
                    "t", LimitSpec.Level.TENANT, QuotaSpec.TOKENS_MAX + 1, Per.DAY, false))
        .hasMessageContaining("expected: 1 to");
    assertThatThrownBy(() -> new QuotaSpec("a b", LimitSpec.Level.TENANT, 1, Per.DAY, false))
        .hasMessageContaining("quota: a b");
    assertThatThrownBy(() -> Per.of("year"))
        .hasMessage("per: year (expected: one of [day, month])");
    assertThat(new QuotaSpec("tenant/t", LimitSpec.Level.TENANT, 5, Per.MONTH, false).policy())
        .isEqualTo("tenant-month");
  }
}
