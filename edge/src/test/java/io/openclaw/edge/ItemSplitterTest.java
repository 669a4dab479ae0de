package io.openclaw.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.edge.ItemSplitter.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ItemSplitterTest {
  /** What a splitter makes of a text that comes in parts of so many bytes. */
  private static List<String> split(Format format, int itemBytesMax, String text, int partBytes) {
    ItemSplitter splitter = new ItemSplitter(format, itemBytesMax);
    List<String> items = new ArrayList<>();
    byte[] bytes = text.getBytes(UTF_8);
    for (int at = 0; at < bytes.length; at += partBytes) {
      splitter.feed(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + partBytes)));
      take(splitter, items);
      if (splitter.fault() != null) {
        items.add("fault: " + splitter.fault());
        return items;
      }
    }
    splitter.finish();
    take(splitter, items);
    if (splitter.fault() == null) {
      assertThat(splitter.isEnd()).isTrue();
    } else {
      items.add("fault: " + splitter.fault());
    }
    return items;
  }

  private static void take(ItemSplitter splitter, List<String> items) {
    for (ItemSplitter.Item item = splitter.next(); item != null; item = splitter.next()) {
      items.add(item.tooLarge() ? "too large" : new String(item.bytes(), UTF_8));
    }
  }

  /** However the parts fall, the inputs are the same. */
  private static List<String> split(Format format, int itemBytesMax, String text) {
    @Nullable List<String> whole = null;
    for (int partBytes = 1; partBytes <= text.length() + 1; partBytes++) {
      List<String> items = split(format, itemBytesMax, text, partBytes);
      if (whole != null) {
        assertThat(items).as("parts of " + partBytes).isEqualTo(whole);
      }
      whole = items;
    }
    return Objects.requireNonNull(whole);
  }

  @Test
  void lines_are_inputs_and_blank_ones_are_none() {
    assertThat(split(Format.LINES, 100, "{\"a\":1}\r\n\n  \n {\"b\": 2} \nnonsense\n{\"c\""))
        .containsExactly("{\"a\":1}", "{\"b\": 2}", "nonsense", "{\"c\"");
    assertThat(split(Format.LINES, 100, "\n")).isEmpty();
  }

  @Test
  void elements_of_an_array_end_outside_of_strings_and_brackets() {
    assertThat(
            split(
                Format.ARRAY,
                100,
                " [ {\"a\":[1,{\"x\":\"],\\\"}\"}]} ,\n[2,3], \"a,b\\\\\" , 4 ,{\"b\":1,}] \n"))
        .containsExactly(
            "{\"a\":[1,{\"x\":\"],\\\"}\"}]}", "[2,3]", "\"a,b\\\\\"", "4", "{\"b\":1,}");
    assertThat(split(Format.ARRAY, 100, "[]")).isEmpty();
    assertThat(split(Format.ARRAY, 100, "[ ]")).isEmpty();
    assertThat(split(Format.ARRAY, 100, "[1,,2,]")).containsExactly("1", "", "2", "");
  }

  @Test
  void what_is_no_array_is_said_to_be_none() {
    assertThat(split(Format.ARRAY, 100, " {}")).last().asString().startsWith("fault: the body is");
    assertThat(split(Format.ARRAY, 100, "[1] 2")).last().asString().startsWith("fault: there is");
    assertThat(split(Format.ARRAY, 100, "[1,{"))
        .containsExactly("1", "fault: the array of inputs ends too early (expected: ])");
    assertThat(split(Format.ARRAY, 100, "[1,\"]"))
        .containsExactly("1", "fault: the array of inputs ends too early (expected: ])");
    assertThat(split(Format.ARRAY, 100, ""))
        .containsExactly("fault: the array of inputs ends too early (expected: ])");
  }

  @Test
  void an_input_over_the_cap_is_let_go_and_the_next_one_is_not() {
    assertThat(split(Format.LINES, 3, "abc\nabcd\nab\n\nabcdefgh"))
        .containsExactly("abc", "too large", "ab", "too large");
    assertThat(split(Format.ARRAY, 3, "[ 123 ,1234,12, \"12345\" ]"))
        .containsExactly("123", "too large", "12", "too large");
  }

  @Test
  void a_long_input_is_not_kept() {
    ItemSplitter splitter = new ItemSplitter(Format.LINES, 100);
    byte[] part = "x".repeat(10_000).getBytes(UTF_8);
    for (int i = 0; i < 10_000; i++) {
      splitter.feed(part);
      assertThat(splitter.next()).isNull();
    }
    splitter.finish();
    assertThat(Objects.requireNonNull(splitter.next()).tooLarge()).isTrue();
    assertThat(splitter.next()).isNull();
    assertThat(splitter.isEnd()).isTrue();
  }

  @Test
  void random_bytes_break_no_splitter_and_parts_make_no_difference() {
    Random random = new Random(20);
    byte[] alphabet = "[]{},\"\\ \n1a".getBytes(UTF_8);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "[" : "");
      for (int i = random.nextInt(30); i > 0; i--) {
        text.append((char) alphabet[random.nextInt(alphabet.length)]);
      }
      for (Format format : Format.values()) {
        assertThat(split(format, 8, text.toString())).as(text.toString()).isNotNull();
      }
    }
  }
}
