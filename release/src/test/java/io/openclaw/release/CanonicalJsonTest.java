package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  private static String canonical(String json) throws JsonSyntaxException {
    return new String(CanonicalJson.write(JsonReader.read(json.getBytes(UTF_8))), UTF_8);
  }

  @Test
  void members_are_in_the_order_of_utf16_code_units() throws Exception {
    // The example of RFC 8785, section 3.2.3: by code points the last two would change places.
    assertThat(
            canonical(
                "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"))
        .isEqualTo(
            "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"\ud83d\ude00\":5,\"\ufb33\":3}");
  }

  @Test
  void strings_are_escaped_only_where_they_must_be() throws Exception {
    assertThat(canonical("\"\\u000f\\n\\t\\b\\f\\r\\\\\\\"\\/\\u00e9\\u2028\\u007f\""))
        .isEqualTo("\"\\u000f\\n\\t\\b\\f\\r\\\\\\\"/é\u2028\u007f\"");
  }

  @Test
  void values_have_one_spelling() throws Exception {
    assertThat(canonical(" { \"a\" : [ 1.0 , -0 , 1e3 , true , false , { } , [ ] ] } "))
        .isEqualTo("{\"a\":[1,0,1000,true,false,{},[]]}");
    assertThat(canonical("9007199254740991")).isEqualTo("9007199254740991");
    assertThat(canonical("-9007199254740991")).isEqualTo("-9007199254740991");
  }

  @Test
  void nothing_else_is_accepted() {
    for (String json : List.of("null", "0.5", "9007199254740992", "1e300", "[null]")) {
      assertThatThrownBy(() -> canonical(json))
          .as(json)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> CanonicalJson.write(new Json.Str("\ud83d")))
        .hasMessageContaining("surrogate");
  }

  @Test
  void another_spelling_of_the_same_value_is_found() throws Exception {
    Json value = new Json.Obj(Map.of("a", new Json.Num(1)));
    assertThat(CanonicalJson.isFormOf(value, "{\"a\":1}".getBytes(UTF_8))).isTrue();
    for (String other : List.of("{\"a\": 1}", "{\"a\":1.0}", "{\"\\u0061\":1}", "{\"a\":1}\n")) {
      assertThat(CanonicalJson.isFormOf(value, other.getBytes(UTF_8))).as(other).isFalse();
    }
  }
}
