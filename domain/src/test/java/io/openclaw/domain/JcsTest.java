package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JcsTest {
  private static String form(String json) throws JsonSyntaxException {
    return new String(Jcs.write(JsonReader.read(json.getBytes(UTF_8))), UTF_8);
  }

  /** The IEEE bits and their texts of RFC 8785, appendix B. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2"
  })
  void numbers_are_written_as_the_rfc_lists_them(String bits, String text) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));
    assertThat(new String(Jcs.write(new Json.Num(value)), UTF_8)).isEqualTo(text);
  }

  @Test
  void minus_zero_is_an_input_of_its_own() {
    assertThat(new String(Jcs.exact(new Json.Num(-0.0)), UTF_8)).isEqualTo("-0");
    assertThat(new String(Jcs.exact(new Json.Num(0.0)), UTF_8)).isEqualTo("0");
  }

  @Test
  void the_order_and_the_spelling_of_an_input_make_no_difference() throws JsonSyntaxException {
    assertThat(form("{ \"b\" : 1.0, \"a\" : [1e2, \"\\u0041\\/\", null, true], \"€\": {}}"))
        .isEqualTo("{\"a\":[100,\"A/\",null,true],\"b\":1,\"€\":{}}")
        .isEqualTo(form("{\"€\":{},\"a\":[100,\"A/\",null,true],\"b\":1}"));
  }

  @Test
  void half_of_a_pair_has_no_form() {
    assertThatThrownBy(() -> Jcs.write(new Json.Str("\ud800")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void what_is_read_of_a_form_has_the_same_form_and_different_numbers_have_different_ones()
      throws JsonSyntaxException {
    Random random = new Random(8785);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isNaN(value) || Double.isInfinite(value)) {
        continue;
      }
      String text = new String(Jcs.write(new Json.Num(value)), UTF_8);
      assertThat(Double.parseDouble(text)).as(text).isEqualTo(value);
      assertThat(form(text)).isEqualTo(text);
    }
  }

  @Test
  void shuffled_objects_have_one_form() {
    Random random = new Random(1);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      names.add(Integer.toString(random.nextInt(1_000_000), 36));
    }
    byte[] first = {};
    for (int round = 0; round < 20; round++) {
      java.util.Collections.shuffle(names, random);
      Map<String, Json> members = new LinkedHashMap<>();
      names.forEach(name -> members.put(name, new Json.Str(name)));
      byte[] form = Jcs.write(new Json.Obj(members));
      assertThat(form).isEqualTo(first.length == 0 ? form : first);
      first = form;
    }
  }
}
