package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0",
    "-0.00, 0, 0, 0",
    "650, 650, 0, 650",
    "1.50, 15, 1, 1.5",
    "-0.000000001, -1, 9, -0.000000001",
    "1e3, 1000, 0, 1000",
    "12E-1, 12, 1, 1.2",
    "999999999999999999, 999999999999999999, 0, 999999999999999999",
    "9223372036.854775807, 9223372036854775807, 9, 9223372036.854775807",
  })
  void a_number_is_exactly_what_its_text_says(String text, long unscaled, int scale, String shown) {
    assertThat(Decimal.of(text)).isEqualTo(new Decimal(unscaled, scale)).hasToString(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.1234567891",
        "1e-10",
        "1000000000000000000",
        "1e18",
        "-1e18",
        "9223372036.854775808",
        "1e999999999",
        "1e-999999999",
        "1e2147483647",
        "-1e2147483647",
        "1e-2147483647",
      })
  void what_would_not_be_exact_is_refused_at_once(String text) {
    assertThatThrownBy(() -> Decimal.of(text)).isInstanceOf(ArithmeticException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "abc", "1,5", "NaN", "Infinity", "0x10", "1e", "1e99999999999"})
  void what_is_no_number_is_refused(String text) {
    assertThatThrownBy(() -> Decimal.of(text)).isInstanceOf(NumberFormatException.class);
  }

  @Test
  void equal_numbers_are_equal_values_and_order_is_that_of_numbers_over_seeds() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      long unscaled = random.nextLong() >> random.nextInt(64);
      int scale = random.nextInt(10);
      Decimal a = new Decimal(unscaled, scale);
      Decimal b = new Decimal(random.nextLong() >> random.nextInt(64), random.nextInt(10));
      BigDecimal exactA = BigDecimal.valueOf(unscaled, scale);
      BigDecimal exactB = BigDecimal.valueOf(b.unscaled(), b.scale());
      assertThat(new BigDecimal(a.toString())).as("seed %s", seed).isEqualByComparingTo(exactA);
      assertThat(Integer.signum(a.compareTo(b)))
          .as("seed %s", seed)
          .isEqualTo(exactA.compareTo(exactB));
      assertThat(a.equals(b)).as("seed %s", seed).isEqualTo(a.compareTo(b) == 0);
      if (scale < 9 && Math.abs(unscaled) < Long.MAX_VALUE / 10) {
        assertThat(new Decimal(unscaled * 10, scale + 1)).as("seed %s", seed).isEqualTo(a);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3.1415926535, 3.141593",
    "0.0000005, 0.000001",
    "0.0000004, 0",
    "-0.0000005, -0.000001",
    "-0.0000015, -0.000002",
    "2.5, 2.5",
    "0, 0",
  })
  void rounding_keeps_six_places_and_moves_halves_away_from_zero(double value, String rounded) {
    assertThat(Decimal.rounded(value)).hasToString(rounded);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 10})
  void a_scale_out_of_bounds_is_refused(int scale) {
    assertThatThrownBy(() -> new Decimal(1, scale))
        .hasMessage("scale: " + scale + " (expected: 0 to 9)");
  }
}
