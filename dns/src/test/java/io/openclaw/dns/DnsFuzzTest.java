package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DnsFuzzTest {
  private static final double SECONDS = 2;
  private static final int FORMERR_BYTES = 12;

  @Test
  void no_packet_is_more_than_answered_refused_or_dropped() {
    TestZone zone = new TestZone();
    DnsFuzz.Report report =
        new DnsFuzz(new SplittableRandom(1))
            .run(SECONDS, (query, tcp) -> zone.raw(query, TestZone.CLIENT, tcp));
    assertThat(report.packets()).isGreaterThan(1000);
    assertThat(report.answered()).isPositive();
    assertThat(report.formatErrors()).isPositive();
    assertThat(report.dropped()).isPositive();
  }

  @Test
  void the_same_check_finds_a_reader_that_follows_pointers_without_an_end() {
    TestZone zone = new TestZone();
    DnsFuzz fuzz = new DnsFuzz(new SplittableRandom(1));
    assertThatThrownBy(
            () ->
                fuzz.run(
                    SECONDS,
                    (query, tcp) -> {
                      followPointers(query);
                      return zone.raw(query, TestZone.CLIENT, tcp);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("packet");
  }

  @Test
  void the_same_check_finds_an_answer_to_an_answer_and_one_with_anothers_id() {
    assertThatThrownBy(() -> DnsFuzz.check(response(), new byte[FORMERR_BYTES], false))
        .hasMessage("an answer to no query");
    byte[] query = Packet.of("rate.example", 1).bytes();
    byte[] answer = new TestZone().raw(query, TestZone.CLIENT, false);
    DnsFuzz.check(query, answer, false);
    answer[0]++;
    assertThatThrownBy(() -> DnsFuzz.check(query, answer, false)).hasMessage("another id");
  }

  private static byte[] response() {
    return Packet.of("rate.example", 1).flags(0x8000).bytes();
  }

  /** The planted bug: a reader of names as one would first write it. */
  private static void followPointers(byte[] packet) {
    int at = 12;
    int steps = 0;
    while (at < packet.length && packet[at] != 0) {
      if (++steps > 1_000_000) {
        throw new IllegalStateException("a pointer loop");
      }
      int label = packet[at] & 0xFF;
      at = label >= 0xC0 ? (label & 0x3F) << 8 | (packet[at + 1] & 0xFF) : at + 1 + label;
    }
  }
}
