package io.openclaw.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.steer.Cidr;
import io.openclaw.steer.SubnetTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who is nearest to a client, and for whom else the answer is good (RFC 7871). */
class SubnetTest {
  private static final Map<String, List<Cidr>> NEAREST =
      Map.of(
          "us", List.of(TestZone.cidr("203.0.113.0/24"), TestZone.cidr("2001:db8:5::/48")),
          "ap", List.of(TestZone.cidr("203.0.113.128/25"), TestZone.cidr("198.51.100.0/24")));

  private final TestZone zone = new TestZone(TestZone.settings(1, Order.LISTED, NEAREST), 0);

  @Test
  void a_clients_network_decides_and_the_longest_prefix_wins() {
    assertThat(ask(1, 25, "cb007100").data()).containsExactly(TestZone.US);
    assertThat(ask(1, 25, "cb007180").data()).containsExactly(TestZone.AP);
    assertThat(ask(1, 24, "cb0072").data()).as("nobody's").containsExactly(TestZone.EU);
    Reply reply = zone.udp(Packet.of("rate.example", 28).subnet(2, 56, "20010db8000500"));
    assertThat(reply.data()).containsExactly(TestZone.US_6);
  }

  @Test
  void the_scope_says_how_much_of_the_network_decided_and_never_more_than_was_told() {
    assertThat(scope(ask(1, 32, "cb007181"))).isEqualTo("0001" + "20" + "19" + "cb007181");
    assertThat(scope(ask(1, 24, "cb0071"))).isEqualTo("0001" + "18" + "18" + "cb0071");
    assertThat(scope(ask(1, 16, "cb00"))).isEqualTo("0001" + "10" + "10" + "cb00");
    assertThat(scope(ask(1, 8, "0a"))).as("not in the same half").isEqualTo("0001080" + "10a");
    assertThat(scope(ask(1, 0, ""))).isEqualTo("00010000");
    assertThat(scope(zone.udp(Packet.of("rate.example", 6).subnet(1, 24, "cb0071"))))
        .as("the same for all")
        .isEqualTo("00011800cb0071");
  }

  @Test
  void without_a_client_subnet_the_resolvers_address_decides() {
    assertThat(zone.udp("rate.example", 1).data()).containsExactly(TestZone.AP);
    assertThat(ask(1, 0, "").data()).as("a hidden one").containsExactly(TestZone.AP);
    byte[] reply =
        zone.raw(Packet.of("rate.example", 1).bytes(), TestZone.address("2001:db8:5::53"), false);
    assertThat(Reply.read(reply).data()).containsExactly(TestZone.US);
  }

  @Test
  void the_nearest_is_passed_over_while_it_is_down_and_the_others_follow_it() {
    zone.down(1);
    assertThat(ask(1, 25, "cb007100").data()).containsExactly(TestZone.EU);
    TestZone two = new TestZone(TestZone.settings(2, Order.LISTED, NEAREST), 0);
    Reply reply = two.udp(Packet.of("rate.example", 1).subnet(1, 25, "cb007180"));
    assertThat(reply.answers().stream().map(Reply.Entry::data))
        .containsExactly(TestZone.AP, TestZone.EU);
  }

  @Test
  void one_network_at_two_regions_is_refused() {
    List<Cidr> same = List.of(TestZone.cidr("203.0.113.0/24"));
    assertThatThrownBy(() -> new SubnetTable(Map.of(0, same, 1, same)))
        .hasMessageContaining("two places");
    assertThatThrownBy(() -> TestZone.cidr("203.0.113.1/24")).hasMessageContaining("first 24");
    assertThatThrownBy(() -> TestZone.cidr("203.0.113.0/33")).hasMessageContaining("0 to 32");
  }

  /**
   * Every address that shares the scope's bits gets the same region, as a list of networks says.
   */
  @Test
  void the_trie_finds_what_a_list_finds_and_its_scope_is_true() {
    SplittableRandom random = new SplittableRandom(5);
    assertThat(isRight(random, false)).isTrue();
  }

  @Test
  void the_same_check_finds_a_scope_that_is_a_bit_too_short() {
    SplittableRandom random = new SplittableRandom(5);
    assertThat(isRight(random, true)).isFalse();
  }

  private static boolean isRight(SplittableRandom random, boolean bug) {
    for (int round = 0; round < 200; round++) {
      List<List<Cidr>> networks = networks(random);
      SubnetTable table = new SubnetTable(Map.of(0, networks.get(0), 1, networks.get(1)));
      for (int i = 0; i < 200; i++) {
        long address = address(random);
        int found = table.find(false, address, 0, 32);
        int scope = SubnetTable.scope(found) - (bug && SubnetTable.scope(found) > 0 ? 1 : 0);
        long mask = Cidr.mask(scope);
        long neighbour = (address & mask) | (address(random) & ~mask);
        if (SubnetTable.region(found) != listed(networks, address)
            || listed(networks, neighbour) != SubnetTable.region(found)) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<List<Cidr>> networks(SplittableRandom random) {
    Set<Cidr> seen = new HashSet<>();
    List<List<Cidr>> networks = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = random.nextInt(30); i > 0; i--) {
      int bits = random.nextInt(33);
      Cidr network = new Cidr(false, address(random) & Cidr.mask(bits), 0, bits);
      if (seen.add(network)) {
        networks.get(random.nextInt(2)).add(network);
      }
    }
    return networks;
  }

  /** Few different ones, so that networks lie within each other. */
  private static long address(SplittableRandom random) {
    return (random.nextLong() & 0xC0C0_0303L) << 32;
  }

  private static int listed(List<List<Cidr>> networks, long address) {
    int region = -1;
    int longest = -1;
    for (int i = 0; i < networks.size(); i++) {
      for (Cidr network : networks.get(i)) {
        boolean in = (address & Cidr.mask(network.bits())) == network.high();
        if (in && network.bits() > longest) {
          longest = network.bits();
          region = i;
        }
      }
    }
    return region;
  }

  private Reply ask(int family, int bits, String address) {
    return zone.udp(Packet.of("rate.example", 1).subnet(family, bits, address));
  }

  /** The option's data in the answer. */
  private static String scope(Reply reply) {
    return reply.opt().data().substring(8);
  }
}
