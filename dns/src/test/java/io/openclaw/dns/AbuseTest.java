package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.steer.Cidr;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Response rate limiting, and cookies, which are a way around it for who has his own address. */
class AbuseTest {
  private static final int PER_SECOND = 10;
  private static final byte[] QUERY = Packet.of("rate.example", 1).bytes();

  private final TestZone zone = new TestZone(TestZone.settings(1, Order.LISTED), PER_SECOND);

  @Test
  void one_network_gets_so_many_of_the_same_answer_per_second_and_the_others_their_own() {
    int whole = 0;
    int truncated = 0;
    int none = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] reply = zone.raw(QUERY, TestZone.address("203.0.113." + i % 250), false);
      if (reply.length == 0) {
        none++;
      } else if (Reply.read(reply).truncated()) {
        truncated++;
        assertThat(reply.length).as("no more than was asked").isEqualTo(QUERY.length);
      } else {
        whole++;
      }
    }
    assertThat(whole).isEqualTo(PER_SECOND);
    assertThat(truncated).isBetween(400, 590);
    assertThat(none).isEqualTo(1000 - whole - truncated);
    assertThat(zone.counters.countOf(DnsCounters.Lost.RATE_LIMITED)).isEqualTo(none);
    assertThat(zone.counters.countOf(DnsCounters.Lost.SLIPPED)).isEqualTo(truncated);
    assertThat(isWhole(QUERY, "203.0.114.1")).as("another network").isTrue();
    byte[] other = Packet.of("rate.example", 28).bytes();
    assertThat(isWhole(other, "203.0.113.1")).as("another answer").isTrue();
    zone.nowNanos += 1_000_000_000L / PER_SECOND;
    assertThat(isWhole(QUERY, "203.0.113.1")).as("a tenth of a second later").isTrue();
    assertThat(isWhole(QUERY, "203.0.113.1")).as("and no more").isFalse();
  }

  @Test
  void names_that_do_not_exist_and_refusals_are_one_answer_each_so_many_names_do_not_help() {
    for (String zoneName : List.of(".rate.example", ".test")) {
      int whole = 0;
      for (int i = 0; i < 100; i++) {
        byte[] query = Packet.of("n" + i + zoneName, 1).bytes();
        whole += isWhole(query, "203.0.113.1") ? 1 : 0;
      }
      assertThat(whole).isEqualTo(PER_SECOND);
    }
  }

  @Test
  void types_that_are_not_there_are_one_answer_so_many_types_and_many_names_do_not_help() {
    int whole = 0;
    for (int i = 0; i < 100; i++) {
      String name = List.of("rate.example", "api.rate.example", "down.rate.example").get(i % 3);
      whole += isWhole(Packet.of(name, 1000 + i).bytes(), "203.0.113.1") ? 1 : 0;
    }
    assertThat(whole).isEqualTo(PER_SECOND);
    byte[] noIpv6 = Packet.of("ap.rate.example", 28).bytes();
    assertThat(isWhole(noIpv6, "203.0.113.1")).as("a type that others have").isFalse();
    assertThat(isWhole(QUERY, "203.0.113.1")).as("what is there").isTrue();
  }

  @Test
  void over_tcp_nobody_is_limited() {
    for (int i = 0; i < 100; i++) {
      byte[] reply = zone.raw(QUERY, TestZone.CLIENT, true);
      assertThat(Reply.read(reply).truncated()).isFalse();
    }
  }

  @Test
  void who_sends_the_cookie_back_is_not_limited_and_who_forges_an_address_cannot() {
    Reply first = zone.udp(Packet.of("rate.example", 1).option(10, "0011223344556677"));
    String cookie = first.opt().data().substring(8);
    assertThat(cookie).hasSize(48).startsWith("0011223344556677" + "01000000");
    byte[] query = Packet.of("rate.example", 1).option(10, cookie).bytes();
    for (int i = 0; i < 100; i++) {
      assertThat(isWhole(query, "198.51.100.7")).isTrue();
    }
    int whole = 0;
    for (int i = 0; i < 100; i++) {
      whole += isWhole(query, "203.0.113.1") ? 1 : 0;
    }
    assertThat(whole).as("from another address").isEqualTo(PER_SECOND);
    zone.wallMillis += 3_601_000;
    whole = 0;
    for (int i = 0; i < 100; i++) {
      whole += isWhole(query, "198.51.100.7") ? 1 : 0;
    }
    assertThat(whole).as("an hour later").isLessThanOrEqualTo(PER_SECOND);
  }

  /** RFC 9018, appendix A.1. */
  @Test
  void a_cookie_is_what_the_rfc_makes() {
    byte[] key = HexFormat.of().parseHex("e5e973e5a6b2a43f48e7dc849e37bfcf");
    Cookies cookies =
        new Cookies(Long.reverseBytes(Cidr.high(key)), Long.reverseBytes(Cidr.low(key)));
    byte[] client = HexFormat.of().parseHex("2464c4abcf10c957");
    byte[] cookie = new byte[24];
    byte[] address = TestZone.address("198.51.100.100");
    cookies.write(client, 0, address, 1_559_731_985, new byte[32], cookie, 0);
    assertThat(HexFormat.of().formatHex(cookie))
        .isEqualTo("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
    assertThat(cookies.isOurs(cookie, 0, 24, address, 1_559_731_985, new byte[32])).isTrue();
    cookie[23] ^= 1;
    assertThat(cookies.isOurs(cookie, 0, 24, address, 1_559_731_985, new byte[32])).isFalse();
  }

  /** The vector of the paper's appendix A: key and message count from 0. */
  @Test
  void siphash_is_what_the_paper_says() {
    byte[] message = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e");
    assertThat(SipHash.hash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, message, 0, 15))
        .isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void
      many_networks_at_once_leave_the_table_as_large_as_it_was_and_are_hardly_in_each_others_way() {
    int refused = 0;
    for (int i = 0; i < 30_000; i++) {
      byte[] address = {10, (byte) (i >> 8), (byte) i, 1};
      refused += isWhole(QUERY, address) ? 0 : 1;
    }
    assertThat(refused).isLessThan(100);
  }

  @Test
  void a_rate_out_of_range_is_refused() {
    assertThatThrownBy(() -> new ResponseRate(-1, 0, 0, 0))
        .hasMessage("perSecond: -1 (expected: 0 to 100000)");
  }

  private boolean isWhole(byte[] query, String client) {
    return isWhole(query, TestZone.address(client));
  }

  private boolean isWhole(byte[] query, byte[] client) {
    byte[] reply = zone.raw(query, client, false);
    return reply.length > 0 && !Reply.read(Arrays.copyOf(reply, reply.length)).truncated();
  }
}
