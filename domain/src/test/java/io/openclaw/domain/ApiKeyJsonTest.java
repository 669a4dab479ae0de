package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiKeyJsonTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  private static ApiKey key(Random random) {
    KeyText text = KeyText.generate(random);
    Set<Scope> scopes = new HashSet<>();
    for (Scope scope : Scope.values()) {
      if (random.nextBoolean()) {
        scopes.add(scope);
      }
    }
    LimitSpec limit =
        random.nextBoolean()
            ? null
            : new LimitSpec(
                "key/" + text.id(),
                LimitSpec.Level.KEY,
                1 + random.nextLong(LimitSpec.RATE_MAX * 1000),
                1 + random.nextLong(LimitSpec.BURST_MAX));
    return new ApiKey(
        text.id(),
        text.sha256Hex(),
        random.nextBoolean() ? null : "tenant-" + random.nextInt(9),
        scopes,
        random.nextBoolean() ? ApiKey.NEVER : random.nextLong(1L << 45),
        random.nextBoolean(),
        limit,
        random.nextBoolean() ? "" : "of \"Anna\"\n\ud83d\ude00");
  }

  @Test
  void a_key_is_read_back_from_its_bytes_as_it_was_over_seeds() throws JsonSyntaxException {
    for (int seed = 0; seed < 500; seed++) {
      ApiKey key = key(new Random(seed));
      byte[] bytes = JsonWriter.write(ApiKeyJson.write(key));
      assertThat(ApiKeyJson.read(JsonReader.read(bytes))).as("seed %s", seed).isEqualTo(key);
    }
  }

  @Test
  void the_document_is_short_for_a_plain_key() {
    ApiKey key =
        new ApiKey(
            "abcdef",
            HASH,
            "credit",
            EnumSet.of(Scope.READ, Scope.RATE),
            ApiKey.NEVER,
            false,
            null,
            "x");
    assertThat(new String(JsonWriter.write(ApiKeyJson.write(key)), UTF_8))
        .isEqualTo(
            "{\"id\":\"abcdef\",\"sha256\":\""
                + HASH
                + "\",\"tenant\":\"credit\",\"scopes\":[\"rate\",\"read\"],\"revoked\":false,"
                + "\"label\":\"x\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                        | a key: an array (expected: an object)",
        "{}                                        | a key without id",
        "{\"id\":\"abcdef\"}                       | sha256 of key abcdef (expected: 64 lower-case hex digits)",
        "{\"id\":\"a/b\",\"sha256\":\"00\"}        | key id: \"a/b\" (expected: 6 to 32 letters and digits)",
        "{\"id\":\"abcdef\",\"scopes\":[\"root\"]} | scope: root",
      })
  void a_document_that_is_no_key_is_refused(String document, String message)
      throws JsonSyntaxException {
    Json json = JsonReader.read(document.getBytes(UTF_8));
    assertThatThrownBy(() -> ApiKeyJson.read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  /** Read as if it were absent, such a member would bring a revoked or expired key back. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "revoked           | \"true\"",
        "revoked           | 1",
        "expires_at_millis | \"2020-01-01\"",
        "expires_at_millis | null",
        "limit             | 5",
        "limit             | {\"milli_rate\":\"1\",\"burst\":1}",
        "tenant            | 5",
        "scopes            | \"rate\"",
        "scopes            | [5]",
        "label             | {}",
      })
  void a_member_of_the_wrong_type_is_refused_and_not_taken_for_absent(String name, String value)
      throws JsonSyntaxException {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Str("abcdef"));
    members.put("sha256", new Json.Str(HASH));
    assertThat(ApiKeyJson.read(new Json.Obj(members)).id()).isEqualTo("abcdef");
    members.put(name, JsonReader.read(value.getBytes(UTF_8)));
    assertThatThrownBy(() -> ApiKeyJson.read(new Json.Obj(members)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name.equals("limit") && value.startsWith("{") ? "milli_rate" : name);
  }

  @Test
  void a_key_hides_behind_no_bad_id_or_hash() {
    assertThatThrownBy(
            () -> new ApiKey("abc", HASH, null, Set.of(Scope.RATE), ApiKey.NEVER, false, null, ""))
        .hasMessage("key id: \"abc\" (expected: 6 to 32 letters and digits)");
    assertThatThrownBy(
            () ->
                new ApiKey(
                    "abcdef",
                    HASH.toUpperCase(java.util.Locale.ROOT),
                    null,
                    Set.of(),
                    ApiKey.NEVER,
                    false,
                    null,
                    ""))
        .hasMessage("sha256 of key abcdef (expected: 64 lower-case hex digits)");
  }
}
