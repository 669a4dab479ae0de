package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class LogStatesTest {
  @Test
  void a_log_that_refuses_is_shown_and_counted_until_it_takes_records_again() {
    AtomicBoolean well = new AtomicBoolean(false);
    LogStates logs = new LogStates();
    NodeMetrics metrics = new NodeMetrics("here", "test");
    logs.register(metrics, "here");
    logs.add("items", well::get);
    logs.add("quotas", () -> true);
    assertThat(page(logs))
        .isEqualTo("{\"stale\":false,\"logs\":{\"items\":\"refuses\",\"quotas\":\"accepts\"}}");
    assertThat(gauge(metrics)).contains("openclaw_log_accepts{log=\"items\",region=\"here\"} 0.0");
    well.set(true);
    assertThat(page(logs)).contains("\"items\":\"accepts\"");
    assertThat(gauge(metrics)).contains("openclaw_log_accepts{log=\"items\",region=\"here\"} 1.0");
  }

  private static String page(LogStates logs) {
    Json.Obj page = logs.with(new Json.Obj(Map.of("stale", Json.Bool.of(false))));
    return new String(JsonWriter.write(page), StandardCharsets.UTF_8);
  }

  private static String gauge(NodeMetrics metrics) {
    return new String(metrics.render(metrics.type("text/plain")), StandardCharsets.UTF_8);
  }
}
