package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BalancersTest {
  private static final Balancers BALANCERS =
      new Balancers(List.of("10.0.0.0/8", "2001:db8:b::/48"), NetworksTest::literal);

  private static byte[] literal(String address) {
    return NetworksTest.literal(address);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # peer         | X-Forwarded-For                       | client
          198.51.100.1   | 192.0.2.7                             | 198.51.100.1
          10.0.0.1       | 192.0.2.7                             | 192.0.2.7
          10.0.0.1       | 203.0.113.9, 192.0.2.7                | 192.0.2.7
          10.0.0.1       | 192.0.2.7, 10.9.9.9,10.0.0.2          | 192.0.2.7
          10.0.0.1       | 10.9.9.9, 10.0.0.2                    | 10.9.9.9
          10.0.0.1       | 192.0.2.7, unknown                    | 10.0.0.1
          10.0.0.1       | 192.0.2.7, unknown, 10.0.0.3          | 10.0.0.3
          10.0.0.1       | 192.0.2.7:5000                        | 192.0.2.7
          10.0.0.1       | [2001:db8:c::7]:5000                  | 2001:db8:c::7
          2001:db8:b::1  | 2001:db8:c::7, 2001:db8:b::2          | 2001:db8:c::7
          ::ffff:10.0.0.1| 192.0.2.7                             | 192.0.2.7
          10.0.0.1       | ''                                    | 10.0.0.1
          10.0.0.1       | ','                                   | 10.0.0.1
          """)
  void the_client_is_the_last_on_the_way_that_is_no_balancer(
      String peer, String forwardedFor, String client) {
    assertThat(BALANCERS.client(literal(peer), List.of(forwardedFor))).isEqualTo(literal(client));
  }

  @Test
  void several_fields_are_one_way() {
    assertThat(BALANCERS.client(literal("10.0.0.1"), List.of("192.0.2.7", "10.0.0.2")))
        .isEqualTo(literal("192.0.2.7"));
    assertThat(BALANCERS.client(literal("10.0.0.1"), List.of())).isEqualTo(literal("10.0.0.1"));
  }

  @Test
  void without_balancers_nobody_is_believed() {
    assertThat(Balancers.NONE.client(literal("10.0.0.1"), List.of("192.0.2.7")))
        .isEqualTo(literal("10.0.0.1"));
  }

  @Test
  void wrong_networks_are_refused() {
    assertThatThrownBy(() -> new Balancers(List.of("10.0.0.1/8"), NetworksTest::literal))
        .hasMessageStartingWith("10.0.0.1/8 (expected: a network such as");
    assertThatThrownBy(
            () -> new Balancers(List.of("10.0.0.0/8", "10.0.0.0/8"), NetworksTest::literal))
        .hasMessage("networks of balancers: one is there twice");
  }
}
