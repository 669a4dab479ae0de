package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.steer.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QueryTest {
  private static final String APEX = "rate.example";

  private final Query query = new Query();

  @Test
  void what_was_written_is_read_back_a_thousand_times() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 1000; i++) {
      String name = name(random);
      int type = random.nextInt(1, 40_000);
      Packet packet = new Packet().id(random.nextInt(1 << 16)).question(name, type, 1);
      boolean edns = random.nextBoolean();
      int payload = random.nextInt(1 << 16);
      int bits = random.nextInt(0, 33);
      byte[] address = new byte[(bits + 7) / 8];
      random.nextBytes(address);
      if (bits % 8 != 0) {
        address[address.length - 1] &= (byte) (0xFF << (8 - bits % 8));
      }
      if (edns) {
        packet.edns(payload).option(3, "00".repeat(random.nextInt(20)));
        packet.subnet(1, bits, HexFormat.of().formatHex(address));
      }
      byte[] bytes = packet.bytes();
      assertThat(query.read(bytes, bytes.length)).as("query %d", i).isZero();
      assertThat(nameOf(query)).isEqualTo(name.toLowerCase(Locale.ROOT));
      assertThat(query.type).isEqualTo(type);
      assertThat(query.edns).isEqualTo(edns);
      assertThat(query.hasSubnet).isEqualTo(edns);
      if (edns) {
        assertThat(query.payloadBytes).isEqualTo(payload);
        assertThat(query.subnetBits).isEqualTo(bits);
        assertThat(query.subnetHigh).isEqualTo(Cidr.high(address));
      }
    }
  }

  @Test
  void every_cut_of_a_query_is_an_error_and_so_is_a_byte_too_many() {
    byte[] whole = Packet.of(APEX, 1).edns(1232).subnet(2, 56, "20010db8001122").bytes();
    for (int length = Query.HEADER_BYTES; length < whole.length; length++) {
      assertThat(query.read(Arrays.copyOf(whole, length), length)).isEqualTo(Rcode.FORMERR);
    }
    assertThat(query.read(whole, whole.length)).isZero();
    assertThat(query.read(Arrays.copyOf(whole, whole.length + 1), whole.length + 1))
        .isEqualTo(Rcode.FORMERR);
  }

  @Test
  void a_question_with_a_pointer_is_an_error_above_all_one_to_itself() {
    String head = "123401000001000000000000";
    for (String name : new String[] {"c00c", "c000", "0161c00c", "c00e0000", "ffff"}) {
      byte[] bytes = HexFormat.of().parseHex(head + name + "00010001");
      assertThat(query.read(bytes, bytes.length)).as(name).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void pointers_of_records_point_backwards() {
    assertThat(read(Packet.of(APEX, 251).record(true, "c00c", 6, "c00cc00c"))).isZero();
    for (String owner : new String[] {"c01e", "c0ff", "c00b", "016100", "0161c01e"}) {
      int expected = owner.equals("016100") ? Rcode.NOERROR : Rcode.FORMERR;
      assertThat(read(Packet.of(APEX, 1).record(false, owner, 1, "")))
          .as(owner)
          .isEqualTo(expected);
    }
    assertThat(read(Packet.of(APEX, 1).record(false, "40" + "61".repeat(64) + "00", 1, "")))
        .isEqualTo(Rcode.FORMERR);
  }

  @Test
  void more_records_than_a_query_has_are_an_error() {
    Packet packet = Packet.of(APEX, 1);
    for (int i = 0; i < Query.RECORDS_MAX; i++) {
      packet.record(false, "00", 1, "");
    }
    assertThat(read(packet)).isZero();
    assertThat(read(packet.record(false, "00", 1, ""))).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void a_name_of_255_bytes_is_read_and_one_of_256_is_not() {
    String label = "a".repeat(63) + ".";
    assertThat(read(Packet.of(label.repeat(3) + "a".repeat(61), 1))).isZero();
    assertThat(read(Packet.of(label.repeat(3) + "a".repeat(62), 1))).isEqualTo(Rcode.FORMERR);
    assertThat(read(Packet.of("a.".repeat(126) + "a", 1))).isZero();
    assertThat(query.labels).isEqualTo(127);
  }

  @Test
  void a_client_subnet_has_just_the_bytes_that_its_prefix_needs() {
    assertThat(read(Packet.of(APEX, 1).subnet(1, 24, "c63364"))).isZero();
    assertThat(read(Packet.of(APEX, 1).subnet(1, 0, ""))).isZero();
    assertThat(query.subnetFamily).as("hidden").isZero();
    assertThat(read(Packet.of(APEX, 1).subnet(0, 0, ""))).isZero();
    for (Packet wrong :
        new Packet[] {
          Packet.of(APEX, 1).subnet(1, 24, "c6336401"),
          Packet.of(APEX, 1).subnet(1, 24, "c633"),
          Packet.of(APEX, 1).subnet(1, 23, "c63365"),
          Packet.of(APEX, 1).subnet(1, 33, "c633640000"),
          Packet.of(APEX, 1).subnet(2, 129, "20010db800112233445566778899aabbcc"),
          Packet.of(APEX, 1).subnet(3, 8, "01"),
          Packet.of(APEX, 1).option(8, "0001"),
          Packet.of(APEX, 1).option(8, "00011818c63364"),
          Packet.of(APEX, 1).subnet(1, 24, "c63364").subnet(1, 24, "c63364")
        }) {
      assertThat(read(wrong)).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void a_cookie_has_8_bytes_or_16_to_40() {
    for (int bytes : new int[] {8, 16, 24, 40}) {
      assertThat(read(Packet.of(APEX, 1).option(10, "aa".repeat(bytes)))).isZero();
    }
    for (int bytes : new int[] {0, 7, 9, 15, 41}) {
      assertThat(read(Packet.of(APEX, 1).option(10, "aa".repeat(bytes)))).isEqualTo(Rcode.FORMERR);
    }
  }

  private int read(Packet packet) {
    byte[] bytes = packet.bytes();
    return query.read(bytes, bytes.length);
  }

  private static String nameOf(Query query) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < query.labels; i++) {
      int at = query.labelAt[i];
      text.append(i == 0 ? "" : ".")
          .append(new String(query.name, at + 1, query.name[at], StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  private static String name(SplittableRandom random) {
    StringBuilder name = new StringBuilder();
    for (int labels = random.nextInt(5); labels > 0; labels--) {
      for (int i = random.nextInt(1, 60); i > 0; i--) {
        name.append((char) (random.nextBoolean() ? 'A' + random.nextInt(26) : '_'));
      }
      name.append(labels > 1 ? "." : "");
    }
    return name.toString();
  }
}
