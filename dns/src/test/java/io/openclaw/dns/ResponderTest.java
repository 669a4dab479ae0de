package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResponderTest {
  private static final String APEX = "rate.example";

  private final TestZone zone = new TestZone();

  @Test
  void a_query_for_an_address_is_answered_with_the_first_region_that_is_up() {
    Reply reply = zone.udp(APEX, RecordType.A);
    assertThat(reply.rcode()).isZero();
    assertThat(reply.authoritative()).isTrue();
    assertThat(reply.recursionAvailable()).isFalse();
    assertThat(reply.flags() & 0x0100).as("RD is copied").isNotZero();
    assertThat(reply.id()).isEqualTo(0x1234);
    assertThat(reply.questions()).containsExactly("rate.example 1 1");
    assertThat(reply.answers())
        .containsExactly(new Reply.Entry(APEX, RecordType.A, 1, 5, TestZone.EU));
    assertThat(zone.udp(APEX, RecordType.AAAA).data()).containsExactly(TestZone.EU_6);
    assertThat(zone.udp("api.rate.example", RecordType.A).data()).containsExactly(TestZone.EU);
  }

  @Test
  void a_region_that_fails_is_left_out_and_comes_back() {
    zone.down(0);
    assertThat(zone.udp(APEX, RecordType.A).data()).containsExactly(TestZone.US);
    zone.down(1);
    assertThat(zone.udp(APEX, RecordType.A).data()).containsExactly(TestZone.AP);
    zone.up(0);
    assertThat(zone.udp(APEX, RecordType.A).data()).containsExactly(TestZone.EU);
  }

  @Test
  void a_region_that_drains_is_left_out() {
    var _ = zone.view.probeDraining(0, 0);
    assertThat(zone.udp(APEX, RecordType.A).data()).containsExactly(TestZone.US);
  }

  @Test
  void a_drained_region_is_answered_where_the_others_are_down_until_it_answers_no_more() {
    TestZone all = new TestZone(TestZone.settings(3, Order.LISTED), 0);
    var _ = all.view.probeDraining(1, 0);
    all.down(0);
    all.down(2);
    assertThat(all.udp(APEX, RecordType.A).data()).containsExactly(TestZone.US);
    var _ = all.view.probeFailed(1, 0);
    assertThat(all.udp(APEX, RecordType.A).data())
        .containsExactly(TestZone.EU, TestZone.US, TestZone.AP);
  }

  @Test
  void where_all_are_down_all_are_answered_rather_than_none() {
    TestZone all = new TestZone(TestZone.settings(3, Order.LISTED), 0);
    for (int i = 0; i < 3; i++) {
      all.down(i);
    }
    assertThat(all.udp(APEX, RecordType.A).data())
        .containsExactly(TestZone.EU, TestZone.US, TestZone.AP);
  }

  @Test
  void the_only_region_up_has_no_ipv6_so_there_is_none_rather_than_that_of_a_dead_one() {
    zone.down(0);
    zone.down(1);
    Reply reply = zone.udp(APEX, RecordType.AAAA);
    assertThat(reply.rcode()).isZero();
    assertThat(reply.answers()).isEmpty();
    assertThat(reply.authorities()).hasSize(1);
  }

  @Test
  void a_regions_own_name_always_has_its_address() {
    zone.down(1);
    assertThat(zone.udp("us.rate.example", RecordType.A).data()).containsExactly(TestZone.US);
    assertThat(zone.udp("ap.rate.example", RecordType.AAAA).answers()).isEmpty();
  }

  @Test
  void the_case_of_a_question_comes_back_as_it_was() {
    Reply reply = zone.udp("aPi.RaTe.eXAMPLE", RecordType.A);
    assertThat(reply.questions()).containsExactly("aPi.RaTe.eXAMPLE 1 1");
    assertThat(reply.answers().getFirst().owner()).isEqualTo("aPi.RaTe.eXAMPLE");
  }

  @Test
  void a_name_that_is_not_there_is_nxdomain_with_the_soa() {
    Reply reply = zone.udp("nothing.rate.example", RecordType.A);
    assertThat(reply.rcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(reply.authoritative()).isTrue();
    assertThat(reply.authorities())
        .singleElement()
        .satisfies(
            soa -> {
              assertThat(soa.owner()).isEqualTo(APEX);
              assertThat(soa.ttl()).isEqualTo(5);
              assertThat(soa.data())
                  .startsWith("ns1.rate.example hostmaster.rate.example ")
                  .endsWith("00000005");
            });
  }

  @Test
  void a_type_that_is_not_there_is_no_error_with_the_soa() {
    for (int type : new int[] {RecordType.TXT, 15, RecordType.SOA, RecordType.NS, 43}) {
      Reply reply = zone.udp("api.rate.example", type);
      assertThat(reply.rcode()).isZero();
      assertThat(reply.answers()).isEmpty();
      assertThat(reply.authorities().getFirst().type()).isEqualTo(RecordType.SOA);
    }
  }

  @Test
  void a_name_that_only_has_names_below_it_exists() {
    assertThat(zone.udp("down.rate.example", RecordType.A).rcode()).isZero();
    assertThat(zone.udp("down.rate.example", RecordType.ANY).answers()).isEmpty();
    assertThat(zone.udp("deep.down.rate.example", RecordType.A).data())
        .containsExactly(TestZone.EU);
  }

  @Test
  void soa_and_ns_stand_at_the_apex_with_the_addresses_of_name_servers_inside() {
    assertThat(zone.udp(APEX, RecordType.SOA).answers()).hasSize(1);
    Reply reply = zone.udp(APEX, RecordType.NS);
    assertThat(reply.data()).containsExactly("ns1.rate.example", "ns2.elsewhere.test");
    assertThat(reply.additionals().stream().map(Reply.Entry::data))
        .containsExactly("c0000235", "20010db8000000000000000000000053");
    assertThat(reply.authorities()).isEmpty();
    assertThat(zone.udp("ns1.rate.example", RecordType.A).data()).containsExactly("c0000235");
  }

  @Test
  void the_serial_grows_with_each_change_of_who_is_usable_and_only_then() {
    String before = zone.udp(APEX, RecordType.SOA).data().getFirst();
    assertThat(zone.udp(APEX, RecordType.SOA).data().getFirst()).isEqualTo(before);
    zone.down(0);
    String after = zone.udp(APEX, RecordType.SOA).data().getFirst();
    assertThat(after).isGreaterThan(before);
    zone.wallMillis += 60_000;
    zone.up(0);
    long serial =
        Long.parseLong(
            zone.udp(APEX, RecordType.SOA).data().getFirst().split(" ", -1)[2].substring(0, 8), 16);
    assertThat(serial).isEqualTo(zone.wallMillis / 1000);
  }

  @Test
  void an_https_record_names_protocols_port_and_addresses() {
    assertThat(zone.udp(APEX, RecordType.HTTPS).data())
        .containsExactly(
            "0001"
                + "00"
                + "0001000c"
                + "026832"
                + "08"
                + HexFormat.of()
                    .formatHex("http/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                + "00030002"
                + "20fb"
                + "00040004"
                + TestZone.EU
                + "00060010"
                + TestZone.EU_6);
    assertThat(zone.udp("ap.rate.example", RecordType.HTTPS).data().getFirst())
        .endsWith("00040004" + TestZone.AP);
  }

  @Test
  void the_status_is_text() {
    zone.down(2);
    assertThat(zone.udp("_status.rate.example", RecordType.TXT).data())
        .containsExactly("\"eu=up\"\"us=up\"\"ap=down\"");
  }

  @Test
  void any_is_answered_with_next_to_nothing() {
    assertThat(zone.udp(APEX, RecordType.ANY).answers())
        .containsExactly(new Reply.Entry(APEX, RecordType.HINFO, 1, 5, "\"RFC8482\"\"\""));
    assertThat(zone.udp("nothing.rate.example", RecordType.ANY).rcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void what_is_outside_the_zone_is_refused_without_a_word_more() {
    for (String name : List.of("", "example", "com", "xrate.example", "rate.example.com")) {
      Reply reply = zone.udp(name, RecordType.A);
      assertThat(reply.rcode()).as(name).isEqualTo(Rcode.REFUSED);
      assertThat(reply.authoritative()).isFalse();
      assertThat(reply.answers()).isEmpty();
      assertThat(reply.authorities()).isEmpty();
    }
  }

  @Test
  void what_is_no_question_for_the_internet_or_a_transfer_is_refused() {
    assertThat(zone.udp(new Packet().question("version.bind", RecordType.TXT, 3)).rcode())
        .isEqualTo(Rcode.REFUSED);
    assertThat(zone.udp(new Packet().question(APEX, RecordType.A, 255)).rcode())
        .isEqualTo(Rcode.REFUSED);
    assertThat(zone.tcp(Packet.of(APEX, RecordType.AXFR)).rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(zone.udp(APEX, RecordType.IXFR).rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(zone.udp(APEX, RecordType.MAILB).rcode()).isEqualTo(Rcode.NOTIMP);
    assertThat(zone.udp(APEX, RecordType.OPT).rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void notify_and_update_are_not_implemented() {
    for (int opcode : new int[] {1, 2, 4, 5, 15}) {
      Reply reply = zone.udp(Packet.of(APEX, RecordType.SOA).flags(opcode << 11));
      assertThat(reply.rcode()).isEqualTo(Rcode.NOTIMP);
      assertThat(reply.flags() >> 11 & 0xF).isEqualTo(opcode);
    }
  }

  @Test
  void an_answer_is_never_answered_and_neither_is_half_a_header() {
    assertThat(zone.isAnswered(Packet.of(APEX, RecordType.A).flags(0x8000).bytes())).isFalse();
    assertThat(zone.isAnswered(new byte[11])).isFalse();
    assertThat(zone.isAnswered(new byte[Workspace.QUERY_BYTES_MAX + 1])).isFalse();
    assertThat(zone.counters.countOf(DnsCounters.Lost.MALFORMED)).isEqualTo(3);
  }

  @Test
  void no_question_and_two_questions_are_format_errors() {
    assertThat(zone.udp(new Packet()).rcode()).isEqualTo(Rcode.FORMERR);
    assertThat(zone.udp(Packet.of(APEX, 1).question(APEX, 28, 1)).rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void a_cookie_without_a_question_is_made_whole_or_confirmed() {
    Reply first = zone.udp(new Packet().option(10, "0011223344556677"));
    assertThat(first.rcode()).isZero();
    assertThat(first.questions()).isEmpty();
    assertThat(first.authoritative()).isFalse();
    assertThat(first.opt().data()).hasSize(56).startsWith("000a0018" + "0011223344556677");
    String cookie = first.opt().data().substring(8);
    assertThat(zone.udp(new Packet().option(10, cookie)).rcode()).isZero();
    Reply wrong = zone.udp(new Packet().option(10, cookie.substring(0, 46) + "00"));
    assertThat(wrong.rcode()).isEqualTo(Rcode.BADCOOKIE);
    assertThat(wrong.opt().data()).as("with one that is right").isEqualTo("000a0018" + cookie);
    assertThat(zone.udp(new Packet().edns(1232)).rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void edns_is_answered_with_edns_and_its_absence_with_none() {
    Reply reply = zone.udp(Packet.of(APEX, RecordType.A).edns(4096).dnssecOk());
    assertThat(reply.opt().recordClass()).as("payload").isEqualTo(1232);
    assertThat(reply.opt().ttl()).as("version 0, DO copied").isEqualTo(0x8000);
    assertThat(zone.udp(APEX, RecordType.A).additionals()).isEmpty();
  }

  @Test
  void a_version_that_is_not_known_is_badvers() {
    Reply reply = zone.udp(Packet.of(APEX, RecordType.A).version(1));
    assertThat(reply.rcode()).isEqualTo(Rcode.BADVERS);
    assertThat(reply.opt().ttl() >> 16 & 0xFF).as("the highest that is").isZero();
    assertThat(reply.answers()).isEmpty();
  }

  @Test
  void two_opt_records_or_one_in_the_wrong_place_or_of_a_name_are_format_errors() {
    for (Packet query :
        List.of(
            Packet.of(APEX, 1).edns(1232).record(false, "00", RecordType.OPT, ""),
            Packet.of(APEX, 1).record(true, "00", RecordType.OPT, ""),
            Packet.of(APEX, 1).record(false, "c00c", RecordType.OPT, ""),
            Packet.of(APEX, 1).record(false, "00", RecordType.OPT, "000a"),
            Packet.of(APEX, 1).record(false, "00", RecordType.OPT, "000a0008ff"))) {
      assertThat(zone.udp(query).rcode()).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void a_format_error_has_a_bare_opt_where_the_query_had_one() {
    for (Packet query :
        List.of(
            Packet.of(APEX, 1).edns(4096).option(10, "00"),
            Packet.of(APEX, 1).subnet(1, 24, "c63364").option(10, "0011223344556677").option(8, ""),
            Packet.of(APEX, RecordType.TKEY).edns(1232))) {
      Reply reply = zone.udp(query);
      assertThat(reply.rcode()).isEqualTo(Rcode.FORMERR);
      assertThat(reply.opt()).isEqualTo(new Reply.Entry("", RecordType.OPT, 1232, 0, ""));
      assertThat(reply.additionals()).hasSize(1);
    }
    assertThat(zone.udp(Packet.of(APEX, RecordType.TKEY)).additionals()).isEmpty();
  }

  @Test
  void what_does_not_fit_is_truncated_over_udp_and_whole_over_tcp() {
    TestZone large = new TestZone(Zones.large(), 0);
    Packet query = Packet.of(APEX, RecordType.AAAA);
    Reply small = large.udp(query);
    assertThat(small.truncated()).isTrue();
    assertThat(small.answers()).isEmpty();
    assertThat(large.counters.countOf(DnsCounters.Lost.TRUNCATED)).isEqualTo(1);
    assertThat(large.tcp(query).answers()).hasSize(24);
    assertThat(large.tcp(query).truncated()).isFalse();
    assertThat(large.udp(query.edns(1232)).answers()).hasSize(24);
    byte[] whole = large.raw(query.edns(65_535).bytes(), TestZone.CLIENT, false);
    assertThat(whole.length).isLessThanOrEqualTo(1232);
    byte[] tiny = large.raw(query.edns(12).bytes(), TestZone.CLIENT, false);
    assertThat(tiny.length).as("less than 512 means 512").isLessThanOrEqualTo(512);
  }

  @Test
  void name_servers_that_do_not_fit_are_truncated_too_rather_than_cut_in_a_record() {
    TestZone many = new TestZone(Zones.manyServers(), 0);
    Packet query = Packet.of(APEX, RecordType.NS);
    Reply small = many.udp(query);
    assertThat(small.truncated()).isTrue();
    assertThat(small.answers()).isEmpty();
    assertThat(small.additionals()).isEmpty();
    Reply whole = many.tcp(query);
    assertThat(whole.truncated()).isFalse();
    assertThat(whole.answers()).hasSize(8);
    assertThat(whole.additionals()).hasSize(8);
    Reply withoutGlue = many.udp(query.edns(700));
    assertThat(withoutGlue.truncated()).as("only addresses did not fit").isFalse();
    assertThat(withoutGlue.answers()).hasSize(8);
    assertThat(withoutGlue.additionals()).hasSize(1);
  }

  @Test
  void weights_share_the_answers_out() {
    TestZone weighted = new TestZone(TestZone.settings(1, Order.WEIGHTED), 0);
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      seen.merge(weighted.udp(APEX, RecordType.A).data().getFirst(), 1, Integer::sum);
    }
    assertThat(seen.values()).hasSize(3).allMatch(count -> count > 850 && count < 1150);
  }

  @Test
  void the_quickest_comes_first_where_latency_decides() {
    TestZone quick = new TestZone(TestZone.settings(1, Order.LATENCY), 0);
    for (int i = 0; i < 100; i++) {
      var _ = quick.view.probeOk(0, 90_000_000, 1);
      var _ = quick.view.probeOk(1, 1_000_000, 1);
      var _ = quick.view.probeOk(2, 60_000_000, 1);
    }
    quick.nowNanos = 1;
    for (int i = 0; i < 20; i++) {
      assertThat(quick.udp(APEX, RecordType.A).data()).containsExactly(TestZone.US);
    }
  }

  @Test
  void a_query_on_which_this_program_fails_is_answered_with_servfail() {
    byte[] query = Packet.of(APEX, 1).flags(0x2100).bytes();
    System.arraycopy(query, 0, zone.work.in, 0, query.length);
    int bytes = Responder.failure(zone.work, query.length);
    assertThat(hex(java.util.Arrays.copyOf(zone.work.out, bytes)))
        .as("id, opcode and RD are copied")
        .isEqualTo("1234a1020000000000000000");
    assertThat(Responder.failure(zone.work, 11)).isZero();
    zone.work.in[2] |= (byte) 0x80;
    assertThat(Responder.failure(zone.work, query.length)).isZero();
  }

  @Test
  void every_answer_is_counted_by_transport_type_and_code() {
    var _ = zone.udp(APEX, RecordType.A);
    var _ = zone.tcp(Packet.of("nothing.rate.example", RecordType.TXT));
    Map<String, Long> counts = new HashMap<>();
    zone.counters.read((transport, type, rcode, n) -> counts.put(transport + type + rcode, n));
    assertThat(counts).containsOnly(Map.entry("udpanoerror", 1L), Map.entry("tcptxtnxdomain", 1L));
  }

  @Test
  void answering_a_query_for_addresses_allocates_nothing() {
    TestZone weighted = new TestZone(TestZone.settings(2, Order.WEIGHTED), 100_000);
    byte[] query = Packet.of("api.rate.example", 1).edns(1232).subnet(1, 24, "c63364").bytes();
    System.arraycopy(query, 0, weighted.work.in, 0, query.length);
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int i = 0; i < 3000; i++) {
      if (i == 2000) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      var _ = weighted.responder.answer(weighted.work, query.length, TestZone.CLIENT, false, i, 0);
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / 1000;
    assertThat(each).isLessThan(16);
  }

  @Test
  void the_golden_packets_are_the_same_byte_for_byte() {
    TestZone golden = new TestZone();
    String query =
        "abcd0100000100000000"
            + "0001"
            + "0472617465076578616d706c6500"
            + "00010001"
            + "0000291000000000000000";
    String answer =
        "abcd8500000100010000"
            + "0001"
            + "0472617465076578616d706c6500"
            + "00010001"
            + "c00c00010001000000050004c0000201"
            + "00002904d0000000000000";
    assertThat(hex(golden.raw(HexFormat.of().parseHex(query), TestZone.CLIENT, false)))
        .isEqualTo(answer);
    String missing =
        "abcd0000000100000000" + "0000" + "0178" + "0472617465076578616d706c6500" + "001c0001";
    String negative =
        "abcd8403000100000001"
            + "0000"
            + "0178"
            + "0472617465076578616d706c6500"
            + "001c0001"
            + "c00e00060001000000050027"
            + "036e7331c00e"
            + "0a686f73746d6173746572c00e"
            + "6b49d200"
            + "00000e10"
            + "00000258"
            + "00015180"
            + "00000005";
    assertThat(hex(golden.raw(HexFormat.of().parseHex(missing), TestZone.CLIENT, false)))
        .isEqualTo(negative);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
