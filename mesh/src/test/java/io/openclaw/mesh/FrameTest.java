package io.openclaw.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameTest {
  private static final Frame.Head HEAD = new Frame.Head(Frame.FACTS, 1_763_000_000_000L, 3);

  private final Names names = new Names();
  private final BitSet defined = new BitSet();
  private final FrameReader.Dictionary dictionary = new FrameReader.Dictionary();

  private byte[] facts(long number, Fact... facts) {
    FrameWriter out = FrameWriter.facts(HEAD, number);
    for (Fact fact : facts) {
      assertThat(out.add(fact, names, defined)).isTrue();
    }
    return out.bytes();
  }

  private Frame.Facts read(byte[] frame) throws WireException {
    FrameReader in = new FrameReader(frame);
    assertThat(in.head()).isEqualTo(HEAD);
    return in.facts(dictionary);
  }

  /** A frame of facts whose head and number stand, with the body given byte by byte. */
  private static byte[] body(int... bytes) {
    byte[] start = {1, Frame.FACTS, 1, 1, 1};
    byte[] frame = Arrays.copyOf(start, start.length + bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      frame[start.length + i] = (byte) bytes[i];
    }
    return frame;
  }

  private void refused(String reason, int... bytes) {
    assertThatThrownBy(
            () -> {
              FrameReader in = new FrameReader(body(bytes));
              in.head();
              in.facts(dictionary);
            })
        .isInstanceOf(WireException.class)
        .hasMessage(reason);
  }

  @Test
  void facts_read_as_written_and_names_are_explained_once() throws Exception {
    Fact.Count count =
        new Fact.Count("limits", "tenant/crédit", "eu-1", new long[] {0, 127, 128, Long.MAX_VALUE});
    Fact.Register register = new Fact.Register("docs", "d", 7, new byte[] {1, -1});
    byte[] first = facts(1, count, register);
    byte[] second = facts(2, count);
    assertThat(second.length).isLessThan(first.length - "limitstenant/crédit".length());
    for (Frame.Facts frame : List.of(read(first), read(second))) {
      assertThat(frame.unresolved()).isZero();
      assertThat(frame.facts().getFirst()).usingRecursiveComparison().isEqualTo(count);
    }
    assertThat(read(facts(3, register)).facts().getFirst())
        .usingRecursiveComparison()
        .isEqualTo(register);
  }

  @Test
  void a_counter_of_a_known_name_costs_few_bytes() {
    Fact fact = new Fact.Count("limits", "tenant/credit", "eu-central-1", new long[] {1_000_000});
    facts(1, fact);
    int one = facts(2, fact).length;
    assertThat(facts(3, fact, fact).length - one).isLessThanOrEqualTo(8);
  }

  @Test
  void a_fact_whose_name_was_never_explained_is_skipped_and_counted() throws Exception {
    Fact known = new Fact.Count("t", "k", "w", new long[] {1});
    Fact unknown = new Fact.Count("t", "lost", "w", new long[] {2});
    read(facts(1, known));
    facts(2, unknown);
    Frame.Facts third = read(facts(3, unknown, known));
    assertThat(third.unresolved()).isEqualTo(1);
    assertThat(third.facts()).hasSize(1);
  }

  @Test
  void a_full_frame_takes_no_more_and_stays_within_the_limit() throws Exception {
    FrameWriter out = FrameWriter.facts(HEAD, 1);
    int added = 0;
    while (out.add(new Fact.Count("t", "key-" + added, "w", new long[] {1}), names, defined)) {
      added++;
    }
    assertThat(out.bytes().length).isBetween(60_000, MeshTransport.FRAME_BYTES_MAX);
    assertThat(read(out.bytes()).facts()).hasSize(added);
  }

  @Test
  void the_largest_facts_fit_into_a_frame_and_larger_ones_are_not_sendable() {
    String longest = "x".repeat(Frame.STRING_BYTES_MAX);
    Fact count = new Fact.Count(longest, longest, longest, new long[Frame.VALUES_MAX]);
    Fact register = new Fact.Register(longest, longest, 1, new byte[Frame.REGISTER_BYTES_MAX]);
    for (Fact fact : List.of(count, register)) {
      assertThat(FrameWriter.sendable(fact, names)).isTrue();
      assertThat(FrameWriter.facts(HEAD, 1).add(fact, names, new BitSet())).isTrue();
    }
    String tooLong = longest + "x";
    for (Fact fact :
        List.of(
            new Fact.Count(tooLong, "k", "w", new long[0]),
            new Fact.Count("t", tooLong, "w", new long[0]),
            new Fact.Count("t", "k", tooLong, new long[0]),
            new Fact.Count("t", "k", "w", new long[Frame.VALUES_MAX + 1]),
            new Fact.Count("t", "k", "w", new long[] {-1}),
            new Fact.Register("t", "k", 0, new byte[0]),
            new Fact.Register("t", "k", 1, new byte[Frame.REGISTER_BYTES_MAX + 1]))) {
      assertThat(FrameWriter.sendable(fact, names)).as("%s", fact).isFalse();
    }
  }

  @Test
  void names_beyond_the_dictionary_are_written_out() throws Exception {
    for (int i = 0; i < Frame.DICTIONARY_MAX; i++) {
      names.of("n" + i);
    }
    assertThat(names.of("n" + (Frame.DICTIONARY_MAX - 1)).number())
        .isEqualTo(Frame.DICTIONARY_MAX - 1);
    Fact fact = new Fact.Count("n0", "beyond", "n1", new long[] {1});
    for (int number = 1; number <= 2; number++) {
      assertThat(read(facts(number, fact)).facts().getFirst().key()).isEqualTo("beyond");
    }
    assertThat(defined.length()).isLessThanOrEqualTo(Frame.DICTIONARY_MAX);
  }

  @Test
  void every_limit_of_the_decoder_is_kept() {
    refused("too many facts", 0xff, 0xff);
    refused("it ends too early", 0, 1);
    refused("unknown kind of fact 3", 0, 1, 3);
    refused("too many string bytes", 0, 1, 1, 0, 0x81, 0x08);
    refused("name number out of range", 0, 1, 1, 1);
    refused("name number out of range", 0, 1, 1, 0x82, 0x80, 0x10);
    refused("a number is too long", 0, 1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    refused("a number is padded", 0, 1, 1, 0x80, 0);
    refused("a string is not UTF-8", 0, 1, 1, 0, 1, 0xff);
    refused("too many values", 0, 1, 1, 0, 0, 0, 0, 0, 0, 0x81, 0x08);
    refused("too many register bytes", 0, 1, 2, 0, 0, 0, 0, 1, 0x81, 0x80, 0x04);
    refused("version is zero", 0, 1, 2, 0, 0, 0, 0, 0, 0);
    refused("bytes after the end", 0, 0, 0);
    refused("a name number was given twice", 0, 1, 1, 3, 1, 'a', 3, 1, 'b');
  }

  @Test
  void unknown_versions_and_types_are_refused() {
    for (byte[] frame : new byte[][] {{}, {2, 1, 1, 1}, {1, 9, 1, 1}, {1, 1, 0, 1}, {1}}) {
      assertThatThrownBy(() -> new FrameReader(frame).head()).isInstanceOf(WireException.class);
    }
  }

  @Test
  void hello_and_heartbeat_read_as_written() throws Exception {
    Frame.Head hello = new Frame.Head(Frame.HELLO, 5, 9);
    byte[] digest = MeshSettings.of("a", List.of("b"), 1).regionsDigest();
    FrameReader in = new FrameReader(FrameWriter.hello(hello, new Frame.Hello("a", digest)));
    assertThat(in.head()).isEqualTo(hello);
    Frame.Hello read = in.hello();
    assertThat(read.region()).isEqualTo("a");
    assertThat(read.regionsDigest()).isEqualTo(digest);

    Frame.Head head = new Frame.Head(Frame.HEARTBEAT, 5, 9);
    Frame.Heartbeat beat = new Frame.Heartbeat(1, -7, 2, 3, 4, 5, 6, Long.MIN_VALUE);
    in = new FrameReader(FrameWriter.heartbeat(head, beat));
    assertThat(in.head()).isEqualTo(head);
    assertThat(in.heartbeat()).isEqualTo(beat);
  }

  @Test
  void random_facts_read_as_written() throws Exception {
    long seed = 20261120;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      List<Fact> facts = new ArrayList<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        String key = "k" + random.nextInt(100);
        if (random.nextBoolean()) {
          long[] values = random.longs(random.nextInt(5), 0, Long.MAX_VALUE).toArray();
          facts.add(new Fact.Count("t" + random.nextInt(3), key, "w", values));
        } else {
          byte[] value = new byte[random.nextInt(200)];
          random.nextBytes(value);
          facts.add(new Fact.Register("t", key, 1 + random.nextLong(Long.MAX_VALUE), value));
        }
      }
      assertThat(read(facts(round + 1, facts.toArray(Fact[]::new))).facts())
          .as("seed %d round %d", seed, round)
          .usingRecursiveComparison()
          .isEqualTo(facts);
    }
  }
}
