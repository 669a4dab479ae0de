package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JsonMembersTest {
  private final List<Violation> violations = new ArrayList<>();

  private JsonMembers members(String json) throws JsonSyntaxException {
    return JsonMembers.of(JsonReader.read(json.getBytes(UTF_8)), "/edits/0", violations);
  }

  @Test
  void what_fits_is_taken() throws Exception {
    JsonMembers members =
        members("{\"name\":\"a/b\",\"empty\":\"\",\"on\":true,\"off\":false,\"n\":7}")
            .only(Set.of("name", "empty", "on", "off", "n"));
    assertThat(members.text("name", 3)).isEqualTo("a/b");
    assertThat(members.text("empty")).isEmpty();
    assertThat(members.flag("on")).isTrue();
    assertThat(members.requiredFlag("off")).isFalse();
    assertThat(members.flag("absent")).isFalse();
    assertThat(members.whole("n", 1, 7, 0)).isEqualTo(7);
    assertThat(members.whole("absent", 1, 7, 3)).isEqualTo(3);
    assertThat(members.requiredWhole("n", 7, 7, 0)).isEqualTo(7);
    assertThat(members.get("absent")).isNull();
    assertThat(violations).isEmpty();
  }

  @Test
  void what_does_not_is_noted_by_its_place() throws Exception {
    JsonMembers members =
        members("{\"a/b\":\" \",\"long\":\"four\",\"n\":1.5,\"big\":8,\"flag\":null}")
            .only(Set.of("long", "n", "big", "flag"));
    assertThat(members.text("a/b", 3)).isEmpty();
    assertThat(members.text("long", 3)).isEmpty();
    assertThat(members.text("n")).isEmpty();
    assertThat(members.whole("n", 1, 7, 2)).isEqualTo(2);
    assertThat(members.requiredWhole("big", 1, 7, 2)).isEqualTo(2);
    assertThat(members.requiredWhole("absent", 1, 7, 2)).isEqualTo(2);
    assertThat(members.flag("flag")).isFalse();
    assertThat(members.requiredFlag("absent")).isFalse();
    assertThat(violations)
        .containsExactly(
            new Violation("/edits/0/a~1b", "unknown (expected: one of [big, flag, long, n])"),
            new Violation("/edits/0/a~1b", "(expected: a string of 1 to 3 characters)"),
            new Violation("/edits/0/long", "(expected: a string of 1 to 3 characters)"),
            new Violation("/edits/0/n", "(expected: a string)"),
            new Violation("/edits/0/n", "(expected: a whole number, 1 to 7)"),
            new Violation("/edits/0/big", "(expected: a whole number, 1 to 7)"),
            new Violation("/edits/0/absent", "(expected: a whole number, 1 to 7)"),
            new Violation("/edits/0/flag", "(expected: true or false)"),
            new Violation("/edits/0/absent", "(expected: true or false)"));
  }

  @Test
  void of_what_is_no_object_only_that_is_noted() throws Exception {
    JsonMembers members = members("[1]");
    assertThat(members.text("name")).isEmpty();
    assertThat(members.requiredFlag("on")).isFalse();
    assertThat(violations)
        .containsExactly(new Violation("/edits/0", "an array (expected: an object)"));
  }
}
