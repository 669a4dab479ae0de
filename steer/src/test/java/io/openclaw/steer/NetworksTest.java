package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  private static final Networks TABLE =
      new Networks(
          Map.of(
              "0.0.0.0/0", List.of("all"),
              "10.0.0.0/8", List.of("ten"),
              "10.1.0.0/16", List.of("ten-one", "ten"),
              "10.1.2.3/32", List.of("host"),
              "2001:db8::/32", List.of("doc"),
              "2001:db8:0:1:8000::/65", List.of("half")),
          NetworksTest::literal);

  static byte[] literal(String text) {
    return InetAddress.ofLiteral(text).getAddress();
  }

  private static List<String> of(String address) throws UnknownHostException {
    return TABLE.of(InetAddress.getByName(address).getAddress());
  }

  @Test
  void the_longest_prefix_that_fits_counts() throws Exception {
    assertThat(of("10.1.2.3")).containsExactly("host");
    assertThat(of("10.1.2.4")).containsExactly("ten-one", "ten");
    assertThat(of("10.2.0.0")).containsExactly("ten");
    assertThat(of("11.0.0.0")).containsExactly("all");
    assertThat(of("2001:db8:0:1:7fff::1")).containsExactly("doc");
    assertThat(of("2001:db8:0:1:8000::1")).containsExactly("half");
    assertThat(of("2001:db9::1")).isEmpty();
  }

  @Test
  void an_ipv4_address_in_ipv6_form_is_ipv4() {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
    assertThat(TABLE.of(mapped)).containsExactly("host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "localhost/8",
        "::1/129",
        "300.0.0.0/8",
        "/8",
        ""
      })
  void what_is_no_network_is_refused(String network) {
    assertThatThrownBy(() -> new Networks(Map.of(network, List.of("eu")), NetworksTest::literal))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(network + " (expected: a network such as");
  }
}
