package io.openclaw.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Inputs as JSON, header fields as limits, latencies as quantiles. */
final class ValuesTest {

  private static String json(RateRequest request) {
    return new String(request.body(), UTF_8);
  }

  @Test
  void plain_values_become_json() {
    RateRequest request =
        RateRequest.builder()
            .set("text", "a\"ü")
            .set("none", null)
            .set("truth", true)
            .set("long", Long.MIN_VALUE)
            .set("big", new BigInteger("123456789012345678901234567890"))
            .set("tenth", new BigDecimal("0.10"))
            .set("double", 0.1)
            .set("float", 0.1f)
            .set("list", List.of(1, List.of(), Map.of()))
            .build();
    assertThat(json(request))
        .isEqualTo(
            "{\"text\":\"a\\\"ü\",\"none\":null,\"truth\":true,\"long\":-9223372036854775808,"
                + "\"big\":1.2345678901234568E29,\"tenth\":0.1,\"double\":0.1,\"float\":0.1,"
                + "\"list\":[1,[],{}]}");
    assertThat(json(RateRequest.of(Map.of("x", 1e300)))).isEqualTo("{\"x\":1.0E300}");
  }

  @Test
  void what_is_no_json_is_refused_with_its_place() {
    assertThatThrownBy(() -> RateRequest.of(Map.of("a", Map.of("b/c", Duration.ZERO))))
        .hasMessageStartingWith("input/a/b~1c: java.time.Duration (expected: ");
    assertThatThrownBy(() -> RateRequest.of(Map.of("a", List.of(Double.NaN))))
        .hasMessage("input/a/0: NaN (expected: a finite number)");
    assertThatThrownBy(() -> RateRequest.of(Map.of("a", Double.NEGATIVE_INFINITY)))
        .hasMessage("input/a: -Infinity (expected: a finite number)");
    assertThatThrownBy(() -> RateRequest.of(Map.of("a", Map.of(1, 2))))
        .hasMessageStartingWith("input/a: a name that is no String");
    Object deep = 1;
    for (int i = 0; i < 64; i++) {
      deep = List.of(deep);
    }
    Map<String, Object> tooDeep = Map.of("a", deep);
    assertThatThrownBy(() -> RateRequest.of(tooDeep)).hasMessageContaining("<= 64 levels");
    assertThatThrownBy(() -> RateRequest.json("x".repeat(RateRequest.BODY_BYTES_MAX + 1)))
        .hasMessage("input: 1048577 bytes (expected: <= 1048576)");
    for (String blank : List.of("", " ", "\t\r\n ")) {
      assertThatThrownBy(() -> RateRequest.json(blank))
          .hasMessage("input: blank (expected: a JSON object)");
    }
  }

  @Test
  void limits_are_read_from_header_fields_and_nonsense_is_passed_over() {
    HttpHeaders headers =
        HttpHeaders.of(
            Map.of(
                "RateLimit-Policy", List.of("\"tenant\";q=100;w=10, \"tenant-day\";q=5;w=86400"),
                "RateLimit",
                    List.of("\"tenant\";r=0;t=3, \"tenant-day\" ; r=4; t=60, x;r=1, \"y\";r=z")),
            (name, value) -> true);
    assertThat(RateLimit.of(headers))
        .containsExactly(
            new RateLimit("tenant", 0, Duration.ofSeconds(3), 100, Duration.ofSeconds(10)),
            new RateLimit("tenant-day", 4, Duration.ofSeconds(60), 5, Duration.ofDays(1)));
    assertThat(RateLimit.of(HttpHeaders.of(Map.of(), (name, value) -> true))).isEmpty();
  }
}
