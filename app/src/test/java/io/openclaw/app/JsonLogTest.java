package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.KeyText;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLogTest {
  private final JsonLog log = new JsonLog("eu-central-1");

  private static String secret(String key) {
    return key.substring(key.lastIndexOf('_') + 1);
  }

  private Json.Obj logged(LogRecord entry) {
    String line = log.format(entry);
    assertThat(line).endsWith("}\n");
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    try {
      return (Json.Obj) JsonReader.read(line.strip().getBytes(UTF_8));
    } catch (JsonSyntaxException e) {
      throw new AssertionError(line, e);
    }
  }

  private static String text(Json.Obj entry, String name) {
    return ((Json.Str) Objects.requireNonNull(entry.get(name))).value();
  }

  @Test
  void an_entry_is_one_line_of_json() {
    LogRecord entry = new LogRecord(Level.WARNING, "two\nlines, {0}");
    entry.setParameters(new Object[] {"\"quoted\""});
    entry.setLoggerName("io.openclaw.edge");
    entry.setInstant(java.time.Instant.parse("2026-01-02T03:04:05.678Z"));
    Json.Obj logged = logged(entry);
    assertThat(logged.members().keySet())
        .containsExactly("time", "level", "region", "logger", "message");
    assertThat(text(logged, "time")).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(text(logged, "level")).isEqualTo("WARNING");
    assertThat(text(logged, "region")).isEqualTo("eu-central-1");
    assertThat(text(logged, "logger")).isEqualTo("io.openclaw.edge");
    assertThat(text(logged, "message")).isEqualTo("two\nlines, \"quoted\"");
  }

  @Test
  void no_key_is_ever_logged_wherever_it_comes_from_over_seeds() {
    assertThat(firstLeak(JsonLog::redacted)).isNull();
  }

  @Test
  void a_log_that_looks_for_whole_words_only_is_caught_by_that_checker() {
    assertThat(firstLeak(text -> text.replaceAll("(?<= )ock_\\w+_\\w+(?= )", "…"))).isNotNull();
  }

  private static @Nullable String firstLeak(UnaryOperator<String> redaction) {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      String key = KeyText.generate(random).reveal();
      for (String around :
          new String[] {
            "%s",
            "Bearer %s",
            "{\"key\":\"%s\"}",
            "a%sb",
            "%s, then %s",
            "x_%s_y",
            "key=%s&x=1",
            "\u00e9%s\n",
            "x".repeat(8192 - random.nextInt(80)) + "%s",
          }) {
        String shown = redaction.apply(around.replace("%s", key));
        if (shown.contains(secret(key).substring(0, 10))) {
          return shown + ", seed " + seed;
        }
      }
    }
    return null;
  }

  @Test
  void a_key_in_an_exception_or_in_a_parameter_is_cut_out_and_its_id_stays() {
    KeyText key = KeyText.generate(new Random(1));
    LogRecord entry = new LogRecord(Level.SEVERE, "refused: {0}");
    entry.setParameters(new Object[] {key.reveal()});
    Throwable inner = new IllegalArgumentException("inner " + key.reveal());
    Throwable outer = new IllegalStateException("outer " + key.reveal(), inner);
    inner.setStackTrace(new StackTraceElement[0]); // the runner's own is long
    outer.setStackTrace(new StackTraceElement[] {new Throwable().getStackTrace()[0]});
    entry.setThrown(outer);
    Json.Obj logged = logged(entry);
    assertThat(text(logged, "message")).isEqualTo("refused: ock_" + key.id() + "_…");
    assertThat(text(logged, "exception"))
        .contains("outer ock_" + key.id() + "_…")
        .contains("inner ock_" + key.id() + "_…")
        .contains("JsonLogTest")
        .doesNotContain(secret(key.reveal()));
  }

  @Test
  void a_long_message_is_cut_and_stays_well_formed() {
    for (int before = 8185; before < 8195; before++) {
      LogRecord entry = new LogRecord(Level.INFO, "x".repeat(before) + "\ud83d\ude00".repeat(20));
      assertThat(text(logged(entry), "message")).startsWith("x".repeat(8185)).endsWith("…");
    }
    assertThat(JsonLog.redacted("x".repeat(1_000_000)).length()).isEqualTo(8193);
  }

  @Test
  void a_message_with_half_a_surrogate_pair_or_none_at_all_is_logged() {
    assertThat(log.format(new LogRecord(Level.INFO, "half \ud83d of a pair")))
        .contains("\"message\":\"half ")
        .contains(" of a pair\"}");
    assertThat(text(logged(new LogRecord(Level.INFO, null)), "message")).isEqualTo("null");
  }
}
