package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.openclaw.domain.KeyText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small changes as typed, against a node whose release is on its way when it answers. */
final class ChangeWriterTest {
  private static final String ID = "ab".repeat(32);
  private static final String PLAN =
      "{\"version\":2,\"id\":\"%s\",\"changes\":[],\"stage\":\"staging\",\"everywhere\":false}"
          .formatted(ID);

  @TempDir Path folder = Path.of("");
  private final AtomicInteger asked = new AtomicInteger();

  /** The answer to the first question is "staging", then what is given. */
  private void node(HttpExchange exchange, String end) throws IOException {
    exchange.getRequestBody().readAllBytes();
    boolean isChange = exchange.getRequestURI().getPath().equals(ChangeWriter.CHANGES);
    String stage = !isChange && asked.getAndIncrement() == 0 ? "\"stage\":\"staging\"" : end;
    String rollout = "{\"candidate\":{\"version\":2,\"id\":\"%s\"},%s}".formatted(ID, stage);
    WebFolder.give(exchange, 200, (isChange ? PLAN : rollout).getBytes(UTF_8));
  }

  private Ran run(String command, String end) throws IOException {
    Path key = folder.resolve("admin.key");
    Files.writeString(key, KeyText.generate(new Random(1)).reveal());
    asked.set(0);
    try (WebFolder web = WebFolder.of(exchange -> node(exchange, end))) {
      List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
      arguments.addAll(List.of("--admin-url", web.url(), "--admin-key-file", key.toString()));
      return Ran.command(arguments);
    }
  }

  @Test
  void a_change_ends_when_it_is_in_force_everywhere() throws Exception {
    String end = "\"stage\":\"stable\",\"everywhere\":true";
    Ran ran = run("tenant set bank --cost 2 -m why", end);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("version 2", "staging: ", "in force in all regions");
    assertThat(run("limit set --all --rate 9 --burst 9 -m why --output json", end).out())
        .contains("\"stage\":\"stable\"", "\"everywhere\":true");
    assertThat(run("release pending --publish", end).out()).contains("in force in all regions");
  }

  @Test
  void a_change_that_a_region_refuses_late_fails() throws Exception {
    String end = "\"stage\":\"refused\",\"why\":\"region b: planted\"";
    for (String command : List.of("tenant set bank --cost 2 -m why", "release pending --publish")) {
      Ran ran = run(command, end);
      assertThat(ran.code()).isEqualTo(1);
      assertThat(ran.err()).contains("refused: region b: planted");
    }
  }

  @Test
  void who_does_not_wait_says_so() throws Exception {
    Ran ran = run("tenant set bank --cost 2 -m why --detach", "");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).isEqualTo("version 2");
    assertThat(asked).hasValue(0);
  }
}
